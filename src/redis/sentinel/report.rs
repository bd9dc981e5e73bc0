//! Instances as SENTINEL MASTER and the like show them, and INFO's section.

use super::{Id, Instance, Kind, Sentinel, Watch, flag};
use resp::Reply;
use std::fmt::Write;

/// Fields and their values.
struct Fields(Vec<(&'static str, String)>);

impl Fields {
    fn text(&mut self, name: &'static str, value: &str) {
        self.0.push((name, value.to_owned()));
    }

    fn number(&mut self, name: &'static str, value: i64) {
        self.0.push((name, value.to_string()));
    }
}

/// Words of the flags field, in its order.
const WORDS: [(u32, &str); 11] = [
    (flag::MASTER_DOWN, "master_down"),
    (flag::FAILOVER, "failover_in_progress"),
    (flag::PROMOTED, "promoted"),
    (flag::RECONF_SENT, "reconf_sent"),
    (flag::RECONF_INPROG, "reconf_inprog"),
    (flag::RECONF_DONE, "reconf_done"),
    (flag::FORCE_FAILOVER, "force_failover"),
    (flag::SCRIPT_KILL_SENT, "script_kill_sent"),
    (flag::REBOOT, "master_reboot"),
    (flag::S_DOWN, "s_down"),
    (flag::O_DOWN, "o_down"),
];

impl Sentinel {
    fn flag_words(&self, id: Id) -> String {
        let i = self.at(id);
        let (later, first) = WORDS.split_at(9);
        let set = |words: &[(u32, &'static str)]| {
            words.iter().filter(|(bit, _)| i.has(*bit)).map(|(_, word)| *word).collect::<Vec<_>>()
        };
        let mut all = set(first);
        all.push(i.kind.word());
        if self.link_of(id).disconnected {
            all.push("disconnected");
        }
        all.extend(set(later));
        all.join(",")
    }

    fn fields(&self, id: Id, now: i64) -> Fields {
        let (i, link) = (self.at(id), self.link_of(id));
        let mut f = Fields(Vec::new());
        f.text("name", &i.name);
        f.text("ip", self.shown(&i.addr));
        f.number("port", i64::from(i.addr.port));
        f.text("runid", i.run_id.as_deref().unwrap_or_default());
        f.text("flags", &self.flag_words(id));
        f.number("link-pending-commands", link.pending);
        f.number("link-refcount", link.refs);
        if i.has(flag::FAILOVER) {
            f.text("failover-state", i.state.word());
        }
        f.number("last-ping-sent", if link.act_ping == 0 { 0 } else { now - link.act_ping });
        f.number("last-ok-ping-reply", now - link.last_avail);
        f.number("last-ping-reply", now - link.last_pong);
        if i.has(flag::S_DOWN) {
            f.number("s-down-time", now - i.s_down_since);
        }
        if i.has(flag::O_DOWN) {
            f.number("o-down-time", now - i.o_down_since);
        }
        f.number("down-after-milliseconds", i.down_after);
        if i.kind != Kind::Sentinel {
            f.number("info-refresh", if i.info_refresh == 0 { 0 } else { now - i.info_refresh });
            f.text("role-reported", if i.role == Some(Kind::Master) { "master" } else { "slave" });
            f.number("role-reported-time", now - i.role_since);
        }
        match i.kind {
            Kind::Master => master_fields(i, &mut f),
            Kind::Replica => replica_fields(i, &mut f),
            Kind::Sentinel => {
                f.number("last-hello-message", now - i.last_hello);
                f.text("voted-leader", i.leader.as_deref().unwrap_or("?"));
                f.number("voted-leader-epoch", i.leader_epoch.cast_signed());
            }
        }
        f
    }
}

fn master_fields(i: &Instance, f: &mut Fields) {
    f.number("config-epoch", i.config_epoch.cast_signed());
    f.number("num-slaves", i.replicas.len() as i64);
    f.number("num-other-sentinels", i.sentinels.len() as i64);
    f.number("quorum", i.quorum);
    f.number("failover-timeout", i.failover_timeout);
    f.number("parallel-syncs", i.parallel_syncs);
    if let Some(script) = &i.notification_script {
        f.text("notification-script", script);
    }
    if let Some(script) = &i.client_reconfig_script {
        f.text("client-reconfig-script", script);
    }
}

fn replica_fields(i: &Instance, f: &mut Fields) {
    f.number("master-link-down-time", i.link_down_time);
    f.text("master-link-status", if i.master_link_up { "ok" } else { "err" });
    f.text("master-host", i.master_host.as_deref().unwrap_or("?"));
    f.number("master-port", i.master_port);
    f.number("slave-priority", i.priority);
    f.number("slave-repl-offset", i.offset.cast_signed());
    f.number("replica-announced", i64::from(i.announced));
}

impl Watch<'_> {
    /// Writes an instance.
    pub fn reply_instance(&self, id: Id, out: &mut Reply) {
        let fields = self.me.fields(id, self.now()).0;
        out.map(fields.len());
        for (name, value) in fields {
            out.text(name);
            out.bulk(&machine::text::to_bytes(&value));
        }
    }

    /// Writes instances; replicas that do not want to be announced are left out.
    pub fn reply_instances(&self, ids: &[Id], out: &mut Reply) {
        let shown = |id: &&Id| !self.is(**id, Kind::Replica) || self.me.at(**id).announced;
        let shown: Vec<&Id> = ids.iter().filter(shown).collect();
        out.array(shown.len());
        shown.iter().for_each(|id| self.reply_instance(**id, out));
    }

    /// SENTINEL INFO-CACHE of masters and their replicas.
    pub fn reply_info_cache(&self, masters: &[Id], out: &mut Reply) {
        let now = self.now();
        out.array(masters.len() * 2);
        for master in masters {
            let replicas = self.me.replicas_of(*master);
            out.text(&self.me.at(*master).name);
            out.array(1 + replicas.len());
            for id in std::iter::once(*master).chain(replicas) {
                let instance = self.me.at(id);
                out.array(2);
                out.int(if self.me.at(*master).info_refresh == 0 { 0 } else { now - instance.info_refresh });
                match &instance.info {
                    Some(text) => out.bulk(text),
                    None => out.null(),
                }
            }
        }
    }

    /// The section `sentinel` of INFO.
    pub fn info_section(&self, o: &mut String) {
        let (running, scripts) = self.script_counts();
        let now = self.now();
        let me = &*self.me;
        let since = me.tilt_since.map_or(-1, |since| (now - since) / 1000);
        let _ = write!(
            o,
            "# Sentinel\nsentinel_masters:{}\nsentinel_tilt:{}\nsentinel_tilt_since_seconds:{since}\nsentinel_total_tilt:{}\nsentinel_running_scripts:{running}\nsentinel_scripts_queue_length:{scripts}\nsentinel_simulate_failure_flags:{}\n",
            me.masters.len(),
            u8::from(me.tilt_since.is_some()),
            me.total_tilt,
            me.simulate
        );
        for (n, id) in me.all_masters().into_iter().enumerate() {
            let i = me.at(id);
            let status = match (i.has(flag::O_DOWN), i.has(flag::S_DOWN)) {
                (true, _) => "odown",
                (false, true) => "sdown",
                _ => "ok",
            };
            let _ = writeln!(
                o,
                "master{n}:name={},status={status},address={}:{},slaves={},sentinels={}",
                i.name,
                me.shown(&i.addr),
                i.addr.port,
                i.replicas.len(),
                i.sentinels.len() + 1
            );
        }
    }
}
