//! Filling the databases from a snapshot, a slice at a time.

use super::crc64;
use super::rdb_read::{Fault, Reader};
use super::rdb_write::{FORMAT, op};
use crate::config;
use crate::data::text::Text;
use crate::keyspace::Value;
use crate::server::Server;
use std::rc::Rc;

/// Keys without elements that are told of one by one.
const EMPTY_TOLD: usize = 10;

/// Why a snapshot can't be loaded.
#[derive(Debug)]
pub enum Bad {
    /// The loader will not begin, or not go on.
    Refused(String),
    /// The content is wrong.
    Broken(Fault),
}

/// A snapshot that is being loaded.
#[derive(Debug)]
pub struct Loading {
    bytes: Rc<Vec<u8>>,
    at: usize,
    /// The base of an append only file.
    base: bool,
    db: usize,
    expire: Option<i64>,
    used: Option<u32>,
    /// The checksum of what was read.
    sum: u64,
    keys: usize,
    expired: usize,
    empty: usize,
}

/// What comes next in the file.
enum Next {
    More,
    /// A key was read.
    Key,
    End,
}

impl Loading {
    /// Nothing read yet. `base`: of an append only file.
    pub(super) fn new(bytes: Rc<Vec<u8>>, base: bool) -> Loading {
        let (db, expire, used, sum) = (0, None, None, 0);
        Loading { bytes, at: 0, base, db, expire, used, sum, keys: 0, expired: 0, empty: 0 }
    }

    /// Bytes that were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }
}

/// What was not read ends too early, unless something else is wrong with it.
fn broken(server: &mut Server, fault: Option<Fault>) -> Bad {
    Bad::Broken(fault.unwrap_or_else(|| {
        server.warn("Short read or OOM loading DB. Unrecoverable error, aborting now.");
        Fault { line: 4061, reason: "Unexpected EOF reading RDB file".to_owned() }
    }))
}

impl Server {
    /// Loads a snapshot as a whole.
    pub(crate) fn load_snapshot(&mut self, bytes: Vec<u8>) -> Result<(), Bad> {
        let mut loading = Loading::new(Rc::new(bytes), false);
        while !self.load_records(&mut loading, usize::MAX)? {}
        Ok(())
    }

    /// Loads so many bytes more, and the rest of the key that they end in. Whether that was all.
    pub(super) fn load_records(&mut self, loading: &mut Loading, most: usize) -> Result<bool, Bad> {
        let bytes = loading.bytes.clone();
        let begun = loading.at;
        if begun == 0 {
            self.load_head(loading)?;
        }
        // A delay lies between any two keys.
        let one = self.config.int(config::KEY_LOAD_DELAY) != 0;
        let mut reader = Reader::at(&bytes, loading.at);
        let done = loop {
            let next = self.load_record(loading, &mut reader)?;
            loading.at = reader.position();
            match next {
                Some(Next::End) => break true,
                Some(Next::Key) if one => break false,
                Some(_) if reader.position() - begun >= most => break false,
                Some(_) => {}
                None => return Err(broken(self, reader.fault.take())),
            }
        };
        loading.sum = crc64::update(loading.sum, bytes.get(begun..loading.at).unwrap_or_default());
        self.persist.loaded = (loading.keys, loading.expired);
        if done {
            self.load_tail(loading, &mut reader)?;
        }
        Ok(done)
    }

    fn load_head(&mut self, loading: &mut Loading) -> Result<(), Bad> {
        let Some(magic) = loading.bytes.get(..9) else { return Err(broken(self, None)) };
        if !magic.starts_with(b"REDIS") {
            return Err(Bad::Refused("Wrong signature trying to load DB from file".into()));
        }
        let version: u16 = std::str::from_utf8(&magic[5..]).ok().and_then(|v| v.parse().ok()).unwrap_or(0);
        if !(1..=FORMAT).contains(&version) {
            return Err(Bad::Refused(format!("Can't handle RDB format version {version}")));
        }
        loading.at = magic.len();
        Ok(())
    }

    /// The checksum, and what is told at the end.
    fn load_tail(&mut self, loading: &mut Loading, reader: &mut Reader<'_>) -> Result<(), Bad> {
        let version = loading.bytes.get(5..9).unwrap_or_default();
        if version >= b"0005".as_slice() {
            let Some(sum) = reader.le64() else { return Err(broken(self, None)) };
            loading.at = reader.position();
            self.verify(loading.sum, sum as u64)?;
        }
        self.repl.saved_db = self.repl.saved_db.min(self.dbs.len() - 1);
        let mut text = format!("Done loading RDB, keys loaded: {}, keys expired: {}", loading.keys, loading.expired);
        if loading.empty > 0 {
            text += &format!(", empty keys skipped: {}", loading.empty);
        }
        self.notice(&format!("{text}."));
        self.persist.loaded_size = loading.at;
        Ok(())
    }

    /// Whether a file has the checksum that stands behind it; 0 is none.
    fn verify(&mut self, expected: u64, sum: u64) -> Result<(), Bad> {
        if self.debug.skip_checksum || !self.config.bool(config::RDBCHECKSUM) {
            return Ok(());
        }
        if sum == 0 {
            self.notice("RDB file was saved with checksum disabled: no check performed.");
            return Ok(());
        }
        if expected == sum {
            return Ok(());
        }
        self.warn(&format!("Wrong RDB checksum expected: ({expected:x}) but got ({sum:x}). Aborting now."));
        Err(Bad::Broken(Fault { line: 4037, reason: "RDB CRC error".to_owned() }))
    }

    /// Reads a marker, or a key with its value. `None` where the content is wrong.
    fn load_record(&mut self, loading: &mut Loading, r: &mut Reader<'_>) -> Result<Option<Next>, Bad> {
        let Some(kind) = r.byte() else { return Ok(None) };
        let read = match kind {
            op::EOF => return Ok(Some(Next::End)),
            op::SELECT_DB => match r.read_len().map(usize::try_from) {
                Some(Ok(db)) if db < self.dbs.len() => {
                    loading.db = db;
                    Some(())
                }
                None => None,
                Some(_) => {
                    let text = format!(
                        "FATAL: Data file was created with a Redis server configured to handle more than {} databases. Exiting",
                        self.dbs.len()
                    );
                    return Err(Bad::Refused(text));
                }
            },
            op::AUX => r.string().zip(r.string()).map(|(name, value)| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                self.load_fact(&text(&name), text(&value), loading.base);
            }),
            op::FUNCTION2 => r.string().and_then(|text| self.load_functions(&text)),
            op::FUNCTION_OLD => r.blame(3885, "Pre-release function format not supported."),
            op::EXPIRE_MS | op::EXPIRE | op::FREQ | op::IDLE | op::RESIZE_DB | op::SLOT_INFO => {
                self.load_hint(kind, loading, r)
            }
            kind => return self.load_key(kind, loading, r),
        };
        Ok(read.map(|()| Next::More))
    }

    /// What is told of the key that comes, or of how many there are.
    fn load_hint(&mut self, kind: u8, loading: &mut Loading, r: &mut Reader<'_>) -> Option<()> {
        match kind {
            op::EXPIRE_MS => loading.expire = Some(r.le64()?),
            op::EXPIRE => {
                loading.expire = Some(i64::from(i32::from_le_bytes(r.take(4)?.try_into().ok()?)) * 1000);
            }
            op::FREQ => loading.used = Some(u32::from(r.byte()?)),
            op::IDLE => loading.used = Some(((self.now_ms / 1000) as u32).wrapping_sub(r.read_len()? as u32)),
            op::RESIZE_DB => {
                let n = r.read_len()?;
                r.read_len()?;
                let most = loading.bytes.len();
                self.dbs[loading.db].reserve(usize::try_from(n).ok()?.min(most));
            }
            _ => {
                for _ in 0..3 {
                    r.read_len()?;
                }
            }
        }
        Some(())
    }

    fn load_functions(&mut self, text: &[u8]) -> Option<()> {
        let replace = self.persist.merging;
        let loaded = self.load_library(text, replace, false);
        if let Err(problem) = loaded {
            let problem = String::from_utf8_lossy(&problem).into_owned();
            let problem = problem.strip_prefix("ERR ").unwrap_or(&problem);
            self.warn(&format!("Failed loading library, {problem}"));
            return None;
        }
        Some(())
    }

    /// A fact about the snapshot; of an append only file, its offsets tell where it goes on.
    fn load_fact(&mut self, name: &str, value: String, base: bool) {
        match name {
            "redis-ver" => self.notice(&format!("Loading RDB produced by version {value}")),
            "ctime" => {
                let age = self.now_ms / 1000 - value.parse::<i64>().unwrap_or(0);
                self.notice(&format!("RDB age {} seconds", age.max(0)));
            }
            "used-mem" => {
                let bytes: f64 = value.parse().unwrap_or(0.0);
                self.notice(&format!("RDB memory usage when created {:.2} Mb", bytes / 1_048_576.0));
                self.persist.loading_used_memory = value.parse().unwrap_or(0);
            }
            "aof-base" if base && value == "1" => self.notice("RDB is base AOF"),
            "repl-id" if !base => self.repl.saved_id = Some(value),
            "cluster-asm-task" => drop(self.hear_masters_task(&value)),
            "repl-stream-db" if !base => self.repl.saved_db = value.parse().unwrap_or(0),
            "repl-offset" if !base => self.repl.saved_offset = value.parse().unwrap_or(0),
            _ => {}
        }
    }

    fn load_key(&mut self, kind: u8, loading: &mut Loading, r: &mut Reader<'_>) -> Result<Option<Next>, Bad> {
        let (expire, used) = (loading.expire.take(), loading.used.take());
        let Some(key) = r.string() else { return Ok(None) };
        let hot = self.hot;
        let Some(value) = r.value(kind, &hot) else {
            if !std::mem::take(&mut r.empty) {
                return Ok(None);
            }
            if loading.empty < EMPTY_TOLD {
                self.notice(&format!("rdbLoadObject skipping empty key: {}", String::from_utf8_lossy(&key)));
            }
            loading.empty += 1;
            return Ok(Some(Next::Key));
        };
        let over = expire.is_some_and(|when| when < self.now_ms) && !self.repl.is_replica();
        if over || value.is_empty_aggregate() {
            loading.expired += 1;
            return Ok(Some(Next::Key));
        }
        let db = loading.db;
        if self.dbs[db].get(&key).is_some() {
            if !self.persist.merging {
                // Redis ends with a report of a bug.
                let text = format!("RDB has duplicated key '{}' in DB {db}", String::from_utf8_lossy(&key));
                return Err(Bad::Refused(text));
            }
            self.dbs[db].remove(&key);
        }
        self.load_value(db, &key, value, expire, used);
        loading.keys += 1;
        Ok(Some(Next::Key))
    }

    fn load_value(&mut self, db: usize, key: &[u8], value: Value, expire: Option<i64>, used: Option<u32>) {
        let lru = used.unwrap_or((self.now_ms / 1000) as u32);
        self.dbs[db].add(&Text::new(key), value, lru);
        self.dbs[db].update_field_expiry(key, None);
        if let Some(when) = expire {
            self.dbs[db].set_expire(key, when);
        }
    }
}
