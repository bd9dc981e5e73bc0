//! What stands between the keys of a snapshot: facts about it and about the key that comes, libraries, what modules
//! left.

use super::rdb_load::{Bad, Loading};
use super::rdb_modules::{class_name, may_skip, module_name, skip};
use super::rdb_read::Reader;
use super::rdb_write::{op, part};
use crate::server::number::atoll;
use crate::server::{Level, Server};

/// Fewest bytes of a key with its value: a type, and two lengths.
const SMALLEST_KEY: usize = 3;

/// Classes of what modules note of keys; more of them there can't be.
const MOST_CLASSES: u64 = 7;

/// Skipped notes that are told of one by one.
const SKIPPED_TOLD: usize = 10;

/// Up to the byte where a string of C ends.
fn c_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(super::check_rdb::c_string(bytes)).into_owned()
}

impl Server {
    /// What is told of the key that comes, or of how many there are.
    pub(super) fn load_hint(&mut self, kind: u8, loading: &mut Loading, r: &mut Reader<'_>) -> Option<()> {
        match kind {
            op::EXPIRE_MS => loading.expire = Some(r.le64()?),
            op::EXPIRE => {
                loading.expire = Some(i64::from(i32::from_le_bytes(r.take(4)?.try_into().ok()?)) * 1000);
            }
            op::FREQ => loading.used = Some(u32::from(r.byte()?)),
            op::IDLE => loading.used = Some(((self.now_ms / 1000) as u32).wrapping_sub(r.read_len()? as u32)),
            op::RESIZE_DB => loading.sizes = Some((r.read_len()?, r.read_len()?)),
            _ => {
                for _ in 0..3 {
                    r.read_len()?;
                }
            }
        }
        Some(())
    }

    /// Makes room for as many keys as are announced, but for no more than the file can hold: it may lie.
    pub(super) fn make_room_for_keys(&mut self, loading: &mut Loading) {
        let Some((keys, expires)) = loading.sizes.take() else { return };
        let most = (loading.size() / SMALLEST_KEY).saturating_sub(loading.reserved);
        let keys = usize::try_from(keys).unwrap_or(most).min(most);
        loading.reserved += keys;
        let db = loading.db;
        self.dbs[db].reserve(keys);
        let buckets = self.dbs[db].table_sizes().0;
        let expires = expires.min(most as u64);
        let expires = if expires == 0 { 0 } else { expires.next_power_of_two().max(4) };
        self.log(Level::Verbose, &format!("DB {db} resized: {buckets} key buckets, {expires} expire buckets"));
    }

    /// A library of functions.
    pub(super) fn load_functions(&mut self, text: Option<Vec<u8>>) -> Option<()> {
        let loaded = match &text {
            Some(text) => self.load_library(text, self.persist.merging, false).map(drop),
            None => Err(b"Failed loading library payload".to_vec()),
        };
        if let Err(problem) = loaded {
            let problem = String::from_utf8_lossy(&problem).into_owned();
            let problem = problem.strip_prefix("ERR ").unwrap_or(&problem);
            self.warn(&format!("Failed loading library, {problem}"));
            return None;
        }
        Some(())
    }

    /// A fact about the snapshot; of an append only file, its offsets tell where it goes on.
    pub(super) fn load_fact(&mut self, name: &[u8], value: &[u8], base: bool) {
        let (name, text) = (c_text(name), c_text(value));
        if name.starts_with('%') {
            self.notice(&format!("RDB '{name}': {text}"));
            return;
        }
        match name.to_ascii_lowercase().as_str() {
            "redis-ver" => self.notice(&format!("Loading RDB produced by version {text}")),
            "ctime" => {
                let age = (self.now_ms / 1000).saturating_sub(atoll(value));
                self.notice(&format!("RDB age {} seconds", age.max(0)));
            }
            "used-mem" => {
                let bytes = atoll(value);
                self.notice(&format!("RDB memory usage when created {:.2} Mb", bytes as f64 / 1_048_576.0));
                self.persist.loading_used_memory = bytes as u64;
            }
            "aof-preamble" if atoll(value) != 0 => self.notice("RDB has an AOF tail"),
            "aof-base" if atoll(value) != 0 => self.notice("RDB is base AOF"),
            "repl-id" if !base && value.len() == 40 => self.repl.saved_id = Some(text),
            "cluster-asm-task" => drop(self.hear_masters_task(&text)),
            "repl-stream-db" if !base => self.repl.saved_db = usize::try_from(atoll(value)).unwrap_or(0),
            "repl-offset" if !base => self.repl.saved_offset = atoll(value),
            "repl-id" | "repl-stream-db" | "repl-offset" | "aof-preamble" | "aof-base" | "redis-bits" | "lua" => {}
            _ => self.log(Level::Debug, &format!("Unrecognized RDB AUX field: '{name}'")),
        }
    }

    /// What a module keeps beside the keys: it would be lost.
    pub(super) fn load_module_facts(&mut self, r: &mut Reader<'_>) -> Result<Option<()>, Bad> {
        let (Some(id), Some(mark), Some(_)) = (r.read_len(), r.read_len(), r.read_len()) else { return Ok(None) };
        if mark != part::UNSIGNED {
            return Ok(r.blame(3840, "bad when_opcode"));
        }
        let name = module_name(id);
        Err(Bad::Ended(format!("The RDB file contains AUX module data I can't load: no matching module '{name}'")))
    }

    /// What modules note of the key that comes.
    pub(super) fn load_key_notes(&mut self, loading: &mut Loading, r: &mut Reader<'_>) -> Option<()> {
        let count = r.read_len()?;
        if count > MOST_CLASSES {
            self.warn(&format!("Too many metadata classes: {} (max {MOST_CLASSES})", count as i32));
            return None;
        }
        for _ in 0..count {
            let spec = u32::from_le_bytes(r.take(4)?.try_into().ok()?);
            let class = class_name(spec);
            if !may_skip(spec) {
                self.warn(&format!(
                    "RDB load key metadata failed: Class '{class}' not registered or missing rdb_load()."
                ));
                return None;
            }
            if loading.skipped < SKIPPED_TOLD {
                self.notice(&format!("Skipping metadata for class '{class}' (not registered or missing rdb_load)"));
            }
            loading.skipped += 1;
            skip(r, &class)?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use crate::keyspace::Value;
    use crate::memory_host::{self, World};
    use crate::server::Server;
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::rc::Rc;

    const KEY: &[u8] = b"\x00\x01k\x01v";
    const END: &[u8] = b"\xff\0\0\0\0\0\0\0\0";

    /// A server that starts with a snapshot of these parts, if it does, and what it logs.
    fn start(parts: &[&[u8]]) -> (Option<Server>, String) {
        let file = [&b"REDIS0013"[..], &parts.concat(), END].concat();
        let files = BTreeMap::from([("dump.rdb".to_owned(), file)]);
        let world = Rc::new(RefCell::new(World { files, now: 1_790_000_000_000_000, ..World::default() }));
        let server = memory_host::start(&world, "loglevel debug\n");
        let log = world.borrow().log.join("\n");
        (server, log)
    }

    #[test]
    fn a_file_that_announces_more_keys_than_it_holds_reserves_no_memory() {
        let (server, log) = start(&[b"\xfb\x81\x00\x00\x01\x00\x00\x00\x00\x00\x00", KEY]);
        let server = server.expect("a server");
        assert!(server.dbs[0].table_sizes().0 <= 16, "{log}");
        assert!(log.contains("DB 0 resized: ") && log.contains(" key buckets, 0 expire buckets"), "{log}");
        let many: Vec<&[u8]> = vec![b"\xfe\x00\xfb\x80\xff\xff\xff\xff\x00"; 1000];
        let (server, _) = start(&[&many.concat(), KEY]);
        assert!(server.expect("a server").dbs[0].table_sizes().0 <= 4096);
    }

    #[test]
    fn facts_are_told_as_the_real_server_tells_them() {
        let facts: &[&[u8]] = &[
            b"\xfa\x04%foo\x03bar",
            b"\xfa\x03foo\x03bar",
            b"\xfa\x09REDIS-VER\x051.2.3",
            b"\xfa\x08used-mem\x072097152",
            b"\xfa\x0caof-preamble\x011",
            KEY,
        ];
        let (server, log) = start(facts);
        assert!(server.is_some_and(|server| server.dbs[0].len() == 1));
        for line in [
            "RDB '%foo': bar",
            "Unrecognized RDB AUX field: 'foo'",
            "Loading RDB produced by version 1.2.3",
            "RDB memory usage when created 2.00 Mb",
            "RDB has an AOF tail",
        ] {
            assert!(log.contains(line), "{line}: {log}");
        }
    }

    #[test]
    fn what_modules_left_is_named() {
        let id = b"\x81\xb7\xac\x9d\x99\xdb\xa5\x94\x00";
        let (server, log) = start(&[b"\xf7", id, b"\x02\x02\x00"]);
        assert!(server.is_none() && log.contains("AUX module data I can't load: no matching module 't"), "{log}");
        let (_, log) = start(&[b"\xf7", id, b"\x01\x02\x00"]);
        assert!(log.contains("rdb.c:3840 -> bad when_opcode"), "{log}");
        let (_, log) = start(&[b"\x07\x01k", id, b"\x00"]);
        assert!(log.contains("rdb.c:3435 -> The RDB file contains module data I can't load: no matching"), "{log}");
    }

    #[test]
    fn notes_of_modules_are_skipped_where_they_may_be() {
        let (server, log) = start(&[b"\xf3\x01\x01\0\0\0\x02\x05\x00", KEY]);
        assert!(server.is_some_and(|server| server.dbs[0].len() == 1), "{log}");
        assert!(log.contains("Skipping metadata for class 'AAAA' (not registered or missing rdb_load)"), "{log}");
        let (server, log) = start(&[b"\xf3\x01\x00\0\0\0\x02\x05\x00", KEY]);
        assert!(server.is_none() && log.contains("Class 'AAAA' not registered"), "{log}");
        let (server, log) = start(&[b"\xf3\x08", KEY]);
        assert!(server.is_none() && log.contains("Too many metadata classes: 8 (max 7)"), "{log}");
    }

    #[test]
    fn hashes_of_every_age_are_read() {
        for value in [
            &b"\x09\x01h\x07\x01\x01f\x01\x00v\xff"[..],
            b"\x16\x01h\x01\x00\x01f\x01v",
            b"\x16\x01h\x01\x81\x00\x00\x0f\xff\xff\xff\xff\xff\x01f\x01v",
            b"\x17\x01h\x0f\x0f\0\0\0\x03\0\x81f\x02\x81v\x02\x00\x01\xff",
        ] {
            let (server, log) = start(&[value]);
            let server = server.unwrap_or_else(|| panic!("{log}"));
            let Some(Value::Hash(hash)) = server.dbs[0].get(b"h").map(|record| &record.value) else {
                panic!("{log}");
            };
            assert_eq!(hash.get(b"f").as_deref(), Some(&b"v"[..]));
        }
    }
}
