//! What Redis lets a child process do with its frozen copy of the data: a snapshot to disk or to replicas, the rewrite
//! of the append only file.
//!
//! The engine gives the snapshot out in slices, each of bounded work ([`Server::child_slice`]), while clients are
//! served in between; what is in it are the keys as they were at the start ([`Db::freeze`](crate::keyspace::Db)). The
//! program around writes the slices to the child's file.

use super::recorder::Recorder;
use crate::config;
use crate::keyspace::frozen::Budget;
use crate::launch;
use crate::server::{Action, Level, Server};
use crate::slot_migration::SlotRanges;
use std::collections::VecDeque;

/// What one slice writes at most: a fraction of a millisecond's work.
const SLICE: Budget = Budget { keys: 512, bytes: 64 << 10 };

/// The signal by which a server ends its own children.
const SIGUSR1: u8 = 10;

/// What a child process is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// BGSAVE.
    Save,
    /// A snapshot that replicas get over their connections.
    Transfer,
    /// A snapshot of slots that the node gets which they move to.
    Slots,
    /// BGREWRITEAOF.
    Rewrite,
}

impl Purpose {
    /// The title of the process.
    pub fn title(self) -> &'static str {
        match self {
            Purpose::Save => "redis-rdb-bgsave",
            Purpose::Transfer | Purpose::Slots => "redis-rdb-to-slaves",
            Purpose::Rewrite => "redis-aof-rewrite",
        }
    }

    /// The file that a child writes, in the server's directory; none where its output goes to replicas.
    pub fn file(self, pid: u32) -> Option<String> {
        match self {
            Purpose::Save => Some(format!("temp-{pid}.rdb")),
            Purpose::Transfer | Purpose::Slots => None,
            Purpose::Rewrite => Some(format!("temp-rewriteaof-bg-{pid}.aof")),
        }
    }
}

/// Which keys a child writes.
#[derive(Clone, Copy, Debug)]
pub enum Keys<'a> {
    /// None.
    None,
    /// Those of some slots.
    Of(&'a SlotRanges),
    /// All.
    All,
}

/// A child process to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What for.
    pub purpose: Purpose,
    /// The name that its file gets at the end. None where it keeps that of [`Purpose::file`].
    pub path: Option<String>,
    /// The child is done no earlier than so many microseconds after its start: `rdb-key-save-delay`.
    pub delay: i64,
}

/// A slice of what a child writes.
#[derive(Debug, Default)]
pub struct Slice {
    /// What comes next in its file.
    pub data: Vec<u8>,
    /// How many keys it took.
    pub keys: usize,
    /// How the whole looks, if this was the last one.
    pub last: Option<Total>,
}

/// What a child wrote.
#[derive(Clone, Copy, Debug, Default)]
pub struct Total {
    /// Keys.
    pub keys: usize,
    /// Keys that were left out: their slots are being dropped.
    pub skipped: usize,
    /// Bytes.
    pub bytes: usize,
    /// Bytes that were copied since clients changed what was not written yet.
    pub copied: usize,
    /// It is an RDB file.
    pub rdb: bool,
}

/// Why a child failed; with the text of the error.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Its file could not be made.
    Open(String),
    /// Its file could not be written.
    Write(String),
    /// Its file could not get its final name.
    Move(String),
}

/// A child process at work.
#[derive(Debug)]
pub struct Child {
    /// What for.
    pub purpose: Purpose,
    /// Since when (ms).
    pub since: i64,
    /// Its number; 0 until it was started.
    pub pid: u32,
    /// The server itself ended it.
    killed: bool,
    /// What is still to be written; nothing once all was.
    work: Option<Work>,
    /// What was written so far.
    pub total: Total,
    /// How many keys there are to write.
    pub keys: usize,
}

#[derive(Debug)]
struct Work {
    recorder: Recorder,
    /// Databases to come, with how many keys they have and how many of these expire.
    dbs: VecDeque<(usize, usize, usize)>,
    current: Option<usize>,
}

impl Child {
    /// Whether it makes an RDB file for this server or for replicas.
    pub fn saves(&self) -> bool {
        self.purpose != Purpose::Rewrite
    }
}

impl Server {
    /// Whether a child makes a snapshot.
    pub(crate) fn child_saves(&self) -> bool {
        self.persist.child.as_ref().is_some_and(Child::saves)
    }

    /// Whether a child sends slots to another node.
    pub(crate) fn child_sends_slots(&self) -> bool {
        self.persist.child.as_ref().is_some_and(|child| child.purpose == Purpose::Slots)
    }

    /// Whether a child rewrites the append only file.
    pub(crate) fn child_rewrites(&self) -> bool {
        self.persist.child.as_ref().is_some_and(|child| !child.saves())
    }

    /// Starts a child that writes what `recorder` has begun, with keys as they are now.
    pub(crate) fn start_child(&mut self, purpose: Purpose, recorder: Recorder, which: Keys<'_>) {
        let mut dbs = VecDeque::new();
        let dropped = self.slots_being_dropped();
        let without = |slot| match which {
            Keys::Of(slots) => !slots.has(slot),
            _ => dropped.iter().any(|slots| slots.has(slot)),
        };
        let (mut keys, mut frozen) = (0, 0);
        for (n, db) in self.dbs.iter_mut().enumerate().filter(|(_, db)| !matches!(which, Keys::None) && !db.is_empty())
        {
            dbs.push_back((n, db.len(), db.volatile()));
            keys += db.len();
            frozen += db.freeze(n, recorder.like(), without);
        }
        // A negative delay is a microsecond for so many keys.
        let each = self.config.int(config::RDB_KEY_SAVE_DELAY);
        let delay = if each < 0 { frozen as i64 / -each } else { (frozen as i64).saturating_mul(each) };
        self.plan_child(purpose, Work { recorder, dbs, current: None }, keys, delay);
    }

    fn plan_child(&mut self, purpose: Purpose, work: Work, keys: usize, delay: i64) {
        let (since, work, total) = (self.now_ms, Some(work), Total::default());
        self.persist.child = Some(Child { purpose, since, pid: 0, killed: false, work, total, keys });
        if purpose != Purpose::Rewrite {
            self.persist.dirty_before = self.dirty;
            self.persist.last_try = since / 1000;
        }
        self.count.forks += 1;
        let path = (purpose == Purpose::Save).then(|| self.rdb_path());
        self.actions.push(Action::StartChild(Plan { purpose, path, delay }));
    }

    /// A child process was started.
    pub fn child_started(&mut self, pid: u32) {
        let Some(child) = &mut self.persist.child else { return };
        child.pid = pid;
        let text = match child.purpose {
            Purpose::Save => format!("Background saving started by pid {pid}"),
            Purpose::Transfer => format!("Background RDB transfer started by pid {pid} to replica socket"),
            Purpose::Slots => {
                format!("Background RDB transfer started by pid {pid} to slot migration destination socket")
            }
            Purpose::Rewrite => format!("Background append only file rewriting started by pid {pid}"),
        };
        self.notice(&text);
    }

    /// The next slice of what the child writes.
    pub fn child_slice(&mut self) -> Slice {
        self.child_slice_of(SLICE)
    }

    /// The same, as large as told.
    pub(super) fn child_slice_of(&mut self, budget: Budget) -> Slice {
        let Some(child) = &mut self.persist.child else { return Slice::default() };
        let (purpose, before) = (child.purpose, child.total.keys);
        let Some(mut work) = child.work.take() else { return Slice { last: Some(child.total), ..Slice::default() } };
        let (data, done, copied) = self.write_slice(&mut work, budget);
        let Some(child) = &mut self.persist.child else { return Slice::default() };
        child.total.bytes += data.len();
        child.total.copied += copied;
        child.total.keys = work.recorder.keys;
        child.total.rdb = work.recorder.is_rdb();
        if done {
            child.total.skipped = child.keys.saturating_sub(child.total.keys);
        }
        let slice = Slice { data, keys: child.total.keys - before, last: done.then_some(child.total) };
        if !done {
            child.work = Some(work);
        }
        match purpose {
            Purpose::Rewrite => slice,
            Purpose::Slots => self.slice_of_slots(slice),
            Purpose::Save | Purpose::Transfer => self.slice_for_replicas(slice, purpose),
        }
    }

    /// Writes a slice: the bytes, whether they are the last, and how many of them were written aside before.
    fn write_slice(&mut self, work: &mut Work, mut budget: Budget) -> (Vec<u8>, bool, usize) {
        let mut copied = 0;
        while budget.keys > 0 && work.recorder.waiting() < budget.bytes {
            let Some(number) = work.current else {
                let Some((number, keys, volatile)) = work.dbs.pop_front() else {
                    return (work.recorder.finish(), true, copied);
                };
                work.recorder.select(number, keys, volatile);
                work.current = Some(number);
                continue;
            };
            // SWAPDB may have moved it.
            let at_home = self.dbs.get(number).is_some_and(|db| db.frozen_as() == Some(number));
            let place =
                if at_home { Some(number) } else { self.dbs.iter().position(|d| d.frozen_as() == Some(number)) };
            let Some(db) = place.and_then(|n| self.dbs.get_mut(n)) else {
                work.current = None;
                continue;
            };
            copied += db.frozen_memory();
            if db.write_frozen(&mut work.recorder, &mut budget) {
                db.thaw(&mut self.trash);
                work.current = None;
            }
        }
        (work.recorder.take(), false, copied)
    }

    /// Writes a snapshot and its file in one step, where there are neither processes nor anybody who waits: in tests.
    pub fn run_child(&mut self, plan: &Plan, pid: u32) {
        self.child_started(pid);
        let mut data = Vec::new();
        loop {
            let slice = self.child_slice();
            data.extend(slice.data);
            if slice.last.is_some() {
                break;
            }
        }
        let file = plan.path.clone().or_else(|| plan.purpose.file(pid));
        let written = file.is_none_or(|file| self.host.write_file(&file, &data).is_ok());
        self.child_done(written);
    }

    /// Ends the child, whatever it does. What it writes is not wanted any more.
    pub(crate) fn kill_child(&mut self) {
        let Some(child) = self.persist.child.as_mut().filter(|child| !child.killed) else { return };
        child.killed = true;
        let (pid, wall) = (child.pid, self.host.wall_us());
        self.drop_work();
        if pid != 0 {
            self.host.log_raw(&launch::signal_line(pid, wall, "Received SIGUSR1 in child, exiting now."));
        }
        self.actions.push(Action::KillChild);
    }

    /// Ends the child that saves, where there is one.
    pub(crate) fn kill_save(&mut self) {
        if self.child_saves() {
            self.kill_child();
        }
    }

    /// Forgets what was still to be written.
    fn drop_work(&mut self) {
        if self.persist.child.as_mut().is_some_and(|child| child.work.take().is_some()) {
            for db in &mut self.dbs {
                db.thaw(&mut self.trash);
            }
        }
    }

    /// The child was ended by a signal. Where the server itself sent it (SIGUSR1), that is no failure.
    pub fn child_killed(&mut self, signal: u8) {
        self.refresh_time();
        self.child_ended(Err(signal));
    }

    /// The child ended by itself.
    pub fn child_done(&mut self, ok: bool) {
        self.refresh_time();
        self.child_ended(Ok(ok));
    }

    fn child_ended(&mut self, result: Result<bool, u8>) {
        self.drop_work();
        let Some(child) = self.persist.child.take() else { return };
        // It may have been done when it was told to end: too late.
        let result = if child.killed { Err(SIGUSR1) } else { result };
        if result != Ok(true)
            && let Some(file) = child.purpose.file(child.pid)
        {
            let _ = self.host.remove_file(&file);
        }
        if child.saves() {
            self.persist.last_child_time = (self.now_ms - child.since) / 1000;
        }
        match child.purpose {
            Purpose::Save => self.save_ended(&child, result),
            Purpose::Transfer | Purpose::Slots => match result {
                Ok(true) => self.notice("Background RDB transfer terminated with success"),
                Ok(false) => self.warn("Background transfer error"),
                Err(signal) => self.warn(&format!("Background transfer terminated by signal {signal}")),
            },
            Purpose::Rewrite => self.rewrite_ended(&child, result),
        }
        match child.purpose {
            Purpose::Slots => self.slots_snapshot_done(result == Ok(true)),
            Purpose::Save | Purpose::Transfer => self.replicas_after_save(result == Ok(true)),
            Purpose::Rewrite => {}
        }
    }

    fn save_ended(&mut self, child: &Child, result: Result<bool, u8>) {
        match result {
            Ok(true) => {
                self.notice("Background saving terminated with success");
                let left = self.dirty.saturating_sub(self.persist.dirty_before);
                self.persist.last_copied = child.total.copied;
                self.saved();
                self.dirty = left;
            }
            Ok(false) => self.warn("Background saving error"),
            Err(signal) => self.warn(&format!("Background saving terminated by signal {signal}")),
        }
        if !matches!(result, Ok(true) | Err(SIGUSR1)) {
            self.persist.last_ok = false;
            self.persist.failures += 1;
        }
    }
}

/// What a child that wrote all says in the log.
pub fn success_lines(purpose: Purpose, pid: u32, total: Total) -> Vec<(Level, String)> {
    let mut lines = Vec::new();
    let Total { keys, skipped, bytes, .. } = total;
    if total.rdb {
        lines.push(format!("BGSAVE done, {keys} keys saved, {skipped} keys skipped, {bytes} bytes written."));
    } else if purpose == Purpose::Rewrite {
        lines.push(format!("AOF rewrite done, {keys} keys saved, {skipped} keys skipped."));
    }
    let what = match purpose {
        Purpose::Save => {
            lines.push("DB saved on disk".to_owned());
            "RDB"
        }
        Purpose::Transfer | Purpose::Slots => "RDB",
        Purpose::Rewrite => {
            let file = purpose.file(pid).unwrap_or_default();
            lines.push(format!("Successfully created the temporary AOF base file {file}"));
            "AOF rewrite"
        }
    };
    let copied = total.copied >> 20;
    lines.push(format!("Fork CoW for {what}: current {copied} MB, peak {copied} MB, average {copied} MB"));
    lines.into_iter().map(|line| (Level::Notice, line)).collect()
}

/// What a child that failed says in the log. `dir` is the server's directory.
pub fn failure_line(plan: &Plan, pid: u32, dir: &str, failure: &Failure) -> (Level, String) {
    let file = plan.purpose.file(pid).unwrap_or_default();
    let rewrites = plan.purpose == Purpose::Rewrite;
    let text = match failure {
        Failure::Open(error) if rewrites => {
            format!("Opening the temp file for AOF rewrite in rewriteAppendOnlyFile(): {error}")
        }
        Failure::Write(error) if rewrites => format!("Write error writing append only file on disk: {error}"),
        Failure::Open(error) => {
            format!("Failed opening the temp RDB file {file} (in server root dir {dir}) for saving: {error}")
        }
        Failure::Write(error) => format!("Write error while saving DB to the disk(rdbSaveRio): {error}"),
        Failure::Move(error) => {
            let path = plan.path.as_deref().unwrap_or_default();
            format!(
                "Error moving temp DB file {file} on the final destination {path} (in server root dir {dir}): {error}"
            )
        }
    };
    (Level::Warning, text)
}
