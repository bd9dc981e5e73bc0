//! What INFO tells of an instance.

use super::{Id, Kind, Watch, flag};
use crate::server::Level;
use crate::server::number::{atoi, atoll};
use machine::text::from_bytes;

/// Digits of a run id.
const RUN_ID: usize = 40;

/// Address and port in a master's line about a replica, in the form of today or of before 2.8.
fn replica_line(line: &str) -> Option<(String, i64)> {
    let field = |name: &str| line.split_once(name)?.1.split(',').next();
    let (ip, port) = match field("ip=") {
        Some(ip) => (ip, field("port=")?),
        None => {
            let mut words = line.split_once(':')?.1.split(',');
            let (ip, port) = (words.next()?, words.next()?);
            words.next()?;
            (ip, port)
        }
    };
    Some((ip.to_owned(), atoi(port.as_bytes())))
}

impl Watch<'_> {
    /// INFO came.
    pub(super) fn refresh(&mut self, id: Id, text: &[u8]) {
        let now = self.now();
        let instance = self.me.at_mut(id);
        instance.info = Some(text.to_vec());
        instance.link_down_time = 0;
        let text = from_bytes(text);
        let mut role = None;
        for line in text.split("\r\n") {
            if line.starts_with("role:master") {
                role = Some(Kind::Master);
            } else if line.starts_with("role:slave") {
                role = Some(Kind::Replica);
            }
            self.info_line(id, line);
            if role == Some(Kind::Replica) {
                self.replica_info(id, line);
            }
        }
        self.me.at_mut(id).info_refresh = now;
        self.role_told(id, role);
    }

    fn info_line(&mut self, id: Id, line: &str) {
        if let Some(run_id) = line.strip_prefix("run_id:").and_then(|rest| rest.get(..RUN_ID)) {
            self.run_told(id, run_id);
        } else if let Some(seconds) = line.strip_prefix("master_link_down_since_seconds:") {
            self.me.at_mut(id).link_down_time = atoll(seconds.as_bytes()).saturating_mul(1000);
        }
        let about_replica =
            line.strip_prefix("slave").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if self.is(id, Kind::Master)
            && about_replica
            && let Some((ip, port)) = replica_line(line)
        {
            self.replica_told(id, &ip, port);
        }
    }

    fn run_told(&mut self, id: Id, run_id: &str) {
        let now = self.now();
        let instance = self.me.at_mut(id);
        let known = instance.run_id.replace(run_id.to_owned());
        if known.is_some_and(|known| known != run_id) {
            if instance.kind == Kind::Master && instance.reboot_down_after != 0 {
                instance.flags |= flag::REBOOT;
                instance.reboot_since = now;
            }
            self.event(Level::Notice, "+reboot", id, "");
        }
    }

    fn replica_told(&mut self, master: Id, ip: &str, port: i64) {
        let known = match self.me.address(self.server.host.as_mut(), ip, port, false) {
            Ok(addr) => self.me.at(master).replicas.contains_key(&self.me.with_port(&addr)),
            Err(_) => false,
        };
        if !known && self.add_replica(master, ip, port).is_some() {
            self.save();
        }
    }

    fn replica_info(&mut self, id: Id, line: &str) {
        let now = self.now();
        let Some((field, value)) = line.split_once(':') else { return };
        let replica = self.me.at_mut(id);
        match field {
            "master_host" if !replica.master_host.as_ref().is_some_and(|host| host.eq_ignore_ascii_case(value)) => {
                replica.master_host = Some(value.to_owned());
                replica.conf_changed = now;
            }
            "master_port" if replica.master_port != atoi(value.as_bytes()) => {
                replica.master_port = atoi(value.as_bytes());
                replica.conf_changed = now;
            }
            "master_link_status" => replica.master_link_up = value.eq_ignore_ascii_case("up"),
            "slave_priority" => replica.priority = atoi(value.as_bytes()),
            "slave_repl_offset" => replica.offset = atoll(value.as_bytes()).max(0).unsigned_abs(),
            "replica_announced" => replica.announced = atoi(value.as_bytes()) != 0,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_read_in_both_forms() {
        let read = |line| replica_line(line);
        assert_eq!(read("slave0:ip=10.0.0.2,port=6380,state=online"), Some(("10.0.0.2".to_owned(), 6380)));
        assert_eq!(read("slave0:10.0.0.2,6380,online"), Some(("10.0.0.2".to_owned(), 6380)));
        assert_eq!(read("slave0:10.0.0.2"), None);
    }
}
