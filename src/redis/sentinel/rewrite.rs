//! What is written to the configuration file.

use super::{Id, Instance, Sentinel};

/// A `sentinel` line of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which old lines it may take the place of: `sentinel monitor`.
    pub key: &'static str,
    /// The line.
    pub text: String,
    /// Whether it is added where there is no old line.
    pub force: bool,
}

/// All kinds of lines: those of these that nothing replaces go away.
pub const KEYS: [&str; 25] = [
    "sentinel myid",
    "sentinel deny-scripts-reconfig",
    "sentinel resolve-hostnames",
    "sentinel announce-hostnames",
    "sentinel current-epoch",
    "sentinel announce-ip",
    "sentinel announce-port",
    "sentinel sentinel-user",
    "sentinel sentinel-pass",
    "sentinel monitor",
    "sentinel down-after-milliseconds",
    "sentinel failover-timeout",
    "sentinel parallel-syncs",
    "sentinel notification-script",
    "sentinel client-reconfig-script",
    "sentinel auth-pass",
    "sentinel auth-user",
    "sentinel config-epoch",
    "sentinel leader-epoch",
    "sentinel known-slave",
    "sentinel known-replica",
    "sentinel known-sentinel",
    "sentinel rename-command",
    "sentinel master-reboot-down-after-period",
    "save",
];

struct Lines(Vec<Line>);

impl Lines {
    fn put(&mut self, key: &'static str, value: &str, force: bool) {
        self.0.push(Line { key, text: format!("{key} {value}"), force });
    }

    fn put_if(&mut self, key: &'static str, value: Option<String>) {
        if let Some(value) = value {
            self.put(key, &value, true);
        }
    }
}

impl Sentinel {
    /// Its lines, in the order in which they are added.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Lines(Vec::new());
        let word = |yes: bool| if yes { "yes" } else { "no" };
        lines.put("sentinel myid", &self.my_id, true);
        lines.put("sentinel deny-scripts-reconfig", word(self.deny_scripts_reconfig), !self.deny_scripts_reconfig);
        lines.put("sentinel resolve-hostnames", word(self.resolve_hostnames), self.resolve_hostnames);
        lines.put("sentinel announce-hostnames", word(self.announce_hostnames), self.announce_hostnames);
        for id in self.all_masters() {
            self.master_lines(id, &mut lines);
        }
        lines.put("sentinel current-epoch", &self.current_epoch.to_string(), true);
        let ip = self.announce_ip.as_ref().map(|ip| resp::repr(&machine::text::to_bytes(ip)));
        lines.put_if("sentinel announce-ip", ip);
        let port = (self.announce_port != 0).then(|| self.announce_port.to_string());
        lines.put_if("sentinel announce-port", port);
        lines.put_if("sentinel sentinel-user", self.auth_user.clone());
        lines.put_if("sentinel sentinel-pass", self.auth_pass.clone());
        lines.0
    }

    fn master_lines(&self, id: Id, lines: &mut Lines) {
        let m = self.at(id);
        let name = &m.name;
        let addr = self.current_address(m);
        lines.put("sentinel monitor", &format!("{name} {} {} {}", self.shown(&addr), addr.port, m.quorum), true);
        let about = |value: Option<String>| value.map(|value| format!("{name} {value}"));
        let unless = |value: i64, default: i64| about((value != default).then(|| value.to_string()));
        lines.put_if("sentinel down-after-milliseconds", unless(m.down_after, self.periods.down_after));
        lines.put_if("sentinel failover-timeout", unless(m.failover_timeout, self.periods.failover_timeout));
        lines.put_if("sentinel parallel-syncs", unless(m.parallel_syncs, 1));
        lines.put_if("sentinel notification-script", about(m.notification_script.clone()));
        lines.put_if("sentinel client-reconfig-script", about(m.client_reconfig_script.clone()));
        lines.put_if("sentinel auth-pass", about(m.auth_pass.clone()));
        lines.put_if("sentinel auth-user", about(m.auth_user.clone()));
        lines.put_if("sentinel master-reboot-down-after-period", unless(m.reboot_down_after, 0));
        lines.put("sentinel config-epoch", &format!("{name} {}", m.config_epoch), true);
        lines.put("sentinel leader-epoch", &format!("{name} {}", m.leader_epoch), true);
        self.known_lines(m, &addr, lines);
        for (old, new) in m.renamed.values() {
            lines.put("sentinel rename-command", &format!("{name} {old} {new}"), true);
        }
    }

    fn known_lines(&self, m: &Instance, addr: &super::Address, lines: &mut Lines) {
        for id in m.replicas.values() {
            // Where the replica is the master by now, the old master is the replica.
            let known = &self.at(*id).addr;
            let known = if known.same(addr) { &m.addr } else { known };
            let value = format!("{} {} {}", m.name, self.shown(known), known.port);
            lines.put("sentinel known-replica", &value, true);
        }
        for id in m.sentinels.values() {
            let other = self.at(*id);
            if let Some(run_id) = &other.run_id {
                let value = format!("{} {} {} {run_id}", m.name, self.shown(&other.addr), other.addr.port);
                lines.put("sentinel known-sentinel", &value, true);
            }
        }
    }
}
