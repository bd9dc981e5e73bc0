//! Hellos: who the Sentinels of a master are, and where they believe it to be.
//!
//! A hello is published on [`HELLO`] at the master and its replicas, and sent to other Sentinels by the same
//! command. Its fields, separated by commas: address, port, id and epoch of the sender; name, address, port
//! and configuration epoch of the master.

use super::link::{Expect, Way};
use super::masters::Wanted;
use super::{HELLO, Id, Kind, Watch};
use crate::config;
use crate::server::Level;
use crate::server::number::{atoi, atoll};
use machine::text::from_bytes;
use resp::Value;

/// A hello's fields.
struct Hello<'a> {
    ip: &'a str,
    port: i64,
    run_id: &'a str,
    epoch: u64,
    master: &'a str,
    master_ip: &'a str,
    master_port: i64,
    config_epoch: u64,
}

/// Reads a hello.
fn read(text: &str) -> Option<Hello<'_>> {
    let mut words = text.split(',');
    let mut next = || words.next();
    let number = |word: &str| atoll(word.as_bytes()).max(0).unsigned_abs();
    let hello = Hello {
        ip: next()?,
        port: atoi(next()?.as_bytes()),
        run_id: next()?,
        epoch: number(next()?),
        master: next()?,
        master_ip: next()?,
        master_port: atoi(next()?.as_bytes()),
        config_epoch: number(next()?),
    };
    words.next().is_none().then_some(hello)
}

impl Watch<'_> {
    /// A message came from an instance's hello channel.
    pub(super) fn heard(&mut self, link: u32, value: &Value) {
        let now = self.now();
        if let Some(link) = self.me.links.get_mut(&link) {
            link.heard = now;
        }
        let (Value::Array(items) | Value::Push(items)) = value else { return };
        if let [Value::Bulk(kind), Value::Bulk(_), Value::Bulk(text)] = items.as_slice()
            && kind == b"message"
        {
            let text = from_bytes(text);
            if !text.contains(&self.me.my_id) {
                self.hello(&text);
            }
        }
    }

    /// Deals with a hello, from a channel or directly from a Sentinel.
    pub(super) fn hello(&mut self, text: &str) {
        let Some(hello) = read(text) else { return };
        let Some(master) = self.me.masters.get(hello.master).copied() else { return };
        let all = self.me.sentinels_of(master);
        let addr = Some((hello.ip, hello.port));
        let known = self.me.look_up(self.server.host.as_mut(), &all, addr, Some(hello.run_id));
        let sender = known.or_else(|| self.new_sentinel(master, &hello));
        if hello.epoch > self.me.current_epoch {
            self.me.current_epoch = hello.epoch;
            self.save();
            self.say_epoch(master);
        }
        let Some(sender) = sender else { return };
        if self.me.at(master).config_epoch < hello.config_epoch {
            self.me.at_mut(master).config_epoch = hello.config_epoch;
            self.follow_switch(master, sender, &hello);
        }
        let now = self.now();
        self.me.at_mut(sender).last_hello = now;
    }

    /// A Sentinel that was not known, or not at that address.
    fn new_sentinel(&mut self, master: Id, hello: &Hello<'_>) -> Option<Id> {
        let moved = self.remove_sentinel(master, hello.run_id);
        if moved {
            let more = format!(" ip {} port {} for {}", hello.ip, hello.port, hello.run_id);
            self.event(Level::Notice, "+sentinel-address-switch", master, &more);
        } else {
            let all = self.me.sentinels_of(master);
            let addr = Some((hello.ip, hello.port));
            if let Some(other) = self.me.look_up(self.server.host.as_mut(), &all, addr, None) {
                // Another one was at this address: it is there no more.
                self.note("+sentinel-invalid-addr", other);
                let old = self.me.at(other).run_id.clone().unwrap_or_default();
                for each in self.me.all_masters() {
                    self.remove_sentinel(each, &old);
                }
            }
        }
        let quorum = self.me.at(master).quorum;
        let wanted = Wanted {
            kind: Kind::Sentinel,
            name: hello.run_id,
            host: hello.ip,
            port: hello.port,
            quorum,
            master: Some(master),
        };
        let id = self.create(wanted).ok()?;
        if !moved {
            self.note("+sentinel", id);
        }
        self.me.at_mut(id).run_id = Some(hello.run_id.to_owned());
        self.share_link(id);
        if moved {
            self.update_elsewhere(id, hello.run_id);
        }
        self.save();
        Some(id)
    }

    /// A Sentinel's new address holds for the other masters that it watches too.
    fn update_elsewhere(&mut self, id: Id, run_id: &str) {
        let mut updated = 0;
        let addr = self.me.at(id).addr.clone();
        for master in self.me.all_masters() {
            let all = self.me.sentinels_of(master);
            let Some(twin) = self.me.look_up(self.server.host.as_mut(), &all, None, Some(run_id)) else { continue };
            self.close_lines(twin);
            if twin != id {
                self.me.at_mut(twin).addr = addr.clone();
                updated += 1;
            }
        }
        if updated > 0 {
            let more = format!(" {updated} additional matching instances");
            self.event(Level::Notice, "+sentinel-address-update", id, &more);
        }
    }

    /// The sender knows a newer configuration of the master.
    fn follow_switch(&mut self, master: Id, sender: Id, hello: &Hello<'_>) {
        let old = self.me.at(master).addr.clone();
        let host = self.server.host.as_mut();
        if hello.master_port == i64::from(old.port) && self.me.is_host(host, &old, hello.master_ip) {
            return;
        }
        self.warn("+config-update-from", sender);
        let name = self.me.at(master).name.clone();
        let shown = self.me.shown(&old);
        let text = format!("{name} {shown} {} {} {}", old.port, hello.master_ip, hello.master_port);
        self.tell(Level::Warning, "+switch-master", Some(master), &text);
        self.switch_address(master, hello.master_ip, hello.master_port);
        let new = self.me.at(master).addr.clone();
        self.call_reconf_script(master, "observer", &old, &new);
    }

    /// Publishes a hello at an instance.
    pub(super) fn send_hello(&mut self, id: Id) {
        let Some(line) = &self.me.link_of(id).commands else { return };
        let own = match &self.me.announce_ip {
            Some(ip) => ip.clone(),
            None if !line.up => return,
            None => line.local.rsplit_once(':').map_or("", |(ip, _)| ip).trim_matches(['[', ']']).to_owned(),
        };
        let port = match self.me.announce_port {
            0 => self.server.config.int(config::PORT),
            port => port,
        };
        let master = self.me.at(self.me.master_of(id));
        let addr = self.me.current_address(master);
        let text = format!(
            "{own},{port},{},{},{},{},{},{}",
            self.me.my_id,
            self.me.current_epoch,
            master.name,
            self.me.shown(&addr),
            addr.port,
            master.config_epoch
        );
        self.send(id, Way::Commands, &["PUBLISH", HELLO, &text], Expect::Published(id));
    }

    /// Has hellos sent soon to a master and all that belong to it.
    pub(super) fn force_hello(&mut self, master: Id) {
        let early = self.me.periods.publish.saturating_add(1);
        let mut all = vec![master];
        all.extend(self.me.sentinels_of(master));
        all.extend(self.me.replicas_of(master));
        for id in all {
            let instance = self.me.at_mut(id);
            if instance.last_pub >= early {
                instance.last_pub -= early;
            }
        }
    }
}
