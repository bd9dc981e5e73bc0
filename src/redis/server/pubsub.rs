//! Publishing to channels and patterns; keeping the registers of who listens.

use super::{Server, glob};
use crate::keyspace::slots::slot_of;
use resp::Reply;
use std::collections::{BTreeMap, BTreeSet};

/// What listening to something costs beside its name: the place in the register, and the client's own note.
const ENTRY: usize = 160;

/// The three registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// SUBSCRIBE
    Channel,
    /// PSUBSCRIBE
    Pattern,
    /// SSUBSCRIBE
    Shard,
}

impl Scope {
    /// The word of the confirmation.
    pub fn verb(self, subscribe: bool) -> &'static str {
        match (self, subscribe) {
            (Scope::Channel, true) => "subscribe",
            (Scope::Channel, false) => "unsubscribe",
            (Scope::Pattern, true) => "psubscribe",
            (Scope::Pattern, false) => "punsubscribe",
            (Scope::Shard, true) => "ssubscribe",
            (Scope::Shard, false) => "sunsubscribe",
        }
    }
}

impl Server {
    fn register(&mut self, scope: Scope) -> &mut BTreeMap<Vec<u8>, BTreeSet<u64>> {
        match scope {
            Scope::Channel => &mut self.channels,
            Scope::Pattern => &mut self.patterns,
            Scope::Shard => &mut self.shard_channels,
        }
    }

    /// Lets a client listen. The confirmation goes to `out`.
    pub fn subscribe(&mut self, id: u64, scope: Scope, name: &[u8], out: &mut Reply) {
        let client = self.client_mut(id);
        match scope {
            Scope::Channel => {
                client.channels.insert(name.to_vec());
            }
            Scope::Pattern => {
                if !client.patterns.iter().any(|p| p == name) {
                    client.patterns.push(name.to_vec());
                }
            }
            Scope::Shard => {
                client.shard_channels.insert(name.to_vec());
            }
        }
        if self.register(scope).entry(name.to_vec()).or_default().insert(id) {
            self.listening_memory += name.len() + ENTRY;
        }
        self.confirm(id, scope, true, Some(name), out);
    }

    /// Ends listening; confirmed in `out` also where it did not listen.
    pub fn unsubscribe(&mut self, id: u64, scope: Scope, name: &[u8], out: Option<&mut Reply>) {
        let client = self.client_mut(id);
        match scope {
            Scope::Channel => {
                client.channels.remove(name);
            }
            Scope::Pattern => client.patterns.retain(|p| p != name),
            Scope::Shard => {
                client.shard_channels.remove(name);
            }
        }
        let register = self.register(scope);
        if let Some(ids) = register.get_mut(name) {
            let listened = ids.remove(&id);
            if ids.is_empty() {
                register.remove(name);
            }
            if listened {
                self.listening_memory = self.listening_memory.saturating_sub(name.len() + ENTRY);
            }
        }
        if let Some(out) = out {
            self.confirm(id, scope, false, Some(name), out);
        }
    }

    /// The confirmation of a change.
    pub fn confirm(&mut self, id: u64, scope: Scope, subscribe: bool, name: Option<&[u8]>, out: &mut Reply) {
        let client = self.client(id);
        let count = if scope == Scope::Shard { client.shard_channels.len() } else { client.subscriptions() };
        // A push, which CLIENT REPLY OFF does not hold back.
        let muted = std::mem::take(&mut out.muted);
        out.push(3);
        out.text(scope.verb(subscribe));
        match name {
            Some(name) => out.bulk(name),
            None => out.null(),
        }
        out.len(count);
        out.muted = muted;
    }

    /// Ends listening to the shard channels of slots that moved away, and tells who listened.
    pub(crate) fn send_listeners_away(&mut self) {
        let Some(cluster) = &mut self.cluster else { return };
        let left = std::mem::take(&mut cluster.left);
        if left.is_empty() || self.shard_channels.is_empty() {
            return;
        }
        let left: BTreeSet<usize> = left.into_iter().collect();
        let gone = |(name, ids): (&Vec<u8>, &BTreeSet<u64>)| (name.clone(), ids.clone());
        let gone: Vec<_> =
            self.shard_channels.iter().filter(|(name, _)| left.contains(&slot_of(name))).map(gone).collect();
        for (name, ids) in gone {
            for id in ids {
                let mut out = Reply::new(self.client(id).resp3);
                self.unsubscribe(id, Scope::Shard, &name, Some(&mut out));
                self.send(id, &out.buf);
            }
        }
    }

    /// What a client listens to.
    pub fn subscriptions(&self, id: u64, scope: Scope) -> Vec<Vec<u8>> {
        let client = self.client(id);
        match scope {
            Scope::Channel => client.channels.iter().cloned().collect(),
            Scope::Pattern => client.patterns.clone(),
            Scope::Shard => client.shard_channels.iter().cloned().collect(),
        }
    }

    /// A client goes.
    pub fn unsubscribe_everything(&mut self, id: u64) {
        for scope in [Scope::Channel, Scope::Pattern, Scope::Shard] {
            for name in self.subscriptions(id, scope) {
                self.unsubscribe(id, scope, &name, None);
            }
        }
    }

    /// Sends a message to everybody who listens here; how many got it.
    pub fn publish(&mut self, channel: &[u8], message: &[u8], shard: bool) -> usize {
        let mut receivers = 0;
        let register = if shard { &self.shard_channels } else { &self.channels };
        let direct: Vec<u64> = register.get(channel).into_iter().flatten().copied().collect();
        for id in direct {
            let mut out = Reply::new(self.client(id).resp3);
            out.push(3);
            out.text(if shard { "smessage" } else { "message" });
            out.bulk(channel);
            out.bulk(message);
            self.push_to(id, &out.buf);
            if shard {
                self.count_message(channel, out.buf.len());
            }
            receivers += 1;
        }
        if shard || self.patterns.is_empty() {
            return receivers;
        }
        let hits: Vec<(Vec<u8>, Vec<u64>)> = self
            .patterns
            .iter()
            .filter(|(p, _)| glob::matches(p, channel, false))
            .map(|(p, ids)| (p.clone(), ids.iter().copied().collect()))
            .collect();
        for (pattern, ids) in hits {
            for id in ids {
                let mut out = Reply::new(self.client(id).resp3);
                out.push(4);
                out.text("pmessage");
                out.bulk(&pattern);
                out.bulk(channel);
                out.bulk(message);
                self.push_to(id, &out.buf);
                receivers += 1;
            }
        }
        receivers
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn a_message_to_oneself_comes_behind_the_reply() {
        let mut bench = Bench::start("");
        bench.run("HELLO 3");
        bench.run("SUBSCRIBE foo");
        assert_eq!(bench.run("PUBLISH foo a"), "1 (message foo a)");
        bench.run("MULTI");
        bench.run("PUBLISH foo b");
        bench.run("PING x");
        assert_eq!(bench.run("EXEC"), "(1 x) (message foo b)");
    }

    #[test]
    fn a_transaction_may_begin_to_listen() {
        let mut bench = Bench::start("");
        for words in ["MULTI", "SUBSCRIBE foo", "PSUBSCRIBE b*", "SSUBSCRIBE bar", "GET a", "PING"] {
            bench.run(words);
        }
        let refused = "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client";
        let replies = format!("((subscribe foo 1) (psubscribe b* 2) {refused} (nil) (pong ))");
        assert_eq!(bench.run("EXEC"), replies);
        assert_eq!(bench.other("PUBLISH foo hello"), "1");
        assert_eq!(bench.run("PING"), "(message foo hello) (pong )");
    }

    #[test]
    fn listening_needs_memory() {
        let mut bench = Bench::start("maxmemory 2mb");
        let long = "a".repeat(3 << 20);
        assert!(bench.run(&format!("SUBSCRIBE {long}")).starts_with("OOM"));
        let names: Vec<String> = (0..200).map(|n| format!("{}{n}", "b".repeat(20_000))).collect();
        let refused = names.iter().position(|name| bench.run(&format!("SUBSCRIBE {name}")).starts_with("OOM"));
        assert!(refused.is_some_and(|n| n > 10));
        bench.run("RESET");
        assert_eq!(bench.server.listening_memory, 0);
    }

    #[test]
    fn who_listens_to_a_slot_that_goes_is_sent_away() {
        let mut bench = Bench::start("cluster-enabled yes");
        bench.run("CLUSTER ADDSLOTSRANGE 0 16383");
        bench.pass(3000);
        assert!(bench.run("SSUBSCRIBE channel").contains("ssubscribe"));
        bench.other("CLUSTER DELSLOTS 10327");
        bench.pass(100);
        assert!(bench.other("PUBSUB SHARDCHANNELS").contains("channel"));
        bench.other("CLUSTER DELSLOTS 10328");
        bench.pass(100);
        assert!(!bench.other("PUBSUB SHARDCHANNELS").contains("channel"));
    }
}
