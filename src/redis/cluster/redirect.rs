//! Which node serves a command: this one, or another that the client is sent to.

use crate::commands::{Command, flag, key_specs};
use crate::config;
use crate::keyspace::slots::slot_of;
use crate::server::Server;
use crate::server::client::BlockedOn;

/// Keys of a command, as words.
type Words<'a> = (&'static Command, Vec<&'a [u8]>);

impl Server {
    /// The error that sends a client elsewhere, or `None` to serve it here.
    pub(crate) fn cluster_redirect(&mut self, id: u64, command: &'static Command, argv: &[&[u8]]) -> Option<String> {
        if self.client(id).role == crate::server::client::Role::Master {
            return None;
        }
        let queued: Vec<Vec<Vec<u8>>>;
        let mut all: Vec<Words<'_>> = Vec::new();
        if command.name == "exec" {
            queued = self.client(id).multi.as_ref().map(|m| m.queue.clone()).unwrap_or_default();
            for words in &queued {
                let refs: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
                if let Ok(command) = self.find_command(&refs) {
                    all.push((command, refs));
                }
            }
        } else if !command.keys.is_empty() || key_specs::any(command) {
            // Shard channels have a slot too.
            all.push((command, argv.to_vec()));
        }
        if all.is_empty() {
            return None;
        }
        self.place(id, &all)
    }

    fn place(&mut self, id: u64, all: &[Words<'_>]) -> Option<String> {
        let mut slot = None;
        let mut keys = 0;
        let mut missing = 0;
        let asking = self.client(id).asking || all.iter().any(|(c, _)| c.has(flag::ASKING));
        for (command, argv) in all {
            let mut places = key_specs::of(command, argv).unwrap_or_default();
            // Who no longer listens may say so of any channels anywhere.
            let shard_channels = matches!(command.name, "ssubscribe" | "spublish");
            if shard_channels {
                places = key_specs::channels(command, argv).unwrap_or_default();
            }
            for place in places {
                let key = argv[place.at];
                let here = slot_of(key);
                match slot {
                    None => slot = Some(here),
                    Some(first) if first != here => {
                        return Some("CROSSSLOT Keys in request don't hash to the same slot".into());
                    }
                    Some(_) => {}
                }
                keys += 1;
                // A key whose time has come is gone; that it goes is not for a look at its slot to do.
                if !shard_channels && (self.peek(0, key).is_none() || self.is_expired(0, key)) {
                    missing += 1;
                }
            }
        }
        let slot = slot?;
        let cluster = self.cluster.as_ref()?;
        let owner_id = cluster.owners[slot];
        if !cluster.nodes.contains_key(&owner_id) {
            return Some("CLUSTERDOWN Hash slot not served".into());
        }
        let write = all.iter().any(|(c, _)| c.has(flag::WRITE));
        let pubsub = all.iter().all(|(c, _)| c.has(flag::PUBSUB));
        if !cluster.ok
            && let Some(refusal) = self.refuse_when_down(pubsub, write)
        {
            return Some(refusal.into());
        }
        let migrating = cluster.migrating.get(&slot).filter(|_| owner_id == cluster.myself);
        let importing = cluster.importing.contains_key(&slot);
        let moving = migrating.is_some() || importing;
        if moving && all.iter().all(|(c, _)| c.name == "migrate") {
            return None;
        }
        if let Some(target) = migrating
            && missing > 0
        {
            if missing < keys {
                return Some("TRYAGAIN Multiple keys request during rehashing of slot".into());
            }
            // A slot that goes to this node itself is served by it.
            return (*target != cluster.myself).then(|| format!("ASK {slot} {}", self.endpoint(*target)));
        }
        if importing && asking {
            if keys > 1 && missing > 0 {
                return Some("TRYAGAIN Multiple keys request during rehashing of slot".into());
            }
            return None;
        }
        if owner_id == cluster.myself {
            return None;
        }
        let mine = cluster.me().master == Some(owner_id);
        if mine && (self.client(id).readonly && !write || pubsub) {
            return None;
        }
        Some(format!("MOVED {slot} {}", self.endpoint(owner_id)))
    }

    /// Those who wait for keys that are not served here any more are sent elsewhere.
    pub(crate) fn redirect_waiters(&mut self) {
        let waiting: Vec<(u64, Vec<Vec<u8>>)> = self
            .blocked()
            .filter(|(_, blocked)| matches!(blocked.on, BlockedOn::Keys { .. }))
            .map(|(id, blocked)| (id, blocked.argv.clone()))
            .collect();
        for (id, argv) in waiting {
            let words: Vec<&[u8]> = argv.iter().map(Vec::as_slice).collect();
            let Ok(command) = self.find_command(&words) else { continue };
            // A key that is not there yet is no reason to ask elsewhere for it.
            let elsewhere = self
                .cluster_redirect(id, command, &words)
                .filter(|text| text.starts_with("MOVED") || text.starts_with("CLUSTERDOWN"));
            if let Some(text) = elsewhere {
                self.end_waiting(id, &text);
            }
        }
    }

    /// Why a cluster that is down does not run a command.
    fn refuse_when_down(&self, pubsub: bool, write: bool) -> Option<&'static str> {
        let allowed =
            if pubsub { config::CLUSTER_ALLOW_PUBSUBSHARD_WHEN_DOWN } else { config::CLUSTER_ALLOW_READS_WHEN_DOWN };
        if !self.config.bool(allowed) {
            return Some("CLUSTERDOWN The cluster is down");
        }
        (write && !pubsub).then_some("CLUSTERDOWN The cluster is down and only accepts read commands")
    }

    /// `ip:port` as clients shall use it.
    pub(crate) fn endpoint(&self, id: super::Nid) -> String {
        let Some(node) = self.cluster.as_ref().and_then(|c| c.nodes.get(&id)) else { return String::new() };
        format!("{}:{}", self.endpoint_host(node), node.port)
    }

    /// The host part of an endpoint.
    pub(crate) fn endpoint_host<'a>(&self, node: &'a super::Node) -> &'a str {
        match self.config.word(config::CLUSTER_PREFERRED_ENDPOINT_TYPE) {
            "hostname" if node.hostname.is_empty() => "?",
            "hostname" => &node.hostname,
            "unknown-endpoint" => "",
            _ => &node.ip,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn a_transaction_over_two_slots_is_told_so_and_no_more() {
        let mut bench = Bench::start("cluster-enabled yes");
        bench.run("CLUSTER ADDSLOTSRANGE 0 16383");
        bench.pass(3000);
        bench.run("MULTI");
        assert_eq!((bench.run("SET a 1"), bench.run("SET b 1")), ("QUEUED".into(), "QUEUED".into()));
        assert!(bench.run("EXEC").starts_with("CROSSSLOT"));
        assert_eq!(bench.run("EXEC"), "ERR EXEC without MULTI");
    }

    #[test]
    fn who_waits_for_a_key_whose_slot_goes_is_told() {
        let mut bench = Bench::start("cluster-enabled yes\ncluster-require-full-coverage no");
        bench.run("CLUSTER ADDSLOTSRANGE 0 16383");
        bench.pass(3000);
        assert_eq!(bench.run("BLPOP a 0"), "");
        bench.other("CLUSTER DELSLOTS 15495");
        bench.pass(1100);
        // What came meanwhile stands before the answer to PING.
        assert_eq!(bench.run("PING"), "CLUSTERDOWN Hash slot not served PONG");
    }
}
