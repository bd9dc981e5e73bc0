//! Fields of hashes whose time is over: who still sees them, and what goes when a command looks at one.

use super::Value;
use crate::keyspace::Kind;
use crate::server::{Server, notify};

impl Server {
    /// The instant that decides which fields are over for the running command: those that were to go before it.
    /// The first instant of all where nothing is over: for what a master sends and for what is loaded.
    pub fn field_clock(&self) -> i64 {
        let sees_all = self.loading || self.debug.allow_access_expired;
        if sees_all || self.slot_migration.applying || (self.repl.is_replica() && self.repl.running_masters_command) {
            i64::MIN
        } else {
            self.now_ms
        }
    }

    /// Whether fields stay though their time is over: a replica waits for its master, and a pause changes nothing.
    pub fn keeps_fields(&self) -> bool {
        self.repl.is_replica()
            || self.slot_migration.applying
            || self.pause.is_some_and(|(until, _)| until > self.now_ms)
    }

    /// Removes those of some fields whose time is over, and says so to replicas; how many. The events are the
    /// caller's, and so is a hash that has no field left.
    pub fn drop_over(&mut self, db: usize, key: &[u8], fields: &[&[u8]]) -> usize {
        let now = self.field_clock();
        let due = match self.peek(db, key) {
            Some(Value::Hash(hash)) => hash.next_expiry().is_some_and(|when| when < now),
            _ => false,
        };
        if !due || self.keeps_fields() || self.kind(db, key) != Some(Kind::Hash) {
            return 0;
        }
        let Some(Value::Hash(hash)) = self.peek_mut(db, key) else { return 0 };
        let before = hash.next_expiry();
        let gone: Vec<&[u8]> = fields.iter().filter(|f| hash.is_over(f, now) && hash.remove(f)).copied().collect();
        if gone.is_empty() {
            return 0;
        }
        if let Some(d) = self.dbs.get_mut(db) {
            d.update_field_expiry(key, before);
        }
        self.count.expired_fields += gone.len() as u64;
        for name in &gone {
            self.propagate_now(db, &[b"HDEL", key, name]);
        }
        gone.len()
    }

    /// The same with its events, for commands that only look.
    pub fn settle_fields(&mut self, db: usize, key: &[u8], fields: &[&[u8]]) {
        if self.drop_over(db, key, fields) > 0 {
            self.key_modified(db, key, 0);
            self.notify(notify::HASH, "hexpired", key, db);
            self.delete_if_empty(db, key);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    const EVENTS: &str = "CONFIG SET notify-keyspace-events Khxg";

    #[test]
    fn a_look_at_a_field_removes_that_field_alone() {
        for limit in ["512", "0"] {
            let mut bench = Bench::start("");
            bench.run("DEBUG SET-ACTIVE-EXPIRE 0");
            bench.run(&format!("CONFIG SET hash-max-listpack-entries {limit}"));
            for look in ["HGET h f1", "HMGET h f1", "HEXISTS h f1", "HSTRLEN h f1", "HGETDEL h FIELDS 1 f1"] {
                bench.run("HSETEX h PX 1 FIELDS 2 f1 v1 f2 v2");
                bench.pass(5);
                assert_eq!(bench.run("HLEN h"), "2");
                assert_eq!((bench.run("HGETALL h"), bench.run("HTTL h FIELDS 1 f1")), ("()".into(), "(-2)".into()));
                bench.run(look);
                assert_eq!(bench.run("HLEN h"), "1", "{look}");
                bench.run(&look.replace("f1", "f2"));
                assert_eq!(bench.run("EXISTS h"), "0", "{look}");
            }
        }
    }

    #[test]
    fn events_of_fields_that_hsetex_meets() {
        let mut bench = Bench::start("");
        bench.run(EVENTS);
        bench.run("DEBUG SET-ACTIVE-EXPIRE 0");
        bench.run("HSET h f v");
        bench.run("HPEXPIRE h 10 FIELDS 1 f");
        bench.pass(15);
        bench.listen();
        assert_eq!(bench.run("HSETEX h FXX PX 10 FIELDS 1 f v"), "0");
        assert_eq!(bench.heard(), ["hexpired", "del"]);
        bench.run("HSET h f v");
        bench.run("HPEXPIRE h 10 FIELDS 1 f");
        bench.pass(15);
        bench.heard();
        assert_eq!(bench.run("HSETEX h FNX PX 1000 FIELDS 1 f v"), "1");
        assert_eq!(bench.heard(), ["hexpired", "hset", "hexpire"]);
        assert_eq!(bench.run("HSETEX h FXX PXAT 1 FIELDS 1 f v"), "1");
        assert_eq!(bench.heard(), ["hset", "hdel", "del"]);
    }

    #[test]
    fn a_pause_keeps_the_fields_and_hides_them() {
        let mut bench = Bench::start("");
        bench.run("HSETEX h PX 1 FIELDS 1 f v");
        bench.run("HSET h g v");
        bench.run("CLIENT PAUSE 100 WRITE");
        bench.pass(5);
        assert_eq!((bench.run("HGET h f"), bench.run("HLEN h")), ("(nil)".into(), "2".into()));
    }
}
