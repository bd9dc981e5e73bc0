//! `sentinel` lines of the configuration file.

use super::masters::Wanted;
use super::{Id, Kind, Sentinel};
use crate::config::file::BadLine;
use crate::server::Host;
use crate::server::number::atoi;

/// What a line does; taken in this order, wherever it stands.
fn turn(word: &str) -> u8 {
    match word {
        "announce-ip"
        | "announce-port"
        | "deny-scripts-reconfig"
        | "sentinel-user"
        | "sentinel-pass"
        | "current-epoch"
        | "myid"
        | "resolve-hostnames"
        | "announce-hostnames" => 0,
        "monitor" => 1,
        _ => 2,
    }
}

/// `yes` or `no`.
pub fn yes_no(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn epoch(word: &str) -> u64 {
    let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    word.get(..end).unwrap_or_default().parse().unwrap_or(0)
}

fn given(word: &str) -> Option<String> {
    Some(word.to_owned()).filter(|word| !word.is_empty())
}

type Outcome = Result<(), &'static str>;

const NO_MASTER: &str = "No such master with specified name.";

impl Sentinel {
    /// Reads all lines of the file that begin with `sentinel`. `now`: Unix milliseconds.
    pub fn load(lines: &[crate::config::SentinelLine], host: &mut dyn Host, now: i64) -> Result<Sentinel, BadLine> {
        let mut me = Sentinel::new(now);
        for wanted in 0..3 {
            for line in lines {
                let mut words: Vec<&str> = line.words.iter().map(String::as_str).collect();
                let Some(first) = words.first_mut() else { continue };
                let name = first.to_ascii_lowercase();
                if turn(&name) != wanted {
                    continue;
                }
                *first = &name;
                let bad =
                    |reason: &str| BadLine { number: line.number, line: line.text.clone(), reason: reason.to_owned() };
                me.directive(&words, host, now).map_err(bad)?;
            }
        }
        Ok(me)
    }

    fn directive(&mut self, words: &[&str], host: &mut dyn Host, now: i64) -> Outcome {
        match *words {
            ["announce-ip", ip] => self.announce_ip = given(ip).or(self.announce_ip.take()),
            ["announce-port", port] => self.announce_port = atoi(port.as_bytes()),
            ["sentinel-user", user] => self.auth_user = given(user).or(self.auth_user.take()),
            ["sentinel-pass", pass] => self.auth_pass = given(pass).or(self.auth_pass.take()),
            ["current-epoch", word] => self.current_epoch = self.current_epoch.max(epoch(word)),
            ["myid", id] if id.len() == 40 => id.clone_into(&mut self.my_id),
            ["myid", _] => return Err("Malformed Sentinel id in myid option."),
            ["deny-scripts-reconfig", word] => {
                self.deny_scripts_reconfig =
                    yes_no(word).ok_or("Please specify yes or no for the deny-scripts-reconfig options.")?;
            }
            ["resolve-hostnames", word] => {
                self.resolve_hostnames =
                    yes_no(word).ok_or("Please specify yes or no for the resolve-hostnames option.")?;
            }
            ["announce-hostnames", word] => {
                self.announce_hostnames =
                    yes_no(word).ok_or("Please specify yes or no for the announce-hostnames option.")?;
            }
            ["monitor", name, ip, port, quorum] => {
                let quorum = atoi(quorum.as_bytes());
                if quorum <= 0 {
                    return Err("Quorum must be 1 or greater.");
                }
                let port = atoi(port.as_bytes());
                let wanted = Wanted { kind: Kind::Master, name, host: ip, port, quorum, master: None };
                self.create(host, now, wanted).map_err(|e| e.text("Duplicate master name."))?;
            }
            [_, name, ..] => return self.master_directive(words, name, host, now),
            _ => return Err("Unrecognized sentinel configuration statement."),
        }
        Ok(())
    }

    /// Lines about one master.
    fn master_directive(&mut self, words: &[&str], name: &str, host: &mut dyn Host, now: i64) -> Outcome {
        let known = self.masters.get(name).copied();
        let id = known.unwrap_or_default();
        let of_master = matches!(
            *words,
            ["down-after-milliseconds" | "failover-timeout" | "parallel-syncs" | "notification-script", _, _]
                | ["client-reconfig-script" | "auth-pass" | "auth-user" | "config-epoch" | "leader-epoch", _, _]
                | ["master-reboot-down-after-period", _, _]
                | ["known-slave" | "known-replica" | "rename-command", _, _, _]
                | ["known-sentinel", _, _, _, _]
        );
        if matches!(*words, ["known-sentinel", _, _, _]) {
            // The form without an id, of old versions.
            return Ok(());
        }
        if !of_master {
            return Err("Unrecognized sentinel configuration statement.");
        }
        if known.is_none() {
            return Err(NO_MASTER);
        }
        match *words {
            ["known-slave" | "known-replica", _, ip, port] => self.known_replica(id, ip, port, host, now),
            ["known-sentinel", _, ip, port, run_id] => self.known_sentinel(id, ip, port, run_id, host, now),
            ["rename-command", _, old, new] => {
                let key = old.to_ascii_lowercase();
                let renamed = &mut self.at_mut(id).renamed;
                if renamed.contains_key(&key) {
                    return Err("Same command renamed multiple times with rename-command.");
                }
                renamed.insert(key, (old.to_owned(), new.to_owned()));
                Ok(())
            }
            [what, _, value] => self.master_value(id, what, value, host),
            _ => Ok(()),
        }
    }

    fn master_value(&mut self, id: Id, what: &str, value: &str, host: &mut dyn Host) -> Outcome {
        let number = atoi(value.as_bytes());
        let current = self.current_epoch;
        let master = self.at_mut(id);
        match what {
            "down-after-milliseconds" | "failover-timeout" if number <= 0 => {
                return Err("negative or zero time parameter.");
            }
            "down-after-milliseconds" => {
                master.down_after = number;
                self.spread_down_after(id);
            }
            "failover-timeout" => master.failover_timeout = number,
            "parallel-syncs" => master.parallel_syncs = number,
            "notification-script" => {
                if !host.can_execute(value) {
                    return Err("Notification script seems non existing or non executable.");
                }
                master.notification_script = Some(value.to_owned());
            }
            "client-reconfig-script" => {
                if !host.can_execute(value) {
                    return Err("Client reconfiguration script seems non existing or non executable.");
                }
                master.client_reconfig_script = Some(value.to_owned());
            }
            "auth-pass" => master.auth_pass = Some(value.to_owned()),
            "auth-user" => master.auth_user = Some(value.to_owned()),
            "config-epoch" => {
                master.config_epoch = epoch(value);
                self.current_epoch = current.max(epoch(value));
            }
            "leader-epoch" => master.leader_epoch = epoch(value),
            _ if number < 0 => return Err("negative time parameter."),
            _ => master.reboot_down_after = number,
        }
        Ok(())
    }

    fn known_replica(&mut self, master: Id, ip: &str, port: &str, host: &mut dyn Host, now: i64) -> Outcome {
        let quorum = self.at(master).quorum;
        let port = atoi(port.as_bytes());
        let wanted = Wanted { kind: Kind::Replica, name: "", host: ip, port, quorum, master: Some(master) };
        let made = self.create(host, now, wanted);
        made.map(drop).map_err(|e| e.text("Duplicate hostname and port for replica."))
    }

    fn known_sentinel(
        &mut self,
        master: Id,
        ip: &str,
        port: &str,
        run_id: &str,
        host: &mut dyn Host,
        now: i64,
    ) -> Outcome {
        let quorum = self.at(master).quorum;
        let port = atoi(port.as_bytes());
        let wanted = Wanted { kind: Kind::Sentinel, name: run_id, host: ip, port, quorum, master: Some(master) };
        let id = self.create(host, now, wanted).map_err(|e| e.text("Duplicate runid for sentinel."))?;
        self.at_mut(id).run_id = Some(run_id.to_owned());
        Ok(())
    }
}
