//! What is known of one server: a master, a replica or another Sentinel.

use super::Address;
use std::collections::BTreeMap;

/// An instance's number; never used again.
pub type Id = u32;

/// What an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A master.
    Master,
    /// A replica.
    Replica,
    /// Another Sentinel.
    Sentinel,
}

impl Kind {
    /// The word in events.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Master => "master",
            Kind::Replica => "slave",
            Kind::Sentinel => "sentinel",
        }
    }
}

/// What holds of an instance.
#[allow(missing_docs)]
pub mod flag {
    pub const S_DOWN: u32 = 1 << 3;
    pub const O_DOWN: u32 = 1 << 4;
    pub const MASTER_DOWN: u32 = 1 << 5;
    pub const FAILOVER: u32 = 1 << 6;
    pub const PROMOTED: u32 = 1 << 7;
    pub const RECONF_SENT: u32 = 1 << 8;
    pub const RECONF_INPROG: u32 = 1 << 9;
    pub const RECONF_DONE: u32 = 1 << 10;
    pub const FORCE_FAILOVER: u32 = 1 << 11;
    pub const SCRIPT_KILL_SENT: u32 = 1 << 12;
    pub const REBOOT: u32 = 1 << 13;
}

/// How far a failover is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum State {
    None,
    WaitStart,
    SelectReplica,
    SendNoOne,
    WaitPromotion,
    ReconfReplicas,
    UpdateConfig,
}

impl State {
    /// The word in SENTINEL MASTER.
    pub fn word(self) -> &'static str {
        match self {
            State::None => "none",
            State::WaitStart => "wait_start",
            State::SelectReplica => "select_slave",
            State::SendNoOne => "send_slaveof_noone",
            State::WaitPromotion => "wait_promotion",
            State::ReconfReplicas => "reconf_slaves",
            State::UpdateConfig => "update_config",
        }
    }
}

/// An instance.
#[derive(Clone, Debug)]
pub struct Instance {
    /// What it is.
    pub kind: Kind,
    /// Of [`flag`].
    pub flags: u32,
    /// A master's name, a replica's address, a Sentinel's id.
    pub name: String,
    /// What it says its run is called; a Sentinel's id.
    pub run_id: Option<String>,
    /// The epoch of the configuration: of masters.
    pub config_epoch: u64,
    /// Where it is.
    pub addr: Address,
    /// Number of its link; several instances that are the same Sentinel share one.
    pub link: u32,
    /// When a hello was last published there.
    pub last_pub: i64,
    /// When it was last heard of by a hello: of Sentinels.
    pub last_hello: i64,
    /// When it last said what it thinks of the master: of Sentinels.
    pub last_opinion: i64,
    /// Since when it is down, to this Sentinel.
    pub s_down_since: i64,
    /// Since when it is down, to enough Sentinels.
    pub o_down_since: i64,
    /// Silent for so long, it is down.
    pub down_after: i64,
    /// Silent for so long after a restart, it is down.
    pub reboot_down_after: i64,
    /// When it was seen to have restarted.
    pub reboot_since: i64,
    /// When INFO last came.
    pub info_refresh: i64,
    /// Commands that are called otherwise there: in small letters, as given, the new name.
    pub renamed: BTreeMap<String, (String, String)>,
    /// What it says it is.
    pub role: Option<Kind>,
    /// Since when.
    pub role_since: i64,
    /// When it began to follow the master it follows.
    pub conf_changed: i64,
    /// Other Sentinels of this master.
    pub sentinels: BTreeMap<String, Id>,
    /// Replicas of this master.
    pub replicas: BTreeMap<String, Id>,
    /// How many Sentinels have to agree.
    pub quorum: i64,
    /// How many replicas may synchronise at once.
    pub parallel_syncs: i64,
    /// Password of the master and its replicas.
    pub auth_pass: Option<String>,
    /// User there.
    pub auth_user: Option<String>,
    /// For how long a replica's link with its master is down.
    pub link_down_time: i64,
    /// `replica-priority`
    pub priority: i64,
    /// `replica-announced`
    pub announced: bool,
    /// When it was told to follow the new master.
    pub reconf_sent: i64,
    /// Its master: of replicas and Sentinels.
    pub master: Option<Id>,
    /// The master a replica says it follows.
    pub master_host: Option<String>,
    /// Its port.
    pub master_port: i64,
    /// Whether it says that its link with it works.
    pub master_link_up: bool,
    /// How much of the stream it has.
    pub offset: u64,
    /// Whom this Sentinel voted for (of masters), or that one (of Sentinels).
    pub leader: Option<String>,
    /// In which epoch.
    pub leader_epoch: u64,
    /// The epoch of the failover in progress.
    pub failover_epoch: u64,
    /// How far it is.
    pub state: State,
    /// Since when.
    pub state_since: i64,
    /// When the last one began.
    pub failover_start: i64,
    /// How long one may take.
    pub failover_timeout: i64,
    /// For which beginning the log already has the delay.
    pub delay_logged: i64,
    /// The replica that becomes the master.
    pub promoted: Option<Id>,
    /// Called with every warning.
    pub notification_script: Option<String>,
    /// Called when the master changes.
    pub client_reconfig_script: Option<String>,
    /// The last INFO.
    pub info: Option<Vec<u8>>,
}

impl Instance {
    /// One that was not heard of yet. `now`: Unix milliseconds.
    pub fn new(kind: Kind, name: String, addr: Address, link: u32, now: i64) -> Instance {
        Instance {
            kind,
            flags: 0,
            name,
            run_id: None,
            config_epoch: 0,
            addr,
            link,
            last_pub: now,
            last_hello: now,
            last_opinion: now,
            s_down_since: 0,
            o_down_since: 0,
            down_after: 0,
            reboot_down_after: 0,
            reboot_since: 0,
            info_refresh: 0,
            renamed: BTreeMap::new(),
            role: Some(kind).filter(|k| *k != Kind::Sentinel),
            role_since: now,
            conf_changed: now,
            sentinels: BTreeMap::new(),
            replicas: BTreeMap::new(),
            quorum: 0,
            parallel_syncs: 1,
            auth_pass: None,
            auth_user: None,
            link_down_time: 0,
            priority: 100,
            announced: true,
            reconf_sent: 0,
            master: None,
            master_host: None,
            master_port: 0,
            master_link_up: false,
            offset: 0,
            leader: None,
            leader_epoch: 0,
            failover_epoch: 0,
            state: State::None,
            state_since: 0,
            failover_start: 0,
            failover_timeout: 0,
            delay_logged: 0,
            promoted: None,
            notification_script: None,
            client_reconfig_script: None,
            info: None,
        }
    }

    /// Whether any of these flags is set.
    pub fn has(&self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// Whether there was no word of it being down in the last milliseconds.
    pub fn was_up_for(&self, now: i64, ms: i64) -> bool {
        let last = self.s_down_since.max(self.o_down_since);
        last == 0 || now - last > ms
    }
}

/// Stands for an instance that is gone.
pub fn nobody() -> Instance {
    Instance::new(Kind::Sentinel, String::new(), Address::default(), 0, 0)
}
