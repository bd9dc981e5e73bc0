//! `redis-check-rdb`: whether a snapshot can be read, told as Redis tells it.

use super::crc64;
use super::rdb_load::is_value;
use super::rdb_modules::{self, module_name};
use super::rdb_read::Reader;
use super::rdb_write::{FORMAT, op, part};
use crate::keyspace::Value;
use crate::server::Hot;
use crate::server::number::atoi;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The snapshot can be read.
    Sound,
    /// It can't.
    Broken,
    /// It can't, and Redis's reader ends the process itself: a line of the log follows.
    Fatal,
}

/// What a check found.
#[derive(Debug)]
pub struct Report {
    /// What is printed, lines and all.
    pub text: Vec<u8>,
    /// The verdict.
    pub verdict: Verdict,
    /// Bytes that belong to the snapshot, where it is sound.
    pub size: usize,
}

/// The line of the log behind [`Verdict::Fatal`].
pub const FATAL: &str = "Terminating server after rdb file reading failure.";

/// Bytes of a line that Redis has room for.
const LONGEST: usize = 1023;

/// The names of the types of values.
const TYPES: [&str; 27] = [
    "string",
    "list-linked",
    "set-hashtable",
    "zset-v1",
    "hash-hashtable",
    "zset-v2",
    "module-pre-release",
    "module-value",
    "",
    "hash-zipmap",
    "list-ziplist",
    "set-intset",
    "zset-ziplist",
    "hash-ziplist",
    "quicklist",
    "stream",
    "hash-listpack",
    "zset-listpack",
    "quicklist-v2",
    "stream-v2",
    "set-listpack",
    "stream-v3",
    "hash-hashtable-md-pre-release",
    "hash-listpack-md-pre-release",
    "hash-hashtable-md",
    "hash-listpack-md",
    "stream-v4",
];

/// Why reading stops.
enum Stop {
    /// The file ends too early, or what it holds makes no sense; not told yet.
    Short,
    /// Told already.
    Told(Verdict),
}

/// A check that is under way.
pub struct Checker<'a> {
    reader: Reader<'a>,
    bytes: &'a [u8],
    /// The version of the format, once that is read.
    version: Option<i64>,
    /// The checksum of what was read, as far as it was counted in.
    sum: u64,
    summed: usize,
    /// When the key that comes expires (Unix ms).
    expire: Option<i64>,
    hot: &'a Hot,
    now: i64,
    out: Vec<u8>,
    doing: &'static str,
    key: Option<Vec<u8>>,
    /// The type of the value being read. Redis's begins as 0 and is unset behind the first key.
    kind: Option<u8>,
    keys: u64,
    expires: u64,
    expired: u64,
    with_fields: u64,
}

/// Up to the byte where a string of C ends.
pub(super) fn c_string(bytes: &[u8]) -> &[u8] {
    bytes.split(|c| *c == 0).next().unwrap_or_default()
}

/// Checks the bytes of a file that begins with a snapshot, as a whole. `now`: milliseconds since 1970.
pub fn check(bytes: &[u8], hot: &Hot, now: i64) -> Report {
    let mut checker = Checker::new(bytes, hot, now);
    loop {
        if let Some(report) = checker.step(usize::MAX) {
            return report;
        }
    }
}

impl<'a> Checker<'a> {
    /// Nothing is read of these bytes yet. `now`: milliseconds since 1970.
    pub fn new(bytes: &'a [u8], hot: &'a Hot, now: i64) -> Checker<'a> {
        Checker {
            reader: Reader::new(bytes),
            bytes,
            version: None,
            sum: 0,
            summed: 0,
            expire: None,
            hot,
            now,
            out: Vec::new(),
            doing: "start",
            key: None,
            kind: Some(op::STRING),
            keys: 0,
            expires: 0,
            expired: 0,
            with_fields: 0,
        }
    }

    /// Bytes that were read.
    pub fn position(&self) -> usize {
        self.reader.position()
    }

    /// Reads so many bytes more, and the rest of the key that they end in; a report, if that was all.
    pub fn step(&mut self, most: usize) -> Option<Report> {
        let verdict = match self.read(most) {
            Ok(false) => return None,
            Ok(true) => {
                self.info(b"\\o/ RDB looks OK! \\o/");
                self.counts();
                Verdict::Sound
            }
            Err(Stop::Told(verdict)) => verdict,
            Err(Stop::Short) => {
                self.error(b"Unexpected EOF reading RDB file");
                Verdict::Broken
            }
        };
        Some(Report { text: std::mem::take(&mut self.out), verdict, size: self.position() })
    }
}

impl Checker<'_> {
    fn line(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.out.extend_from_slice(part);
        }
        self.out.push(b'\n');
    }

    fn info(&mut self, text: &[u8]) {
        let at = format!("[offset {}] ", self.reader.position());
        self.line(&[at.as_bytes(), &text[..text.len().min(LONGEST)]]);
    }

    fn counts(&mut self) {
        let text = format!(
            "[info] {} keys read\n[info] {} expires\n[info] {} already expired\n[info] {} subexpires\n",
            self.keys, self.expires, self.expired, self.with_fields
        );
        self.out.extend_from_slice(text.as_bytes());
    }

    fn error(&mut self, text: &[u8]) {
        self.line(&[b"--- RDB ERROR DETECTED ---"]);
        self.info(text);
        self.line(&[b"[additional info] While doing: ", self.doing.as_bytes()]);
        if let Some(key) = self.key.clone() {
            self.line(&[b"[additional info] Reading key '", c_string(&key), b"'"]);
        }
        if let Some(kind) = self.kind {
            let name = TYPES.get(usize::from(kind)).unwrap_or(&"unknown");
            self.line(&[format!("[additional info] Reading type {kind} ({name})").as_bytes()]);
        }
        self.counts();
    }

    fn told(&mut self, text: &str) -> Stop {
        self.error(text.as_bytes());
        Stop::Told(Verdict::Broken)
    }

    /// What was read; where it was not, what the reader has against it.
    fn need<T>(&mut self, read: Option<T>) -> Result<T, Stop> {
        if let Some(value) = read {
            return Ok(value);
        }
        let Some(fault) = self.reader.fault.take() else { return Err(Stop::Short) };
        self.error(fault.text(0).as_bytes());
        Err(Stop::Told(Verdict::Fatal))
    }

    fn length(&mut self) -> Result<u64, Stop> {
        let length = self.reader.read_len();
        self.need(length)
    }

    fn string(&mut self) -> Result<Vec<u8>, Stop> {
        let string = self.reader.string();
        self.need(string)
    }

    fn begin(&mut self) -> Result<i64, Stop> {
        let magic = self.reader.take(9);
        let magic = self.need(magic)?;
        if !magic.starts_with(b"REDIS") {
            return Err(self.told("Wrong signature trying to load DB from file"));
        }
        let version = atoi(&magic[5..]);
        if !(1..=i64::from(FORMAT)).contains(&version) {
            return Err(self.told(&format!("Can't handle RDB format version {version}")));
        }
        self.version = Some(version);
        Ok(version)
    }

    /// Reads so many bytes. Whether that was all.
    fn read(&mut self, most: usize) -> Result<bool, Stop> {
        let version = match self.version {
            Some(version) => version,
            None => self.begin()?,
        };
        let begun = self.position();
        loop {
            if self.position() - begun >= most {
                self.count_in();
                return Ok(false);
            }
            self.doing = "read-type";
            let kind = self.reader.byte();
            match self.need(kind)? {
                op::EOF => break,
                op::EXPIRE => {
                    self.doing = "read-expire";
                    let seconds = self.reader.take(4).and_then(|b| b.try_into().ok()).map(i32::from_le_bytes);
                    self.expire = Some(i64::from(self.need(seconds)?) * 1000);
                }
                op::EXPIRE_MS => {
                    self.doing = "read-expire";
                    let when = self.reader.le64();
                    self.expire = Some(self.need(when)?);
                }
                kind if self.marker(kind)? => {}
                kind => {
                    let expire = self.expire.take();
                    self.record(kind, expire)?;
                }
            }
        }
        if version >= 5 {
            self.checksum()?;
        }
        Ok(true)
    }

    /// Counts what was read into the checksum.
    fn count_in(&mut self) {
        let at = self.position();
        self.sum = crc64::update(self.sum, self.bytes.get(self.summed..at).unwrap_or_default());
        self.summed = at;
    }

    /// Reads what stands between the keys. False where this is a key.
    fn marker(&mut self, kind: u8) -> Result<bool, Stop> {
        match kind {
            op::FREQ => {
                let uses = self.reader.byte();
                self.need(uses)?;
            }
            op::IDLE => drop(self.length()?),
            op::SELECT_DB => {
                self.doing = "read-len";
                let db = self.length()?;
                self.info(format!("Selecting DB ID {db}").as_bytes());
            }
            op::RESIZE_DB => {
                self.doing = "read-len";
                self.length()?;
                self.length()?;
            }
            op::SLOT_INFO => drop((self.length()?, self.length()?, self.length()?)),
            op::AUX => {
                self.doing = "read-aux";
                let (name, value) = (self.string()?, self.string()?);
                let text = [b"AUX FIELD ", c_string(&name), b" = '", c_string(&value), b"'"].concat();
                self.info(&text);
            }
            op::MODULE_AUX => {
                self.doing = "read-module-aux";
                let (module, mark) = (self.length()?, self.length()?);
                self.length()?;
                if mark != part::UNSIGNED {
                    return Err(self.told("bad when_opcode"));
                }
                let name = module_name(module);
                self.info(format!("MODULE AUX for: {name}").as_bytes());
                self.module_value(&name)?;
            }
            op::KEY_META => {
                for _ in 0..self.length()? {
                    let spec = self.reader.take(4).map(drop);
                    self.need(spec)?;
                    self.module_value("metadata")?;
                }
            }
            op::FUNCTION_OLD => return Err(self.told(&format!("Pre-release function format not supported {FORMAT}"))),
            op::FUNCTION2 => {
                self.doing = "read-functions";
                if let Err(stop) = self.string() {
                    return Err(match stop {
                        Stop::Short => self.told("Failed loading library, Failed loading library payload"),
                        told => told,
                    });
                }
            }
            kind if is_value(kind) => return Ok(false),
            _ => return Err(self.told(&format!("Invalid object type: {kind}"))),
        }
        Ok(true)
    }

    fn record(&mut self, kind: u8, expire: Option<i64>) -> Result<(), Stop> {
        self.kind = Some(kind);
        self.doing = "read-key";
        self.key = Some(self.string()?);
        self.keys += 1;
        self.doing = "read-object-value";
        if kind == op::MODULE_2 {
            let module = self.reader.read_len();
            let module = self.reader.or_blame(module, 3421, "Short read module id");
            let module = self.need(module)?;
            self.module_value(&module_name(module))?;
        } else {
            let value = self.reader.value(kind, self.hot);
            let value = self.need(value)?;
            self.with_fields += u64::from(matches!(&value, Value::Hash(hash) if hash.next_expiry().is_some()));
        }
        self.expired += u64::from(expire.is_some_and(|when| when < self.now));
        self.expires += u64::from(expire.is_some());
        (self.key, self.kind) = (None, None);
        Ok(())
    }

    /// What a module keeps.
    fn module_value(&mut self, module: &str) -> Result<(), Stop> {
        let skipped = rdb_modules::skip(&mut self.reader, module);
        self.need(skipped)
    }

    fn checksum(&mut self) -> Result<(), Stop> {
        self.doing = "check-sum";
        self.count_in();
        let sum = self.reader.le64();
        let sum = self.need(sum)? as u64;
        if sum == 0 {
            self.info(b"RDB file was saved with checksum disabled: no check performed.");
        } else if sum == self.sum {
            self.info(b"Checksum OK");
        } else {
            return Err(self.told("RDB CRC error"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Checker, check};
    use crate::testing::Bench;

    #[test]
    fn in_steps_it_finds_what_it_finds_at_once() {
        let mut bench = Bench::start("");
        for line in ["SET a 1", "RPUSH l a b c", "ZADD z 1 m", "HSET h f v", "PEXPIRE a 1000", "XADD s 1-1 f v", "SAVE"]
        {
            bench.run(line);
        }
        let whole = bench.world.borrow().files["dump.rdb"].clone();
        let hot = bench.server.hot;
        let mut broken = whole.clone();
        let middle = broken.len() / 2;
        broken[middle] ^= 0x41;
        for bytes in (0..=whole.len()).map(|n| &whole[..n]).chain([&broken[..]]) {
            let mut checker = Checker::new(bytes, &hot, 0);
            let (mut steps, mut report) = (0, None);
            while report.is_none() {
                report = checker.step(1);
                steps += 1;
            }
            let (stepped, at_once) = (report.expect("a report"), check(bytes, &hot, 0));
            assert_eq!((&stepped.text, stepped.verdict), (&at_once.text, at_once.verdict));
            assert!(bytes != whole || steps > 12, "{steps}");
        }
    }
}
