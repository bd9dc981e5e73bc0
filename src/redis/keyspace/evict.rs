//! Making room when memory runs out: `maxmemory-policy`.

use super::db::FOREVER;
use super::slots::slot_of;
use crate::config;
use crate::server::{Server, notify};

impl Server {
    /// Evicts until memory is below the limit. False if that can't be done.
    pub fn make_room(&mut self) -> bool {
        let limit = self.hot.maxmemory;
        if limit == 0
            || self.slot_migration.applying
            || self.loading
            || self.pause.is_some_and(|(until, _)| until > self.now_ms)
            || (self.repl.is_replica() && self.config.bool(config::REPLICA_IGNORE_MAXMEMORY))
        {
            return true;
        }
        let policy = self.config.word(config::MAXMEMORY_POLICY);
        let mut rounds = 0;
        while self.limited_memory() > limit {
            // What clients hold may have gone since the last tick.
            if rounds == 0 && self.recount_other_memory() {
                rounds = 1;
                continue;
            }
            if policy == "noeviction" || rounds > 1000 {
                return false;
            }
            rounds += 1;
            let Some((db, key)) = self.pick_victim(policy) else { return false };
            let lazy = self.config.bool(config::LAZYFREE_LAZY_EVICTION);
            self.delete_as(db, &key, lazy);
            self.count.evicted += 1;
            self.key_modified(db, &key, 0);
            self.notify(notify::EVICTED, "evicted", &key, db);
            self.propagate_now(db, &[if lazy { b"UNLINK" } else { b"DEL" }, &key]);
        }
        true
    }

    /// The best of a few random keys.
    fn pick_victim(&mut self, policy: &str) -> Option<(usize, Vec<u8>)> {
        let samples = self.config.size(config::MAXMEMORY_SAMPLES);
        let volatile = policy.starts_with("volatile");
        let now = (self.now_ms / 1000) as u32;
        let decay = self.config.int(config::LFU_DECAY_TIME);
        let mut best: Option<(i64, usize, Vec<u8>)> = None;
        for db in 0..self.dbs.len() {
            if policy == "volatile-ttl" {
                if let Some((when, key)) = self.first_shown_to_expire(db)
                    && best.as_ref().is_none_or(|b| -when > b.0)
                {
                    best = Some((-when, db, key.to_vec()));
                }
                continue;
            }
            let (mut found, mut tries) = (0, 0);
            while found < samples && tries < samples * 20 && !self.dbs[db].is_empty() {
                tries += 1;
                let random = self.random();
                let Some(record) = self.dbs[db].random(random) else { break };
                if volatile && record.expire() == FOREVER || !self.shows_slot(slot_of(record.key())) {
                    continue;
                }
                found += 1;
                let score = match policy.rsplit('-').next() {
                    Some("lru" | "lrm") => i64::from(now.wrapping_sub(record.lru)),
                    Some("lfu") => 255 - i64::from(super::lookup::lfu::decayed(record.lru, now / 60, decay)),
                    _ => (random >> 2) as i64,
                };
                if best.as_ref().is_none_or(|b| score > b.0) {
                    best = Some((score, db, record.key().to_vec()));
                }
            }
        }
        best.map(|(_, db, key)| (db, key))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_counts_is_when_a_key_was_changed_last() {
        let mut bench = crate::testing::Bench::start("maxmemory-policy allkeys-lrm\n");
        for key in ["read", "changed", "renamed"] {
            bench.run(&format!("SET {key} a"));
        }
        bench.run("XADD s * f v");
        bench.run("XGROUP CREATE s g 0");
        bench.pass(5000);
        bench.run("GET read");
        bench.run("APPEND changed b");
        bench.run("RENAME renamed new");
        bench.run("XREADGROUP GROUP g c STREAMS s >");
        let idle = |bench: &mut crate::testing::Bench, key: &str| bench.run(&format!("OBJECT IDLETIME {key}"));
        assert_eq!(idle(&mut bench, "read"), "5");
        for key in ["changed", "new", "s"] {
            assert_eq!(idle(&mut bench, key), "0", "{key}");
        }
    }

    #[test]
    fn nothing_goes_while_clients_are_paused() {
        let mut bench = crate::testing::Bench::start("maxmemory-policy allkeys-lru\n");
        bench.run("SET a 1");
        bench.run("CLIENT PAUSE 1000 WRITE");
        bench.run("CONFIG SET maxmemory 1");
        assert_eq!(bench.run("GET a"), "1");
        bench.pass(1001);
        bench.run("PING");
        assert_eq!(bench.run("DBSIZE"), "0");
    }

    #[test]
    fn input_that_was_served_is_no_memory() {
        let mut bench = crate::testing::Bench::start("maxmemory-policy allkeys-random\n");
        let requests: String = (0..500).map(|n| format!("SET key{n} a\r\n")).collect();
        let client = bench.connect();
        bench.server.received(client, requests.as_bytes());
        bench.ask(client, &["PING"]);
        bench.pass(1000);
        bench.server.received(client, requests.as_bytes());
        bench.pass(1000);
        let info = bench.ask(client, &["INFO", "memory"]);
        let used = info.split("used_memory:").nth(1).and_then(|rest| rest.split('\r').next()).expect("a figure");
        let limit = used.parse::<usize>().expect("a number") + 1000;
        bench.ask(client, &["CONFIG", "SET", "maxmemory", &limit.to_string()]);
        bench.pass(1000);
        assert_eq!(bench.run("DBSIZE"), "500");
    }
}
