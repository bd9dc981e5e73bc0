//! Loading while serving: what there is goes into memory in slices, and between them clients hear that it does.

use super::aof_load::AofLoad;
use super::check_rdb;
use super::rdb_load::{Bad, Loading};
use super::reload::Again;
use crate::config;
use crate::launch;
use crate::server::{Action, Level, Server};
use std::fmt::Write;
use std::rc::Rc;

/// What reading a byte costs the machine, in nanoseconds.
const BYTE_COST: u64 = 4;

/// Where loading has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is more.
    More,
    /// All is loaded.
    Done,
    /// It can't be; the log says why. With this status the process ends, where it does.
    Failed(u8),
}

/// With a delay between keys, those of so many microseconds are caught up with at once.
const LATE: i64 = 10_000;

/// What is being loaded.
#[derive(Debug)]
pub(super) enum Work {
    /// The snapshot that the last run saved.
    Snapshot(Loading),
    /// The append only file.
    Appended(Box<AofLoad>),
    /// A master's snapshot.
    Master(Loading),
}

/// A load that is under way.
#[derive(Debug)]
pub struct Load {
    work: Work,
    /// When it began, on the monotonic clock in microseconds, and in seconds since 1970.
    start: i64,
    since: i64,
    /// Bytes of all files.
    total: usize,
    /// Not before this (µs, monotonic) the next key.
    due: i64,
    /// Somebody asked for it in a server that runs.
    again: Option<Again>,
}

impl Load {
    fn done(&self) -> usize {
        match &self.work {
            Work::Snapshot(loading) | Work::Master(loading) => loading.position(),
            Work::Appended(load) => load.position(),
        }
    }
}

impl Server {
    /// Loads what the last run saved, as a whole. False (after a line in the log) if that is not possible.
    pub fn load_data(&mut self) -> bool {
        let mut progress = self.begin_loading();
        while progress == Progress::More {
            progress = self.load_slice();
        }
        progress == Progress::Done
    }

    /// Begins to load what the last run saved, with a first slice.
    pub fn begin_loading(&mut self) -> Progress {
        self.loading = true;
        let appends = self.config.bool(config::APPENDONLY);
        let start = self.host.mono_us();
        let work = if appends {
            let Some(load) = self.begin_aof_load(start) else { return Progress::Failed(1) };
            Some((load.total(), Work::Appended(Box::new(load))))
        } else {
            let Ok(bytes) = self.read_snapshot() else { return Progress::Failed(1) };
            bytes.map(|bytes| (bytes.len(), Work::Snapshot(Loading::new(Rc::new(bytes), false))))
        };
        let Some((total, work)) = work else { return self.loaded(appends) };
        self.begin_work(work, total, start, None);
        self.load_slice()
    }

    /// Begins to load a master's snapshot, with a first slice.
    pub(crate) fn begin_masters_snapshot(&mut self, bytes: Vec<u8>) -> Progress {
        self.loading = true;
        let start = self.host.mono_us();
        let total = bytes.len();
        self.begin_work(Work::Master(Loading::new(Rc::new(bytes), false)), total, start, None);
        self.load_slice()
    }

    pub(super) fn begin_work(&mut self, work: Work, total: usize, start: i64, again: Option<Again>) {
        self.persist.loading_used_memory = 0;
        let since = self.now_ms / 1000;
        self.persist.load = Some(Box::new(Load { work, start, since, total, due: start, again }));
    }

    /// Whether data are being loaded in slices.
    pub(crate) fn loads(&self) -> bool {
        self.persist.load.is_some()
    }

    /// When the next slice is due, on the monotonic clock in microseconds.
    pub(crate) fn load_due(&self) -> Option<i64> {
        self.persist.load.as_ref().map(|load| load.due)
    }

    /// Loads a slice, if it is due.
    pub(super) fn load_slice(&mut self) -> Progress {
        let most = self.config.size(config::LOADING_PROCESS_EVENTS_INTERVAL_BYTES);
        let Some(mut load) = self.persist.load.take() else { return Progress::Done };
        let before = load.done();
        let done = match &mut load.work {
            Work::Snapshot(loading) => {
                let read = self.load_records(loading, most);
                read.map_err(|bad| match load.again {
                    Some(_) => self.refuse_again(&bad),
                    None => self.refuse_snapshot(bad, &loading.bytes()),
                })
            }
            Work::Master(loading) => {
                let read = self.load_records(loading, most);
                read.map_err(|bad| {
                    self.warn(&bad.text());
                    1
                })
            }
            Work::Appended(aof) => self.load_appended(aof, most).map_err(|()| 1),
        };
        self.load_cost += (load.done() - before) as u64 * BYTE_COST;
        match done {
            Ok(false) => {
                let delay = self.config.int(config::KEY_LOAD_DELAY);
                // A negative delay is one of a microsecond once in so many keys. Who comes late catches up, a little.
                load.due = load.due.max(self.host.mono_us() - LATE) + delay.max(0);
                self.persist.load = Some(load);
                Progress::More
            }
            Ok(true) => match load.work {
                _ if load.again.is_some() => Progress::Done,
                Work::Master(_) => {
                    self.loading = false;
                    Progress::Done
                }
                Work::Snapshot(_) => {
                    self.tell_loaded(load.start);
                    self.loaded(false)
                }
                Work::Appended(_) => self.loaded(true),
            },
            Err(status) => {
                self.loading = false;
                Progress::Failed(status)
            }
        }
    }

    /// Goes on with what is being loaded, between the requests of clients.
    pub(crate) fn load_tick(&mut self) {
        self.refresh_time();
        if self.load_due().is_some_and(|due| due > self.mono_us) {
            return;
        }
        let masters = matches!(self.persist.load.as_deref(), Some(Load { work: Work::Master(_), .. }));
        let again = self.persist.load.as_ref().and_then(|load| load.again);
        if masters {
            self.tell_master_of_life();
        }
        let mut progress = self.load_slice();
        while progress == Progress::More
            && self.config.int(config::KEY_LOAD_DELAY) > 0
            && self.load_due().is_some_and(|due| due <= self.mono_us)
        {
            progress = self.load_slice();
        }
        match (progress, masters) {
            (Progress::More, _) => {}
            (progress, _) if let Some(again) = again => self.again_ended(again, progress),
            (progress, true) => self.masters_snapshot_ended(progress == Progress::Done),
            (Progress::Done, false) => launch::ready(self),
            (Progress::Failed(status), false) => self.actions.push(Action::Exit(status)),
        }
        self.after_event();
    }

    /// Nanoseconds of the machine's time that loading took since this was asked last.
    pub fn take_load_cost(&mut self) -> u64 {
        std::mem::take(&mut self.load_cost)
    }

    /// All is loaded that the last run left, in the append only file or not. Whether there is to be one from now on may
    /// have been decided anew in the meantime.
    fn loaded(&mut self, appended: bool) -> Progress {
        self.loading = false;
        self.dirty = 0;
        let wanted = self.config.bool(config::APPENDONLY);
        if !appended {
            self.offer_saved_history();
            if wanted {
                self.begin_aof();
            }
        } else if !self.offset_from_aof() || (wanted && !self.start_aof()) {
            return Progress::Failed(1);
        }
        Progress::Done
    }

    fn tell_loaded(&mut self, start: i64) {
        let seconds = (self.host.mono_us() - start) as f64 / 1e6;
        self.notice(&format!("DB loaded from disk: {seconds:.3} seconds"));
    }

    /// The bytes of the snapshot, if there is one; an error is in the log.
    pub(super) fn read_snapshot(&mut self) -> Result<Option<Vec<u8>>, ()> {
        let path = self.rdb_path();
        match self.host.read_file(&path) {
            Ok(found) => Ok(found),
            // A directory can be opened, and ends at once.
            Err(error) if error == "Is a directory" => Ok(Some(Vec::new())),
            Err(error) => {
                self.warn(&format!("Fatal error loading the DB, check server logs. Exiting. ({error})"));
                Err(())
            }
        }
    }

    /// Says why the snapshot can't be loaded, and where it is broken what a check of it finds: Redis prints that to its
    /// standard output, whatever file it logs to. The status with which it ends: that of the check, which may find the
    /// file sound.
    fn refuse_snapshot(&mut self, bad: Bad, bytes: &[u8]) -> u8 {
        self.warn(&bad.text());
        match bad {
            Bad::Refused(_) => {
                self.warn("Fatal error loading the DB, check server logs. Exiting.");
                1
            }
            Bad::Ended(_) => 1,
            Bad::Broken(_) => self.tell_whats_broken(bytes),
        }
    }

    /// The same where a client asked for it, who is told: what is wrong is no reason to end then, as in RESTORE.
    fn refuse_again(&mut self, bad: &Bad) -> u8 {
        match bad {
            Bad::Refused(text) => self.warn(text),
            Bad::Broken(_) => self.log(Level::Verbose, &bad.text()),
            Bad::Ended(text) => {
                self.warn(text);
                self.actions.push(Action::Exit(1));
            }
        }
        1
    }

    fn tell_whats_broken(&mut self, bytes: &[u8]) -> u8 {
        let path = self.rdb_path();
        let report = check_rdb::check(bytes, &self.hot, self.now_ms);
        if self.config.text(config::LOGFILE).is_empty() {
            let text = String::from_utf8_lossy(&report.text).into_owned();
            self.host.log_raw(&format!("[offset 0] Checking RDB file {path}\n{text}"));
        }
        if report.verdict == check_rdb::Verdict::Fatal {
            self.warn(check_rdb::FATAL);
        }
        u8::from(report.verdict != check_rdb::Verdict::Sound)
    }

    /// What INFO tells of a load that is under way.
    pub(super) fn info_loading(&self, o: &mut String) -> std::fmt::Result {
        let Some(load) = &self.persist.load else { return Ok(()) };
        let (done, elapsed) = (load.done(), self.now_ms / 1000 - load.since);
        let percent = if load.total > 0 { done as f64 / load.total as f64 * 100.0 } else { 0.0 };
        // One second, where nothing is known yet.
        let left = match elapsed {
            0 => 1,
            _ => elapsed * (load.total - done.min(load.total)) as i64 / (done as i64 + 1),
        };
        writeln!(
            o,
            "loading_start_time:{}\nloading_total_bytes:{}\nloading_rdb_used_mem:{}\nloading_loaded_bytes:{done}\nloading_loaded_perc:{percent:.2}\nloading_eta_seconds:{left}",
            load.since, load.total, self.persist.loading_used_memory
        )
    }
}

impl Bad {
    /// As Redis logs it.
    pub(crate) fn text(&self) -> String {
        match self {
            Bad::Refused(text) | Bad::Ended(text) => text.clone(),
            Bad::Broken(fault) => fault.text(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use crate::memory_host::{self, World};
    use crate::server::connections::Door;
    use crate::server::{Action, Server};
    use crate::testing::Bench;
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::rc::Rc;

    const NOW: i64 = 1_790_000_000_000_000;

    /// The files of a server with so many keys.
    fn files(settings: &str, keys: usize) -> BTreeMap<String, Vec<u8>> {
        let mut bench = Bench::start(settings);
        for n in 0..keys {
            bench.run(&format!("SET key{n} value{n}"));
        }
        bench.run("SAVE");
        bench.server.tick();
        let world = bench.world.borrow();
        world.files.clone()
    }

    /// A server that loads these files, a key in a millisecond.
    fn loading(settings: &str, files: BTreeMap<String, Vec<u8>>) -> (Server, Rc<RefCell<World>>, u64) {
        let world = Rc::new(RefCell::new(World { files, now: NOW, ..World::default() }));
        let settings = format!("{settings}key-load-delay 1000\n");
        let mut server = memory_host::unloaded(&world, &settings).expect("a server");
        assert_eq!(server.begin_loading(), Progress::More);
        let client = server.accepted(Door::Clients, "127.0.0.1:5", "127.0.0.1:6379", 8);
        (server, world, client)
    }

    fn ask(server: &mut Server, client: u64, line: &str) -> String {
        server.received(client, format!("{line}\r\n").as_bytes());
        server.take_ready();
        let bytes = server.take_output(client);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn is_served_meanwhile(settings: &str, keys: usize, steps: usize) {
        let (mut server, world, client) = loading(settings, files(settings, keys));
        let refusal = "-LOADING Redis is loading the dataset in memory\r\n";
        assert_eq!(ask(&mut server, client, "GET key0"), refusal);
        assert_eq!(ask(&mut server, client, "PING"), refusal);
        world.borrow_mut().now += 500;
        server.tick();
        let known = server.dbs[0].len();
        assert!(known <= 1, "the delay is kept");
        for _ in 0..steps {
            world.borrow_mut().now += 1000;
            server.tick();
        }
        assert!(server.dbs[0].len() > known && server.dbs[0].len() < keys);
        let info = ask(&mut server, client, "INFO persistence");
        for line in ["loading:1\r\n", "loading_start_time:1790000000\r\n", "loading_eta_seconds:1\r\n"] {
            assert!(info.contains(line), "{info}");
        }
        let number = |name: &str| {
            let (_, rest) = info.split_once(name).expect(name);
            rest.split("\r\n").next().expect(name).parse::<f64>().expect(name)
        };
        let (total, done) = (number("loading_total_bytes:"), number("loading_loaded_bytes:"));
        assert!(0.0 < done && done < total && (number("loading_loaded_perc:") - done / total * 100.0).abs() < 0.01);
        // Without the delay, the rest comes at once.
        assert_eq!(ask(&mut server, client, "CONFIG SET key-load-delay 0"), "+OK\r\n");
        for _ in 0..4 {
            world.borrow_mut().now += 1000;
            server.tick();
        }
        assert_eq!(ask(&mut server, client, "GET key1"), "$6\r\nvalue1\r\n");
        assert_eq!(ask(&mut server, client, "DBSIZE"), format!(":{keys}\r\n"));
        let info = ask(&mut server, client, "INFO persistence");
        assert!(info.contains("loading:0\r\n") && !info.contains("loading_start_time"), "{info}");
        assert!(world.borrow().log.iter().any(|line| line.contains("Ready to accept connections tcp")));
    }

    #[test]
    fn clients_are_served_while_a_snapshot_is_loaded() {
        is_served_meanwhile("", 50, 20);
    }

    #[test]
    fn clients_are_served_while_an_append_only_file_is_loaded() {
        is_served_meanwhile("appendonly yes\n", 50, 20);
    }

    #[test]
    fn who_monitors_sees_nothing_of_what_is_loaded() {
        let (mut server, world, client) = loading("appendonly yes\n", files("appendonly yes\n", 5));
        assert_eq!(ask(&mut server, client, "MONITOR"), "+OK\r\n");
        while server.loads() {
            world.borrow_mut().now += 1000;
            server.tick();
        }
        assert_eq!(server.dbs[0].len(), 5);
        assert!(server.output(client).is_some_and(|output| output.is_empty()));
    }

    #[test]
    fn what_other_nodes_say_waits_until_all_is_there() {
        let (mut server, world, _) = loading("cluster-enabled yes\n", files("", 5));
        let node = server.accepted(Door::Bus, "127.0.0.1:7", "127.0.0.1:16379", 9);
        let heard = || world.borrow().log.iter().any(|line| line.contains("Bad message length"));
        server.received(node, &[0; 100]);
        while server.loads() {
            assert!(!heard());
            world.borrow_mut().now += 1000;
            server.tick();
        }
        server.received(node, &[0]);
        assert!(heard());
    }

    #[test]
    fn what_is_loaded_is_not_evicted_meanwhile() {
        let settings = "maxmemory 1\nmaxmemory-policy allkeys-lru\n";
        let (mut server, world, client) = loading(settings, files("", 5));
        let known = |server: &Server| server.dbs[0].len();
        while server.loads() {
            let before = known(&server);
            ask(&mut server, client, "PING");
            assert_eq!(known(&server), before);
            world.borrow_mut().now += 1000;
            server.tick();
        }
        assert_eq!(known(&server), 5);
        ask(&mut server, client, "PING");
        assert_eq!(known(&server), 0);
    }

    #[test]
    fn who_the_commands_are_run_for_is_no_client() {
        let mut bench = Bench::start("appendonly yes\n");
        let client = bench.connect();
        for line in ["MULTI", "SET a 1", "SET b 2", "EXEC"] {
            bench.ask(client, &line.split(' ').collect::<Vec<_>>());
        }
        bench.server.tick();
        let files = bench.world.borrow().files.clone();
        let (mut server, world, client) = loading("appendonly yes\n", files);
        let mut steps = 0;
        while server.loads() {
            assert_eq!(ask(&mut server, client, "CLIENT KILL TYPE normal"), ":0\r\n");
            assert_eq!(ask(&mut server, client, "CLIENT LIST").matches("id=").count(), 1);
            world.borrow_mut().now += 1000;
            server.tick();
            steps += 1;
        }
        assert!(steps > 3, "{steps}");
        assert_eq!(ask(&mut server, client, "MGET a b"), "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
    }

    #[test]
    fn an_append_only_file_asked_for_meanwhile_is_begun_with_all_data() {
        let (mut server, world, client) = loading("", files("", 50));
        assert_eq!(ask(&mut server, client, "CONFIG SET appendonly yes"), "+OK\r\n");
        assert!(server.take_actions().is_empty());
        for _ in 0..60 {
            world.borrow_mut().now += 1000;
            server.tick();
        }
        let plan = server.take_actions().into_iter().find_map(|action| match action {
            Action::StartChild(plan) => Some(plan),
            _ => None,
        });
        server.run_child(&plan.expect("a child"), 2);
        let files = world.borrow().files.clone();
        let (world, settings) =
            (Rc::new(RefCell::new(World { files, now: NOW, ..World::default() })), "appendonly yes\n");
        let again = memory_host::start(&world, settings).expect("a server that starts");
        assert_eq!(again.dbs[0].len(), 50);
    }

    #[test]
    fn shutting_down_while_loading_saves_nothing() {
        let saved = files("", 50);
        let (mut server, world, client) = loading("save 1 1\n", saved.clone());
        ask(&mut server, client, "SHUTDOWN");
        assert!(server.take_actions().iter().any(|action| matches!(action, Action::Exit(0))));
        assert_eq!(world.borrow().files, saved);
    }

    #[test]
    fn a_snapshot_that_breaks_off_ends_the_server() {
        let mut files = files("", 50);
        let snapshot = files.get_mut("dump.rdb").expect("a snapshot");
        snapshot.truncate(snapshot.len() - 20);
        let (mut server, world, _) = loading("", files);
        for _ in 0..60 {
            world.borrow_mut().now += 1000;
            server.tick();
        }
        assert!(server.take_actions().iter().any(|action| matches!(action, Action::Exit(1))));
        let log = world.borrow().log.join("\n");
        assert!(log.contains("function at rdb.c:4061 -> Unexpected EOF reading RDB file"), "{log}");
        assert!(log.contains("--- RDB ERROR DETECTED ---"), "{log}");
    }
}
