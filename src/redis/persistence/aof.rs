//! The append only file: a directory with a base (a snapshot), files that grow, and a manifest that
//! names them.

use super::aof_sync::Sync;
use super::manifest::Listed;
use crate::config;
use crate::server::Server;
use resp::encode_request;

/// Whether changes are appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No.
    Off,
    /// Not yet: the first base is to be written. Changes meanwhile go to a file of their own.
    Waiting,
    /// Yes.
    On,
}

/// The state of the append only file.
#[derive(Clone, Debug)]
pub struct Aof {
    pub(super) state: State,
    /// Bytes not written yet.
    pub buffer: Vec<u8>,
    pub(super) base: Option<Listed>,
    /// The growing files in order: changes go to the last.
    pub(super) growing: Vec<Listed>,
    pub(super) last_base: u64,
    pub(super) last_growing: u64,
    /// The offset of replication at which the file of [`State::Waiting`] begins.
    pub(super) waiting_from: i64,
    /// The database that the last command in the file was for.
    pub(super) db: Option<usize>,
    /// The second that the last note of the time in the file told.
    noted_time: i64,
    /// What of it is on the disk for certain.
    pub(super) sync: Sync,
    /// Whether the last write succeeded.
    pub last_ok: bool,
    /// Bytes of all files.
    pub size: u64,
    /// Bytes of the last growing file.
    pub(super) grown: u64,
    /// Bytes of all files after the last rewrite.
    pub rewritten_size: u64,
    /// A rewrite is to begin as soon as no other child is at work.
    pub scheduled: bool,
    /// Rewrites that began.
    pub rewrites: u64,
    /// How long the last rewrite took (s), -1 for none.
    pub last_rewrite: i64,
    /// Whether it succeeded.
    pub last_rewrite_ok: bool,
    /// Rewrites that failed, since the last that did not.
    pub failures: u64,
    /// After too many: for how many minutes none begins by itself, and until which second.
    pub(super) rest: Option<(i64, i64)>,
    /// Bytes that the last rewrite copied since clients changed them.
    pub last_copied: usize,
}

impl Default for Aof {
    fn default() -> Aof {
        Aof {
            state: State::Off,
            buffer: Vec::new(),
            base: None,
            growing: Vec::new(),
            last_base: 0,
            last_growing: 0,
            waiting_from: 0,
            db: None,
            noted_time: 0,
            sync: Sync::default(),
            last_ok: true,
            size: 0,
            grown: 0,
            rewritten_size: 0,
            scheduled: false,
            rewrites: 0,
            last_rewrite: -1,
            last_rewrite_ok: true,
            failures: 0,
            rest: None,
            last_copied: 0,
        }
    }
}

/// The comment that tells when what stands behind it was appended, in Unix seconds.
pub(super) fn time_note(now: i64) -> String {
    format!("#TS:{now}\r\n")
}

impl Server {
    /// Makes the directory. False (after a line in the log) where that fails.
    pub(super) fn make_aof_dir(&mut self) -> bool {
        let dir = self.config.text(config::APPENDDIRNAME).to_owned();
        let made = self.host.make_dir(&dir);
        if let Err(error) = &made {
            self.warn(&format!("Can't open or create append-only dir {dir}: {error}"));
        }
        made.is_ok()
    }

    /// Begins to append, when the server starts.
    pub(super) fn start_aof(&mut self) -> bool {
        if !self.config.bool(config::APPENDONLY) {
            return true;
        }
        if !self.make_aof_dir() || !self.first_base() || !self.first_growing() {
            return false;
        }
        self.persist.aof.state = State::On;
        true
    }

    /// Writes a base where there is nothing yet.
    fn first_base(&mut self) -> bool {
        if self.persist.aof.base.is_some() || !self.persist.aof.growing.is_empty() {
            return true;
        }
        let base = self.next_base(self.config.bool(config::AOF_USE_RDB_PREAMBLE));
        let recorder = self.base_recorder();
        let (data, keys) = self.record_all(recorder);
        self.notice(&format!("BGSAVE done, {keys} keys saved, 0 keys skipped, {} bytes written.", data.len()));
        self.notice(&format!("Creating AOF base file {} on server start", base.file));
        let size = data.len() as u64;
        let path = self.aof_path(&base.file);
        if let Err(error) = self.host.write_file(&path, &data) {
            self.warn(&format!("Can't open the append-only file {path}: {error}"));
            return false;
        }
        let aof = &mut self.persist.aof;
        (aof.size, aof.rewritten_size, aof.last_base) = (size, size, base.seq);
        aof.base = Some(base);
        true
    }

    /// Opens the last growing file, or makes the first.
    fn first_growing(&mut self) -> bool {
        if let Some(file) = self.persist.aof.growing.last().map(|listed| listed.file.clone()) {
            self.notice(&format!("Opening AOF incr file {file} on server start"));
            return true;
        }
        let growing = self.next_growing();
        self.notice(&format!("Creating AOF incr file {} on server start", growing.file));
        let path = self.aof_path(&growing.file);
        if let Err(error) = self.host.write_file(&path, b"") {
            self.warn(&format!("Can't open the append-only file {path}: {error}"));
            return false;
        }
        self.persist.aof.last_growing = growing.seq;
        self.persist.aof.growing.push(growing);
        self.write_manifest()
    }

    /// CONFIG SET appendonly.
    pub(crate) fn switch_aof(&mut self, was: bool) -> Result<(), String> {
        if self.loading {
            // What holds is looked up once all is there.
            return Ok(());
        }
        let wanted = self.config.bool(config::APPENDONLY);
        if wanted == was {
            return Ok(());
        }
        if !wanted {
            self.stop_aof();
            return Ok(());
        }
        if self.begin_aof() { Ok(()) } else { Err("Unable to turn on AOF. Check server logs.".into()) }
    }

    /// Appends from now on, once a rewrite has made the base. False where that can't begin.
    pub(crate) fn begin_aof(&mut self) -> bool {
        self.persist.aof.state = State::Waiting;
        self.persist.aof.sync = Sync::begin(self.repl.offset);
        if self.child_saves() {
            self.persist.aof.scheduled = true;
            self.notice("AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.");
        } else if self.in_exec {
            self.persist.aof.scheduled = true;
            self.notice(
                "AOF was enabled during a transaction. An AOF background was scheduled to start when possible.",
            );
        } else if self.child_rewrites() {
            // What that one writes lacks what changed since.
            self.notice("AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and starting a rewrite now.");
            self.kill_rewrite();
            self.persist.aof.scheduled = true;
        } else if !self.start_rewrite() {
            self.persist.aof.state = State::Off;
            self.warn("Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.");
            return false;
        }
        if !self.persist.aof.last_ok {
            self.warn("AOF reopen, just ignore the last error.");
            self.persist.aof.last_ok = true;
        }
        true
    }

    /// Appends no more.
    pub(crate) fn stop_aof(&mut self) {
        self.flush_aof();
        let offset = self.repl.offset;
        let aof = &mut self.persist.aof;
        let was = std::mem::replace(&mut aof.state, State::Off);
        aof.db = None;
        aof.scheduled = false;
        aof.grown = 0;
        aof.buffer.clear();
        if was == State::On
            && let Some(last) = aof.growing.last_mut()
        {
            last.end = Some(offset);
            self.write_manifest();
        }
        self.kill_rewrite();
    }

    /// Notes a change.
    pub(crate) fn feed_aof(&mut self, db: Option<usize>, words: &[Vec<u8>]) {
        // What changes before the first base begins will stand in it.
        if self.persist.aof.state == State::Waiting && !self.child_rewrites() {
            return;
        }
        let (timed, now) = (self.config.bool(config::AOF_TIMESTAMP_ENABLED), self.now_ms / 1000);
        let aof = &mut self.persist.aof;
        if timed && aof.noted_time < now {
            aof.noted_time = now;
            aof.buffer.extend_from_slice(time_note(now).as_bytes());
        }
        if let Some(db) = db.filter(|db| aof.db != Some(*db)) {
            let n = db.to_string();
            encode_request(&mut aof.buffer, &["SELECT", &n]);
            aof.db = Some(db);
        }
        encode_request(&mut aof.buffer, words);
    }

    /// Where changes meanwhile go until the first base is written.
    pub(super) fn temporary_growing(&self) -> String {
        format!("temp-{}.incr", self.aof_name())
    }

    /// Writes what was noted.
    pub(crate) fn flush_aof(&mut self) {
        if !self.persist.aof.buffer.is_empty() {
            self.write_aof();
        }
        self.sync_aof();
    }

    fn write_aof(&mut self) {
        let file = match (self.persist.aof.state, self.persist.aof.growing.last()) {
            (State::On, Some(last)) => last.file.clone(),
            _ => self.temporary_growing(),
        };
        let data = std::mem::take(&mut self.persist.aof.buffer);
        let path = self.aof_path(&file);
        match self.host.append_file(&path, &data) {
            Ok(()) => {
                self.persist.aof.size += data.len() as u64;
                self.persist.aof.grown += data.len() as u64;
                self.persist.aof.sync.wrote(data.len());
                self.persist.aof.last_ok = true;
            }
            Err(error) => {
                self.warn(&format!("Error writing to the AOF file: {error}"));
                self.persist.aof.last_ok = false;
                self.persist.aof.buffer = data;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_noted_once_a_second() {
        let mut bench = crate::testing::Bench::start("appendonly yes\naof-timestamp-enabled yes");
        bench.run("SET a 1");
        bench.run("SET b 1");
        bench.pass(1000);
        bench.run("SET c 1");
        let world = bench.world.borrow();
        let file = &world.files["appendonlydir/appendonly.aof.1.incr.aof"];
        let text = String::from_utf8_lossy(file);
        assert!(text.starts_with("#TS:1790000000\r\n*2"), "{text}");
        assert_eq!(text.matches("#TS:").count(), 2);
    }
}
