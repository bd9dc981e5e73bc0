//! Keeping in touch: connecting, PING, INFO, and telling of oneself.

use super::link::{Expect, Way};
use super::{HELLO, Id, Kind, State, Watch, flag};
use crate::config;
use crate::server::Level;
use resp::Value;

/// Requests that may wait for a reply on a link, for each instance that shares it.
const MOST_PENDING: i64 = 100;

impl Watch<'_> {
    /// Opens the connections that are missing.
    pub(super) fn reconnect(&mut self, id: Id) {
        let (now, period) = (self.now(), self.me.periods.ping);
        let port = self.me.at(id).addr.port;
        let link = self.me.link_mut(id);
        if !link.disconnected || port == 0 || now - link.last_reconnect < period {
            return;
        }
        link.last_reconnect = now;
        let (commands, messages) = (link.commands.is_some(), link.messages.is_some());
        if !commands {
            self.resolve_again(id);
            if self.me.at(id).addr.ip.is_empty() {
                return;
            }
            self.me.link_mut(id).pending = 0;
            self.open_line(id, Way::Commands);
            self.introduce(id, Way::Commands, "cmd");
            self.ping(id);
        }
        if !self.is(id, Kind::Sentinel) && !messages {
            self.open_line(id, Way::Messages);
            self.introduce(id, Way::Messages, "pubsub");
            // What confirms it counts as a message.
            self.put(id, Way::Messages, &["SUBSCRIBE", HELLO]);
        }
        self.me.link_mut(id).disconnected = false;
    }

    /// A name may mean another address by now.
    fn resolve_again(&mut self, id: Id) {
        if self.me.resolve_hostnames {
            let addr = self.me.at(id).addr.clone();
            let host = self.server.host.as_mut();
            if let Ok(addr) = self.me.address(host, &addr.hostname, i64::from(addr.port), false) {
                self.me.at_mut(id).addr = addr;
            }
        }
    }

    /// Logs in and says who it is.
    fn introduce(&mut self, id: Id, way: Way, what: &str) {
        let (user, password) = self.login(id);
        match (user, password) {
            (None, Some(password)) => self.send(id, way, &["AUTH", &password], Expect::Nothing),
            (Some(user), Some(password)) => self.send(id, way, &["AUTH", &user, &password], Expect::Nothing),
            _ => false,
        };
        let own = self.me.my_id.get(..8).unwrap_or_default();
        let name = format!("sentinel-{own}-{what}");
        self.send(id, way, &["CLIENT", "SETNAME", &name], Expect::Nothing);
    }

    fn login(&self, id: Id) -> (Option<String>, Option<String>) {
        if !self.is(id, Kind::Sentinel) {
            let master = self.me.at(self.me.master_of(id));
            return (master.auth_user.clone(), master.auth_pass.clone());
        }
        if self.me.auth_pass.is_some() {
            return (self.me.auth_user.clone(), self.me.auth_pass.clone());
        }
        let own = self.server.config.text(config::REQUIREPASS);
        (None, Some(own.to_owned()).filter(|own| !own.is_empty()))
    }

    /// Sends PING.
    pub(super) fn ping(&mut self, id: Id) {
        let now = self.now();
        if self.send(id, Way::Commands, &["PING"], Expect::Ping(id)) {
            let link = self.me.link_mut(id);
            link.last_ping = now;
            if link.act_ping == 0 {
                link.act_ping = now;
            }
        }
    }

    /// PING was answered, on that link.
    pub(super) fn ponged(&mut self, id: Id, link: u32, value: &Value) {
        let now = self.now();
        if let Value::Simple(text) | Value::Error(text) = value {
            let alive = ["PONG", "LOADING", "MASTERDOWN"].iter().any(|word| text.starts_with(word));
            if alive {
                if let Some(link) = self.me.links.get_mut(&link) {
                    link.last_avail = now;
                    link.act_ping = 0;
                }
                if text.starts_with("PONG") {
                    self.me.at_mut(id).flags &= !flag::REBOOT;
                }
            } else if text.starts_with("BUSY")
                && self.me.at(id).has(flag::S_DOWN)
                && !self.me.at(id).has(flag::SCRIPT_KILL_SENT)
            {
                self.send(id, Way::Commands, &["SCRIPT", "KILL"], Expect::Nothing);
                self.me.at_mut(id).flags |= flag::SCRIPT_KILL_SENT;
            }
        }
        if let Some(link) = self.me.links.get_mut(&link) {
            link.last_pong = now;
        }
    }

    /// What is sent from time to time.
    pub(super) fn send_periodic(&mut self, id: Id) {
        let now = self.now();
        let link = self.me.link_of(id);
        if link.disconnected || link.pending >= MOST_PENDING * link.refs {
            return;
        }
        let (last_pong, last_ping) = (link.last_pong, link.last_ping);
        let instance = self.me.at(id);
        let master = self.me.at(self.me.master_of(id));
        let closely = instance.kind == Kind::Replica
            && (master.has(flag::O_DOWN | flag::FAILOVER) || instance.link_down_time != 0);
        let info_period = if closely { 1000 } else { self.me.periods.info };
        let ping_period = instance.down_after.min(self.me.periods.ping);
        let (info_refresh, last_pub) = (instance.info_refresh, instance.last_pub);
        if instance.kind != Kind::Sentinel && (info_refresh == 0 || now - info_refresh > info_period) {
            self.send(id, Way::Commands, &["INFO"], Expect::Info(id));
        }
        if now - last_pong > ping_period && now - last_ping > ping_period / 2 {
            self.ping(id);
        }
        if now - last_pub > self.me.periods.publish {
            self.send_hello(id);
        }
    }

    /// Tells an instance what to replicate from now on: nothing where `master` is none. Its clients are
    /// disconnected, so that they ask again where the master is.
    pub(super) fn send_replicaof(&mut self, id: Id, master: Option<&super::Address>) -> bool {
        let (host, port) = match master {
            Some(addr) => (self.me.shown(addr).to_owned(), addr.port.to_string()),
            None => ("NO".to_owned(), "ONE".to_owned()),
        };
        let requests: [&[&str]; 6] = [
            &["MULTI"],
            &["SLAVEOF", &host, &port],
            &["CONFIG", "REWRITE"],
            &["CLIENT", "KILL", "TYPE", "normal"],
            &["CLIENT", "KILL", "TYPE", "pubsub"],
            &["EXEC"],
        ];
        requests.iter().all(|words| self.send(id, Way::Commands, words, Expect::Nothing))
    }

    /// Ends as SENTINEL SIMULATE-FAILURE wants it.
    pub(super) fn crash(&mut self) {
        self.server.warn("Sentinel CRASH because of SENTINEL simulate-failure");
        self.me.crashed = true;
        self.server.exit(99);
    }

    /// Whether a master looks as if it could be relied on.
    pub(super) fn looks_sane(&self, id: Id) -> bool {
        let master = self.me.at(id);
        master.role == Some(Kind::Master)
            && !master.has(flag::S_DOWN | flag::O_DOWN)
            && self.now() - master.info_refresh < self.me.periods.info.saturating_mul(2)
    }

    /// Takes a master's failover one state further.
    pub(super) fn enter(&mut self, id: Id, state: State) {
        let now = self.now();
        let master = self.me.at_mut(id);
        master.state = state;
        master.state_since = now;
    }

    /// An event of level warning.
    pub(super) fn warn(&mut self, name: &str, about: Id) {
        self.event(Level::Warning, name, about, "");
    }

    /// An event of level notice.
    pub(super) fn note(&mut self, name: &str, about: Id) {
        self.event(Level::Notice, name, about, "");
    }
}
