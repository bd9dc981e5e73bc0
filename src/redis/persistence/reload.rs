//! DEBUG RELOAD and DEBUG LOADAOF: what was saved is loaded again, in slices, while who asked for it waits.
//!
//! Redis serves others meanwhile too. It does not mind either whether something is being loaded already: the rest of
//! that follows then, and where it has keys that came with what was loaded in between, the server ends.

use super::load::{Progress, Work};
use super::rdb_load::Loading;
use crate::config;
use crate::server::client::BlockedOn;
use crate::server::{Cx, Res, Server};
use std::rc::Rc;

/// Why what is loaded again is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    /// Who waits.
    client: u64,
    /// It is the append only file.
    appended: bool,
    /// What had changed since the last save.
    dirty: u64,
}

/// What DEBUG RELOAD does beside loading.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// It saves first.
    pub save: bool,
    /// It empties the databases before.
    pub flush: bool,
    /// What is loaded replaces keys of the same name.
    pub merge: bool,
}

impl Cx<'_> {
    /// DEBUG RELOAD: saves, empties, loads.
    pub(crate) fn reload(&mut self, options: Options) -> Res {
        if options.save && self.s.save_now().is_err() {
            return Err("ERR".into());
        }
        let dirty = self.s.dirty;
        if options.flush {
            self.s.empty_all();
        }
        self.s.persist.merging = options.merge;
        let work = self.s.read_snapshot().map(|found| {
            let bytes = Rc::new(found?);
            Some((bytes.len(), Work::Snapshot(Loading::new(bytes, false))))
        });
        self.load_again(work, Again { client: self.client, appended: false, dirty })
    }

    /// DEBUG LOADAOF: puts what the append only file says in the place of all data.
    pub(crate) fn reload_aof(&mut self) -> Res {
        self.s.flush_aof();
        self.s.empty_all();
        let start = self.s.host.mono_us();
        let work = self.s.begin_aof_load(start).map(|load| (load.total(), Work::Appended(Box::new(load))));
        self.load_again(work.ok_or(()).map(Some), Again { client: self.client, appended: true, dirty: 0 })
    }

    fn load_again(&mut self, work: Result<Option<(usize, Work)>, ()>, again: Again) -> Res {
        let s = &mut *self.s;
        let outer = s.persist.load.take();
        let slice = s.config.size(config::LOADING_PROCESS_EVENTS_INTERVAL_BYTES);
        let large =
            matches!(&work, Ok(Some((total, _))) if *total > slice || s.config.int(config::KEY_LOAD_DELAY) != 0);
        // A transaction goes on at once.
        let waits = large && outer.is_none() && !s.in_exec;
        let progress = match work {
            Ok(None) => Progress::Done,
            Ok(Some((total, work))) => {
                s.loading = true;
                let start = s.host.mono_us();
                s.begin_work(work, total, start, Some(again));
                let mut progress = s.load_slice();
                while progress == Progress::More && !waits {
                    progress = s.load_slice();
                }
                progress
            }
            Err(()) => Progress::Failed(1),
        };
        if progress == Progress::More {
            s.block(again.client, BlockedOn::Loading, 0, self.argv);
            return Ok(());
        }
        s.persist.load = outer;
        s.end_again(again, progress)?;
        self.out.ok();
        Ok(())
    }
}

impl Server {
    fn empty_all(&mut self) {
        let all: Vec<usize> = (0..self.dbs.len()).collect();
        self.flush(&all);
        self.scripting.functions.flush();
    }

    fn end_again(&mut self, again: Again, progress: Progress) -> Result<(), &'static str> {
        self.loading = false;
        self.persist.merging = false;
        self.dirty = again.dirty;
        if progress != Progress::Done {
            return Err(match again.appended {
                true => "ERR Error trying to load the AOF files, check server logs.",
                false => "ERR Error trying to load the RDB dump, check server logs.",
            });
        }
        // That may have been asked for meanwhile.
        if self.config.bool(config::APPENDONLY) && !self.persist.aof_on() {
            self.begin_aof();
        }
        self.notice(match again.appended {
            true => "Append Only File loaded by DEBUG LOADAOF",
            false => "DB reloaded by DEBUG RELOAD",
        });
        Ok(())
    }

    /// All is loaded again, or can't be: who waited hears it, where it is still there.
    pub(super) fn again_ended(&mut self, again: Again, progress: Progress) {
        let ended = self.end_again(again, progress);
        if !self.blocked().any(|(id, blocked)| id == again.client && matches!(blocked.on, BlockedOn::Loading)) {
            return;
        }
        match ended {
            Ok(()) => self.give_up(again.client),
            Err(trouble) => self.end_waiting(again.client, trouble),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    /// A server with many keys, of which it reads a few at a time.
    fn filled(settings: &str) -> Bench {
        let mut bench = Bench::start(&format!("loading-process-events-interval-bytes 1024\n{settings}"));
        for n in 0..1000 {
            bench.run(&format!("SET key:{n} value:{n}"));
        }
        bench
    }

    #[test]
    fn others_hear_of_it_while_one_waits() {
        for (settings, command) in [("", "DEBUG RELOAD"), ("appendonly yes\n", "DEBUG LOADAOF")] {
            let mut bench = filled(settings);
            let client = bench.connect();
            let words: Vec<&str> = command.split(' ').collect();
            assert_eq!(bench.ask(client, &words), "");
            let loading = "LOADING Redis is loading the dataset in memory";
            assert_eq!(bench.run("GET key:1"), loading);
            assert!(bench.server.loads() && bench.server.dbs[0].len() < 1000);
            bench.pass(100);
            assert_eq!(bench.ask(client, &["DBSIZE"]), "+OK\r\n:1000\r\n");
        }
    }

    #[test]
    fn within_a_transaction_nobody_waits() {
        let mut bench = filled("");
        let client = bench.connect();
        for line in ["MULTI", "DEBUG RELOAD", "DBSIZE"] {
            bench.ask(client, &line.split(' ').collect::<Vec<_>>());
        }
        assert_eq!(bench.ask(client, &["EXEC"]), "*2\r\n+OK\r\n:1000\r\n");
    }

    #[test]
    fn what_is_broken_is_told_and_ends_nothing() {
        let mut bench = Bench::start("");
        bench.run("SET a 1");
        bench.run("SAVE");
        for file in [&b"REDIS"[..], b"RADIS0013", b"REDIS0013\x00\x01a\xc9", b""] {
            bench.world.borrow_mut().files.insert("dump.rdb".to_owned(), file.to_vec());
            let reply = bench.run("DEBUG RELOAD NOSAVE NOFLUSH");
            assert_eq!(reply, "ERR Error trying to load the RDB dump, check server logs.");
            assert!(bench.server.take_actions().is_empty());
        }
        assert_eq!(bench.run("GET a"), "1");
    }
}
