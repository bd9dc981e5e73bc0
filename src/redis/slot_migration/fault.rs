//! What DEBUG lets go wrong: connections that break in a certain state, and how keys are dropped.

use super::State;
use crate::server::Server;

/// One of the four ends of a migration's two connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // see `NAMES`
pub enum Channel {
    ImportMain,
    ImportSnapshot,
    MigrateMain,
    MigrateSnapshot,
}

const NAMES: [(Channel, &str); 4] = [
    (Channel::ImportMain, "import-main-channel"),
    (Channel::ImportSnapshot, "import-rdb-channel"),
    (Channel::MigrateMain, "migrate-main-channel"),
    (Channel::MigrateSnapshot, "migrate-rdb-channel"),
];

/// How the keys of slots that this node lost are dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrimMethod {
    /// As a server does by itself.
    #[default]
    Default,
    /// Not at all.
    Nothing,
    /// All at once, their memory later.
    Background,
    /// One by one.
    Active,
}

/// What DEBUG set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fault {
    point: Option<(Channel, State)>,
    /// ASM-TRIM-METHOD.
    pub trim: TrimMethod,
    /// How long the server pauses for before it drops a key, in microseconds; where negative, it drops none.
    pub delay: i64,
}

impl Server {
    /// DEBUG ASM-FAILPOINT. False where the words name nothing.
    pub(crate) fn set_migration_fault(&mut self, channel: &[u8], state: &[u8]) -> bool {
        self.slot_migration.fault.point = None;
        if channel.is_empty() && state.is_empty() {
            self.warn("ASM fail point is cleared");
            return true;
        }
        let found = NAMES.iter().find(|(_, name)| name.as_bytes().eq_ignore_ascii_case(channel));
        let (Some((channel, name)), Some(state)) = (found, State::named(state)) else { return false };
        self.slot_migration.fault.point = Some((*channel, state));
        self.notice(&format!("ASM fail point set: channel={name}, state={}", state.name()));
        true
    }

    /// Whether something is to go wrong here.
    pub(super) fn migration_fault(&mut self, channel: Channel, state: State) -> bool {
        let hit = self.slot_migration.fault.point == Some((channel, state));
        if hit {
            let name = NAMES.iter().find(|(c, _)| *c == channel).map_or("", |(_, name)| name);
            self.notice(&format!("ASM fail point active: channel={name}, state={}", state.name()));
        }
        hit
    }

    /// DEBUG ASM-TRIM-METHOD. False where there is no such method.
    pub(crate) fn set_trim_method(&mut self, name: &[u8], delay: i64) -> bool {
        let (method, name) = match name.to_ascii_lowercase().as_slice() {
            b"default" => (TrimMethod::Default, "default"),
            b"none" => (TrimMethod::Nothing, "none"),
            b"bg" => (TrimMethod::Background, "bg"),
            b"active" => (TrimMethod::Active, "active"),
            _ => return false,
        };
        let before = std::mem::replace(&mut self.slot_migration.fault.trim, method);
        if before == TrimMethod::Nothing && method != TrimMethod::Nothing {
            for slot in 0..crate::keyspace::slots::SLOTS {
                if self.cluster.as_ref().is_some_and(|c| c.owners.get(slot) != Some(&c.myself)) {
                    self.delete_slot_keys(slot);
                }
            }
        }
        self.slot_migration.fault.delay = delay;
        self.notice(&format!("ASM trim method was set={name}, active_trim_delay={delay}"));
        true
    }
}
