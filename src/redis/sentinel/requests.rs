//! What SENTINEL's subcommands ask for.

use super::masters::Wanted;
use super::{Id, Kind, Watch, flag};
use crate::server::{Fail, Level, Res, glob};
use resp::Reply;

impl Watch<'_> {
    /// SENTINEL CKQUORUM: how many Sentinels can be relied on; the error's text where that is not enough.
    pub fn check_quorum(&self, master: Id) -> Result<i64, String> {
        let others = self.me.sentinels_of(master);
        let voters = others.len() as i64 + 1;
        let alive = |id: &&Id| !self.me.at(**id).has(flag::S_DOWN | flag::O_DOWN);
        let usable = others.iter().filter(alive).count() as i64 + 1;
        let mut wrong = Vec::new();
        if usable < self.me.at(master).quorum {
            wrong.push("Not enough available Sentinels to reach the specified quorum for this master");
        }
        if usable < voters / 2 + 1 {
            wrong.push("Not enough available Sentinels to reach the majority and authorize a failover");
        }
        match wrong.is_empty() {
            true => Ok(usable),
            false => Err(format!("NOQUORUM {usable} usable Sentinels. {}", wrong.join(". "))),
        }
    }

    /// SENTINEL FAILOVER.
    pub fn fail_over_now(&mut self, master: Id) -> Result<(), Fail> {
        if self.me.at(master).has(flag::FAILOVER) {
            return Err("INPROG Failover already in progress".into());
        }
        if self.select_replica(master).is_none() {
            return Err("NOGOODSLAVE No suitable replica to promote".into());
        }
        let text = format!("Executing user requested FAILOVER of '{}'", self.me.at(master).name);
        self.server.notice(&text);
        self.start_failover(master);
        self.me.at_mut(master).flags |= flag::FORCE_FAILOVER;
        Ok(())
    }

    /// SENTINEL IS-MASTER-DOWN-BY-ADDR: whether it is down from here, and the vote with its epoch.
    pub fn asked(&mut self, ip: &str, port: i64, epoch: u64, candidate: &str) -> (bool, Option<String>, u64) {
        let all = self.me.all_masters();
        let found = self.me.look_up(self.server.host.as_mut(), &all, Some((ip, port)), None);
        let Some(master) = found else { return (false, None, 0) };
        let down = self.me.tilt_since.is_none() && self.me.at(master).has(flag::S_DOWN);
        if candidate == "*" {
            return (down, None, 0);
        }
        let (leader, voted_in) = self.vote(master, epoch, candidate);
        (down, leader, voted_in)
    }

    /// SENTINEL MONITOR.
    pub fn monitor(&mut self, name: &str, host: &str, port: i64, quorum: i64, out: &mut Reply) -> Res {
        if self.me.resolve(self.server.host.as_mut(), host).is_none() {
            return Err("ERR Invalid IP address or hostname specified".into());
        }
        let wanted = Wanted { kind: Kind::Master, name, host, port, quorum, master: None };
        let id = match self.create(wanted) {
            Ok(id) => id,
            Err(why) => return Err(format!("ERR {}", why.text("Duplicate master name.")).into()),
        };
        let result = self.save_and_reply(out);
        self.event(Level::Warning, "+monitor", id, &format!(" quorum {quorum}"));
        result
    }

    /// SENTINEL REMOVE.
    pub fn forget(&mut self, master: Id) {
        self.warn("-monitor", master);
        self.release(master);
    }

    /// SENTINEL RESET: how many masters that were.
    pub fn reset_all(&mut self, pattern: &str) -> usize {
        let matching = |id: &Id| glob::matches(pattern.as_bytes(), self.me.at(*id).name.as_bytes(), false);
        let all: Vec<Id> = self.me.all_masters().into_iter().filter(matching).collect();
        all.iter().for_each(|id| self.reset(*id, false, true));
        all.len()
    }
}
