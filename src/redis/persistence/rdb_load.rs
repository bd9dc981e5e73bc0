//! Filling the databases from a snapshot, a slice at a time.

use super::crc64;
use super::rdb_read::{Fault, Reader};
use super::rdb_write::{FORMAT, op};
use crate::config;
use crate::data::text::Text;
use crate::keyspace::Value;
use crate::server::Server;
use crate::server::number::atoi;
use std::rc::Rc;

/// Keys without elements that are told of one by one.
const EMPTY_TOLD: usize = 10;

/// Why a snapshot can't be loaded.
#[derive(Debug)]
pub enum Bad {
    /// The loader will not begin.
    Refused(String),
    /// Redis ends when it meets that, wherever it loads.
    Ended(String),
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
    pub(super) db: usize,
    /// What was said of the key that comes: when it expires (Unix ms), and when or how often it was used.
    pub(super) expire: Option<i64>,
    pub(super) used: Option<u32>,
    /// Keys, and keys that expire, which were announced for the database; room is made with the next key.
    pub(super) sizes: Option<(u64, u64)>,
    /// Keys that room was made for.
    pub(super) reserved: usize,
    /// Notes of modules that were skipped.
    pub(super) skipped: usize,
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
        Loading {
            bytes,
            at: 0,
            base,
            db: 0,
            expire: None,
            used: None,
            sizes: None,
            reserved: 0,
            skipped: 0,
            sum: 0,
            keys: 0,
            expired: 0,
            empty: 0,
        }
    }

    /// Bytes of the file.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The file.
    pub(super) fn bytes(&self) -> Rc<Vec<u8>> {
        self.bytes.clone()
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

/// Whether a byte is the type of a value.
pub(super) fn is_value(kind: u8) -> bool {
    matches!(kind, 0..=7 | 9..=26)
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
        let version = atoi(&magic[5..]);
        if !(1..=i64::from(FORMAT)).contains(&version) {
            return Err(Bad::Refused(format!("Can't handle RDB format version {version}")));
        }
        loading.at = magic.len();
        Ok(())
    }

    /// The checksum, and what is told at the end.
    fn load_tail(&mut self, loading: &mut Loading, reader: &mut Reader<'_>) -> Result<(), Bad> {
        if loading.bytes.get(5..9).is_some_and(|version| atoi(version) >= 5) {
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
                    return Err(Bad::Ended(text));
                }
            },
            op::AUX => r.string().zip(r.string()).map(|(name, value)| self.load_fact(&name, &value, loading.base)),
            op::MODULE_AUX => self.load_module_facts(r)?,
            op::FUNCTION2 => {
                let text = r.string();
                self.load_functions(text)
            }
            op::FUNCTION_OLD => r.blame(3885, "Pre-release function format not supported."),
            op::EXPIRE_MS | op::EXPIRE | op::FREQ | op::IDLE | op::RESIZE_DB | op::SLOT_INFO => {
                self.load_hint(kind, loading, r)
            }
            kind => return self.load_key(kind, loading, r),
        };
        Ok(read.map(|()| Next::More))
    }

    fn load_key(&mut self, kind: u8, loading: &mut Loading, r: &mut Reader<'_>) -> Result<Option<Next>, Bad> {
        self.make_room_for_keys(loading);
        let kind = match kind {
            op::KEY_META => self.load_key_notes(loading, r).and_then(|()| r.byte()),
            kind => Some(kind),
        };
        let Some(kind) = kind.filter(|kind| is_value(*kind)) else { return Ok(None) };
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
        // The commands behind a base may be about keys that were not over yet.
        let keeps = loading.base || self.repl.is_replica();
        let over = expire.is_some_and(|when| when < self.now_ms) && !keeps;
        if over || value.is_empty_aggregate() {
            loading.expired += 1;
            return Ok(Some(Next::Key));
        }
        let db = loading.db;
        if self.dbs[db].get(&key).is_some() {
            if !self.persist.merging {
                // Redis ends with a report of a bug.
                let text = format!("RDB has duplicated key '{}' in DB {db}", String::from_utf8_lossy(&key));
                return Err(Bad::Ended(text));
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
