//! The rewrite of the append only file: a child writes a new base while changes go to a new growing file.

use super::aof::State;
use super::child::{Child, Keys, Purpose};
use super::manifest::Listed;
use crate::config;
use crate::server::Server;

/// After so many failures in a row rewrites begin by themselves only now and then.
const MANY_FAILURES: u64 = 3;
/// The longest time between those, in minutes.
const LONGEST_REST: i64 = 60;
/// The signal by which a server ends its own children.
const SIGUSR1: u8 = 10;

impl Server {
    /// Lets a child write a new base. False where that can't begin.
    pub(crate) fn start_rewrite(&mut self) -> bool {
        if self.persist.child.is_some() {
            return false;
        }
        if !self.make_aof_dir() {
            self.persist.aof.last_rewrite_ok = false;
            return false;
        }
        self.persist.aof.db = None;
        self.flush_aof();
        if !self.open_growing() {
            self.persist.aof.last_rewrite_ok = false;
            return false;
        }
        self.persist.aof.rewrites += 1;
        self.persist.aof.scheduled = false;
        let recorder = self.base_recorder();
        self.start_child(Purpose::Rewrite, recorder, Keys::All);
        true
    }

    /// Changes go to a new file from now on, if they are appended at all.
    fn open_growing(&mut self) -> bool {
        let listed = match self.persist.aof.state {
            State::Off => return true,
            State::Waiting => Listed { file: self.temporary_growing(), ..self.next_growing() },
            State::On => self.next_growing(),
        };
        let path = self.aof_path(&listed.file);
        if let Err(error) = self.host.write_file(&path, b"") {
            self.warn(&format!("Can't open the append-only file {}: {error}", listed.file));
            return false;
        }
        let file = listed.file.clone();
        if self.persist.aof.state == State::On {
            let (offset, seq) = (self.repl.offset, listed.seq);
            let before = self.persist.aof.growing.clone();
            if let Some(last) = self.persist.aof.growing.last_mut() {
                last.end = Some(offset);
            }
            self.persist.aof.growing.push(listed);
            if !self.write_manifest() {
                self.persist.aof.growing = before;
                return false;
            }
            self.persist.aof.last_growing = seq;
        }
        self.persist.aof.waiting_from = self.repl.offset;
        self.persist.aof.grown = 0;
        self.notice(&format!("Creating AOF incr file {file} on background rewrite"));
        true
    }

    /// Ends the child that rewrites, where there is one, without more words.
    pub(crate) fn kill_rewrite(&mut self) {
        if let Some(pid) = self.persist.child.as_ref().filter(|child| !child.saves()).map(|child| child.pid) {
            self.notice(&format!("Killing running AOF rewrite child: {pid}"));
            self.kill_child();
        }
    }

    /// The child ended: by itself, or by a signal.
    pub(super) fn rewrite_ended(&mut self, child: &Child, result: Result<bool, u8>) {
        self.persist.aof.last_rewrite = (self.now_ms - child.since) / 1000;
        let fine = match result {
            Ok(true) => {
                self.notice("Background AOF rewrite terminated with success");
                self.persist.aof.last_copied = child.total.copied;
                self.take_base(child)
            }
            Ok(false) => {
                self.warn("Background AOF rewrite terminated with error");
                false
            }
            // The server itself ended it, and said why.
            Err(SIGUSR1) => {
                self.drop_temporary_growing();
                return;
            }
            Err(signal) => {
                self.warn(&format!("Background AOF rewrite terminated by signal {signal}"));
                false
            }
        };
        self.persist.aof.last_rewrite_ok = fine;
        if fine {
            self.persist.aof.failures = 0;
            self.notice("Background AOF rewrite finished successfully");
        } else {
            self.persist.aof.failures += 1;
            if let Some(file) = child.purpose.file(child.pid) {
                let _ = self.host.remove_file(&file);
            }
            self.drop_temporary_growing();
        }
    }

    /// What was noted beside a base that there will not be is of no use. The next one will hold it.
    fn drop_temporary_growing(&mut self) {
        if self.persist.aof.state == State::Waiting {
            self.persist.aof.buffer.clear();
            let path = self.aof_path(&self.temporary_growing());
            let _ = self.host.remove_file(&path);
            self.persist.aof.scheduled = true;
        }
    }

    /// Puts the new base in the place of the former and of the growing files before it. False where that failed.
    fn take_base(&mut self, child: &Child) -> bool {
        let base = self.next_base(child.total.rdb);
        let (from, to) = (child.purpose.file(child.pid).unwrap_or_default(), self.aof_path(&base.file));
        if let Err(error) = self.host.rename_file(&from, &to) {
            self.warn(&format!("Error trying to rename the temporary AOF base file {from} into {to}: {error}"));
            return false;
        }
        self.notice(&format!("Successfully renamed the temporary AOF base file {from} into {}", base.file));
        let kept = match self.persist.aof.state {
            State::Off => None,
            State::On => self.persist.aof.growing.last().cloned(),
            State::Waiting => match self.take_growing() {
                Some(growing) => Some(growing),
                None => {
                    let _ = self.host.remove_file(&to);
                    return false;
                }
            },
        };
        let before = self.persist.aof.clone();
        let aof = &mut self.persist.aof;
        (aof.last_base, aof.base) = (base.seq, Some(base));
        aof.growing = kept.into_iter().collect();
        aof.last_growing = aof.growing.last().map_or(aof.last_growing, |last| last.seq);
        if !self.write_manifest() {
            self.persist.aof = before;
            let _ = self.host.remove_file(&to);
            return false;
        }
        let aof = &mut self.persist.aof;
        if aof.state != State::Off {
            aof.state = State::On;
            aof.size = child.total.bytes as u64 + aof.grown;
            aof.rewritten_size = aof.size;
        }
        let old: Vec<String> = before
            .growing
            .iter()
            .chain(&before.base)
            .map(|listed| listed.file.clone())
            .filter(|file| self.persist.aof.growing.last().is_none_or(|last| last.file != *file))
            .collect();
        for file in old {
            self.notice(&format!("Removing the history file {file} in the background"));
            let path = self.aof_path(&file);
            let _ = self.host.remove_file(&path);
        }
        true
    }

    /// Gives the file with the changes since the first base began its name.
    fn take_growing(&mut self) -> Option<Listed> {
        self.flush_aof();
        let growing = Listed { start: Some(self.persist.aof.waiting_from), ..self.next_growing() };
        let temporary = self.temporary_growing();
        let (from, to) = (self.aof_path(&temporary), self.aof_path(&growing.file));
        if let Err(error) = self.host.rename_file(&from, &to) {
            self.warn(&format!("Error trying to rename the temporary AOF incr file {from} into {to}: {error}"));
            return None;
        }
        self.notice(&format!("Successfully renamed the temporary AOF incr file {temporary} into {}", growing.file));
        Some(growing)
    }

    /// Whether rewrites failed so often that none begins by itself for now.
    pub(super) fn rewrite_limited(&mut self) -> bool {
        let now = self.now_ms / 1000;
        let aof = &mut self.persist.aof;
        if aof.failures < MANY_FAILURES {
            aof.rest = None;
            return false;
        }
        match aof.rest {
            Some((_, until)) if until > now => true,
            Some((minutes, until)) if until != 0 => {
                aof.rest = Some((minutes, 0));
                false
            }
            rest => {
                let minutes = rest.map_or(1, |(minutes, _)| (minutes * 2).min(LONGEST_REST));
                aof.rest = Some((minutes, now + minutes * 60));
                self.warn(&format!("Background AOF rewrite has repeatedly failed and triggered the limit, will retry in {minutes} minutes"));
                true
            }
        }
    }

    /// Rewrites once the file has grown by `auto-aof-rewrite-percentage`.
    pub(super) fn rewrite_when_grown(&mut self) {
        let percentage = self.config.int(config::AUTO_AOF_REWRITE_PERCENTAGE);
        let smallest = self.config.size(config::AUTO_AOF_REWRITE_MIN_SIZE) as u64;
        let aof = &self.persist.aof;
        if aof.state != State::On || percentage == 0 || aof.size <= smallest {
            return;
        }
        let growth = (aof.size.saturating_mul(100) / aof.rewritten_size.max(1)) as i64 - 100;
        if growth >= percentage && !self.rewrite_limited() {
            self.notice(&format!("Starting automatic rewriting of AOF on {growth}% growth"));
            self.start_rewrite();
        }
    }
}
