//! Whether an instance is down: to this Sentinel (subjectively), and to enough of them (objectively).

use super::link::{Expect, Way};
use super::{Id, Kind, State, Watch, flag};
use crate::server::Level;
use resp::Value;

impl Watch<'_> {
    /// Whether an instance is down from here.
    pub(super) fn check_s_down(&mut self, id: Id) {
        let now = self.now();
        self.close_idle(id);
        let link = self.me.link_of(id);
        let silent = match (link.act_ping, link.disconnected) {
            (0, true) => now - link.last_avail,
            (0, false) => 0,
            (ping, _) => now - ping,
        };
        let i = self.me.at(id);
        let no_master = i.kind == Kind::Master
            && i.role == Some(Kind::Replica)
            && now - i.role_since > i.down_after.saturating_add(self.me.periods.info.saturating_mul(2));
        let rebooted = i.has(flag::REBOOT) && now - i.reboot_since > i.reboot_down_after;
        let down = silent > i.down_after || no_master || rebooted;
        let was = i.has(flag::S_DOWN);
        if down && !was {
            self.warn("+sdown", id);
            let instance = self.me.at_mut(id);
            instance.s_down_since = now;
            instance.flags |= flag::S_DOWN;
        } else if !down && was {
            self.warn("-sdown", id);
            self.me.at_mut(id).flags &= !(flag::S_DOWN | flag::SCRIPT_KILL_SENT);
        }
    }

    /// Connections over which nothing comes are opened anew.
    fn close_idle(&mut self, id: Id) {
        let (now, half) = (self.now(), self.me.at(id).down_after / 2);
        let (oldest, quiet) = (self.me.periods.reconnect, self.me.periods.publish.saturating_mul(3));
        let (number, link) = (self.me.at(id).link, self.me.link_of(id));
        let old = |since: Option<i64>| since.is_some_and(|since| now - since > oldest);
        let unanswered = link.act_ping != 0 && now - link.act_ping > half && now - link.last_pong > half;
        let commands = old(link.commands.as_ref().map(|line| line.since)) && unanswered;
        let messages = old(link.messages.as_ref().map(|line| line.since)) && now - link.heard > quiet;
        if commands {
            self.close_line(number, Way::Commands);
        }
        if messages {
            self.close_line(number, Way::Messages);
        }
    }

    /// Whether enough Sentinels believe that a master is down.
    pub(super) fn check_o_down(&mut self, id: Id) {
        let master = self.me.at(id);
        let (down, was, quorum) = (master.has(flag::S_DOWN), master.has(flag::O_DOWN), master.quorum);
        let agree = |other: &Id| self.me.at(*other).has(flag::MASTER_DOWN);
        let votes =
            if down { 1 + self.me.sentinels_of(id).iter().filter(|other| agree(other)).count() as i64 } else { 0 };
        let enough = down && votes >= quorum;
        let now = self.now();
        if enough && !was {
            self.event(Level::Warning, "+odown", id, &format!(" #quorum {votes}/{quorum}"));
            let master = self.me.at_mut(id);
            master.flags |= flag::O_DOWN;
            master.o_down_since = now;
        } else if !enough && was {
            self.warn("-odown", id);
            self.me.at_mut(id).flags &= !flag::O_DOWN;
        }
    }

    /// Asks the others what they think of a master that is down from here, and for their votes where a
    /// failover has begun; with `now` also those that answered just before.
    pub(super) fn ask_others(&mut self, id: Id, at_once: bool) {
        let (now, period) = (self.now(), self.me.periods.ask);
        for other in self.me.sentinels_of(id) {
            let since = now - self.me.at(other).last_opinion;
            if since > period.saturating_mul(5) {
                let sentinel = self.me.at_mut(other);
                sentinel.flags &= !flag::MASTER_DOWN;
                sentinel.leader = None;
            }
            let master = self.me.at(id);
            let quiet = !at_once && since < period;
            if !master.has(flag::S_DOWN) || self.me.link_of(other).disconnected || quiet {
                continue;
            }
            let (ip, port) = (self.me.shown(&master.addr).to_owned(), master.addr.port.to_string());
            let candidate = if master.state > State::None { self.me.my_id.clone() } else { "*".to_owned() };
            let epoch = self.me.current_epoch.to_string();
            let words = ["SENTINEL", "is-master-down-by-addr", &ip, &port, &epoch, &candidate];
            self.send(other, Way::Commands, &words, Expect::Opinion(other));
        }
    }

    /// Another Sentinel said what it thinks.
    pub(super) fn opinion(&mut self, id: Id, value: &Value) {
        let Value::Array(items) = value else { return };
        let [Value::Integer(down), Value::Bulk(leader), Value::Integer(epoch)] = items.as_slice() else { return };
        let now = self.now();
        let sentinel = self.me.at_mut(id);
        sentinel.last_opinion = now;
        if *down == 1 {
            sentinel.flags |= flag::MASTER_DOWN;
        } else {
            sentinel.flags &= !flag::MASTER_DOWN;
        }
        if leader == b"*" {
            return;
        }
        let (leader, epoch) = (machine::text::from_bytes(leader), epoch.cast_unsigned());
        let news = (sentinel.leader_epoch != epoch).then(|| format!("{} voted for {leader} {epoch}", sentinel.name));
        sentinel.leader = Some(leader);
        sentinel.leader_epoch = epoch;
        if let Some(text) = news {
            self.server.notice(&text);
        }
    }
}
