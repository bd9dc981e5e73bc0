//! Loading the append only file.

use super::manifest::{self, Kind, Listed};
use super::rdb_load::{Bad, Loading};
use crate::commands::Command;
use crate::config;
use crate::server::{Client, Server};
use resp::{Limits, RequestParser};
use std::collections::VecDeque;
use std::rc::Rc;

/// How the reading of a file ended.
#[derive(Debug)]
enum End {
    /// With its last command.
    Whole,
    /// Within a command or a transaction.
    Short,
    /// With something that is no command.
    Bad,
    /// With a command that there is not.
    Unknown(String),
}

/// How a file was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Whole.
    Whole,
    /// There is nothing in it.
    Empty,
    /// What was behind the last whole command was cut off.
    Cut,
    /// It can't be.
    Failed,
}

/// A file that is being loaded.
#[derive(Debug)]
struct Current {
    listed: Listed,
    bytes: Rc<Vec<u8>>,
    /// When it was begun, on the monotonic clock in microseconds.
    since: i64,
    /// The snapshot at its beginning, until it is loaded.
    snapshot: Option<Loading>,
    replay: Option<Replay>,
}

/// Commands that are being run.
#[derive(Debug)]
struct Replay {
    /// Who they are run for. While others are served it is not among the clients: it is no connection.
    client: Option<Box<Client>>,
    id: u64,
    parser: RequestParser,
    at: usize,
    /// Up to where they were whole, transactions included.
    good: usize,
}

/// An append only file that is being loaded.
#[derive(Debug)]
pub(super) struct AofLoad {
    files: VecDeque<(Listed, Rc<Vec<u8>>)>,
    current: Option<Current>,
    start: i64,
    /// Bytes of the files that are done, and of all.
    done: usize,
    total: usize,
    any: bool,
}

impl AofLoad {
    /// Bytes of all files.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Bytes that were read.
    pub(super) fn position(&self) -> usize {
        let within = self.current.as_ref().map_or(0, |current| match (&current.replay, &current.snapshot) {
            (Some(replay), _) => replay.at,
            (None, Some(loading)) => loading.position(),
            (None, None) => 0,
        });
        self.done + within
    }
}

impl Server {
    /// Reads which files there are, and their bytes. `None` (after a line in the log) where that is not possible.
    pub(super) fn begin_aof_load(&mut self, start: i64) -> Option<AofLoad> {
        let list = self.listed_files()?;
        let aof = &mut self.persist.aof;
        (aof.base, aof.size) = (None, 0);
        aof.growing.clear();
        let any = !list.is_empty();
        let mut files = VecDeque::new();
        for listed in list {
            let bytes = self.aof_content(&listed)?;
            files.push_back((listed, Rc::new(bytes)));
        }
        let total = files.iter().map(|(_, bytes)| bytes.len()).sum();
        Some(AofLoad { files, current: None, start, done: 0, total, any })
    }

    /// Loads so many bytes more. Whether that was all; an error is in the log.
    pub(super) fn load_appended(&mut self, load: &mut AofLoad, most: usize) -> Result<bool, ()> {
        let current = match load.current.take() {
            Some(current) => current,
            None => match load.files.pop_front() {
                Some((listed, bytes)) => self.begin_aof_file(listed, bytes),
                None => {
                    if load.any {
                        let seconds = (self.host.mono_us() - load.start) as f64 / 1e6;
                        self.notice(&format!("DB loaded from append only file: {seconds:.3} seconds"));
                    }
                    return Ok(true);
                }
            },
        };
        let mut current = current;
        let Some(outcome) = self.load_aof_file(&mut current, most) else {
            load.current = Some(current);
            return Ok(false);
        };
        load.done += current.bytes.len();
        self.end_aof_file(current, outcome, load.files.is_empty()).then_some(false).ok_or(())
    }

    fn begin_aof_file(&mut self, listed: Listed, bytes: Rc<Vec<u8>>) -> Current {
        let size = bytes.len() as u64;
        self.persist.aof.size += size;
        if listed.kind == Kind::Base {
            self.persist.aof.rewritten_size = size;
        } else {
            self.persist.aof.grown = size;
        }
        let mut snapshot = None;
        if bytes.starts_with(b"REDIS") {
            self.notice(if listed.file == self.aof_name() {
                "Reading RDB preamble from AOF file..."
            } else {
                "Reading RDB base file on AOF loading..."
            });
            snapshot = Some(Loading::new(bytes.clone(), true));
        }
        Current { listed, bytes, since: self.host.mono_us(), snapshot, replay: None }
    }

    fn end_aof_file(&mut self, current: Current, outcome: Outcome, last: bool) -> bool {
        let listed = current.listed;
        match outcome {
            Outcome::Failed => return false,
            Outcome::Cut if !last => {
                self.warn("Fatal error: the truncated file is not the last file");
                return false;
            }
            Outcome::Empty => {}
            Outcome::Whole | Outcome::Cut => {
                let what = if listed.kind == Kind::Base { "base" } else { "incr" };
                let seconds = (self.host.mono_us() - current.since) as f64 / 1e6;
                self.notice(&format!("DB loaded from {what} file {}: {seconds:.3} seconds", listed.file));
            }
        }
        let aof = &mut self.persist.aof;
        if listed.kind == Kind::Base {
            (aof.last_base, aof.base) = (listed.seq, Some(listed));
        } else {
            aof.last_growing = listed.seq;
            aof.growing.push(listed);
        }
        true
    }

    /// The offset of replication goes on where the last growing file ends.
    pub(super) fn offset_from_aof(&mut self) -> bool {
        let grown = i64::try_from(self.persist.aof.grown).unwrap_or(0);
        let Some(last) = self.persist.aof.growing.last_mut() else { return true };
        match last.end.take() {
            Some(end) => {
                self.repl.offset = end;
                // It will not be true for long.
                self.write_manifest()
            }
            None => {
                self.repl.offset = last.start.unwrap_or(0) + grown;
                true
            }
        }
    }

    /// What the manifest lists, but for history, which only waits to be removed. A file of an older version is moved to
    /// where it belongs first.
    fn listed_files(&mut self) -> Option<Vec<Listed>> {
        let path = self.manifest_path();
        let mut list = match self.host.read_file(&path) {
            Ok(Some(text)) => match manifest::read(&text) {
                Ok(list) => list,
                Err(flaw) => {
                    for line in flaw.lines() {
                        self.warn(&line);
                    }
                    return None;
                }
            },
            Ok(None) => Vec::new(),
            Err(error) => {
                self.warn(&format!("Fatal error: can't open the AOF manifest file {path} for reading: {error}"));
                return None;
            }
        };
        list.retain(|listed| listed.kind != Kind::History);
        let name = self.aof_name();
        let interrupted = matches!(&list[..], [only] if only.kind == Kind::Base && only.file == name);
        if !list.is_empty() && !interrupted {
            return Some(list);
        }
        let old = self.host.read_file(&name).is_ok_and(|found| found.is_some());
        let moved = interrupted && self.host.read_file(&self.aof_path(&name)).is_ok_and(|found| found.is_some());
        if old && !moved { self.adopt_old_file(name).map(|base| vec![base]) } else { Some(list) }
    }

    /// Moves the append only file of an older version, which was one file, into the directory.
    fn adopt_old_file(&mut self, name: String) -> Option<Listed> {
        if !self.make_aof_dir() {
            return None;
        }
        let base = Listed { file: name.clone(), seq: 1, kind: Kind::Base, start: None, end: None };
        self.persist.aof.base = Some(base.clone());
        self.persist.aof.growing.clear();
        if !self.write_manifest() {
            return None;
        }
        let (path, dir) = (self.aof_path(&name), self.config.text(config::APPENDDIRNAME).to_owned());
        if let Err(error) = self.host.rename_file(&name, &path) {
            self.warn(&format!("Error trying to move the old AOF file {name} into dir {dir}: {error}"));
            return None;
        }
        self.notice(&format!("Successfully migrated an old-style AOF file ({name}) into the AOF directory ({dir})."));
        Some(base)
    }

    /// The bytes of a file; `None` (after a line in the log) where it can't be read.
    fn aof_content(&mut self, listed: &Listed) -> Option<Vec<u8>> {
        let path = self.aof_path(&listed.file);
        match self.host.read_file(&path) {
            Ok(Some(bytes)) => Some(bytes),
            Ok(None) => {
                self.warn(&format!(
                    "Unable to obtain the AOF file {} length. stat: No such file or directory",
                    listed.file
                ));
                None
            }
            Err(error) => {
                self.warn(&format!("Fatal error: can't open the append log file {} for reading: {error}", listed.file));
                None
            }
        }
    }

    /// Loads so many bytes more of a file. How it ended, if it did.
    fn load_aof_file(&mut self, current: &mut Current, most: usize) -> Option<Outcome> {
        if current.bytes.is_empty() {
            return Some(Outcome::Empty);
        }
        if let Some(mut loading) = current.snapshot.take() {
            match self.load_records(&mut loading, most) {
                Ok(false) => {
                    current.snapshot = Some(loading);
                    return None;
                }
                Ok(true) => {
                    if current.listed.file == self.aof_name() {
                        self.notice("Reading the remaining AOF tail...");
                    }
                    current.replay = Some(self.begin_replay(loading.position()));
                    return None;
                }
                Err(bad) => {
                    self.warn(&bad.text());
                    if let Bad::Ended(_) = bad {
                        return Some(Outcome::Failed);
                    }
                    if let Bad::Broken(_) = bad {
                        // Redis begins a check of the snapshot, looks for it in the wrong directory, and ends.
                        if self.config.text(config::LOGFILE).is_empty() {
                            self.host.log_raw(&format!("[offset 0] Checking RDB file {}\n", current.listed.file));
                        }
                        return Some(Outcome::Failed);
                    }
                    let old = current.listed.file == self.aof_name();
                    let what = if old { "RDB preamble of the AOF file" } else { "RDB base file" };
                    self.warn(&format!("Error reading the {what} {}, AOF loading aborted", current.listed.file));
                    return Some(Outcome::Failed);
                }
            }
        }
        let mut replay = current.replay.take().unwrap_or_else(|| self.begin_replay(0));
        if let Some(client) = replay.client.take() {
            self.clients.insert(replay.id, client);
        }
        let end = self.replay(&current.listed.file, &current.bytes, &mut replay, most);
        replay.client = self.clients.remove(&replay.id);
        let good = replay.good;
        let Some(end) = end else {
            current.replay = Some(replay);
            return None;
        };
        let (path, bytes) = (self.aof_path(&current.listed.file), &current.bytes);
        Some(match end {
            End::Whole => Outcome::Whole,
            End::Short => self.short_aof(&current.listed, &path, &bytes[..good]),
            End::Unknown(name) => {
                let file = &current.listed.file;
                self.warn(&format!("Unknown command '{name}' reading the append only file {file}"));
                Outcome::Failed
            }
            End::Bad => self.bad_aof(&path, bytes, good),
        })
    }

    /// The last file was cut to this size.
    fn cut_growing(&mut self, size: u64) {
        let aof = &mut self.persist.aof;
        aof.size = (aof.size + size).saturating_sub(aof.grown);
        aof.grown = size;
    }

    /// A file that ends within a command: cut there, if that is allowed.
    fn short_aof(&mut self, listed: &Listed, path: &str, good: &[u8]) -> Outcome {
        if self.config.bool(config::AOF_LOAD_TRUNCATED) {
            self.warn(&format!("!!! Warning: short read while loading the AOF file {}!!!", listed.file));
            self.warn(&format!("!!! Truncating the AOF {} at offset {} !!!", listed.file, good.len()));
            if self.host.write_file(path, good).is_ok() {
                self.warn(&format!("AOF {path} loaded anyway because aof-load-truncated is enabled"));
                self.cut_growing(good.len() as u64);
                return Outcome::Cut;
            }
        }
        self.warn(&format!("Unexpected end of file reading the append only file {}. You can: 1) Make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.", listed.file));
        Outcome::Failed
    }

    /// A file with something that is no command: cut before it, if so little follows that it is allowed.
    fn bad_aof(&mut self, path: &str, bytes: &[u8], good: usize) -> Outcome {
        let most = self.config.size(config::AOF_LOAD_CORRUPT_TAIL_MAX_SIZE);
        let rest = bytes.len() - good;
        if rest < most {
            self.warn("!!! Warning: corrupt AOF file tail!!!");
            self.warn(&format!("!!! Truncating the AOF {path} at offset {good} (remaining {rest}) !!!"));
            if self.host.write_file(path, &bytes[..good]).is_ok() {
                self.warn(&format!("AOF {path} loaded anyway because aof-load-corrupt-tail-max-size is enabled"));
                self.cut_growing(good as u64);
                return Outcome::Cut;
            }
        }
        self.warn(&format!("Bad file format reading the append only file {path} at offset {good}.          make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>.          Alternatively you can set the 'aof-load-corrupt-tail-max-size' configuration option to {rest} and restart the server."));
        Outcome::Failed
    }

    fn begin_replay(&mut self, from: usize) -> Replay {
        let id = self.new_conn();
        let client = Box::new(Client { id, authenticated: true, user: String::new(), ..Client::default() });
        Replay { client: Some(client), id, parser: RequestParser::new(), at: from, good: from }
    }

    /// Runs the commands of so many bytes of a file. How it ended, if it did.
    fn replay(&mut self, file: &str, bytes: &[u8], replay: &mut Replay, most: usize) -> Option<End> {
        let id = replay.id;
        let begun = replay.at;
        let one = self.config.int(config::KEY_LOAD_DELAY) != 0;
        while replay.at < bytes.len() {
            let at = replay.at;
            if (one && at > begun) || at - begun >= most {
                return None;
            }
            if bytes[at] == b'#' {
                // When what follows was written.
                replay.at += bytes[at..].iter().position(|c| *c == b'\n').map_or(bytes.len() - at, |n| n + 1);
                continue;
            }
            let parser = &mut replay.parser;
            let step = if bytes[at] == b'*' { parser.step(&bytes[at..], Limits::default()) } else { Ok(Some(0)) };
            match step {
                Ok(Some(used)) if used > 0 && parser.arg_count() > 0 => {
                    let mut argv = Vec::new();
                    parser.args(&bytes[at..], &mut argv);
                    match self.find_command(&argv) {
                        Ok(command) if command.takes(argv.len()) => self.replay_command(id, command, &argv),
                        // Redis runs it, and crashes: commands trust that they have as many words as they take.
                        Ok(_) => return Some(End::Bad),
                        Err(_) => return Some(End::Unknown(String::from_utf8_lossy(argv[0]).into_owned())),
                    }
                    replay.at += used;
                    if self.client(id).multi.is_none() {
                        replay.good = replay.at;
                    }
                }
                Ok(None) => return Some(End::Short),
                Ok(Some(_)) | Err(_) => return Some(End::Bad),
            }
        }
        if self.client(id).multi.is_some() {
            self.warn(&format!("Revert incomplete MULTI/EXEC transaction in AOF file {file}"));
            return Some(End::Short);
        }
        Some(End::Whole)
    }

    /// Runs one command without checks and without a reply.
    fn replay_command(&mut self, id: u64, command: &'static Command, argv: &[&[u8]]) {
        let mut out = resp::Reply { muted: true, ..resp::Reply::default() };
        let queue = self.client(id).multi.is_some() && !matches!(command.name, "exec" | "multi" | "discard");
        if queue {
            if let Some(multi) = &mut self.client_mut(id).multi {
                multi.queue.push(argv.iter().map(|a| a.to_vec()).collect());
            }
        } else {
            self.call(id, command, argv, &mut out, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::memory_host::{self, World};
    use crate::testing::Bench;
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::rc::Rc;

    /// Whether a server starts with such a growing file, and what it logs.
    fn loads(content: &[u8]) -> (bool, String) {
        let files = BTreeMap::from([
            (
                "appendonlydir/appendonly.aof.manifest".to_owned(),
                b"file appendonly.aof.1.incr.aof seq 1 type i\n".to_vec(),
            ),
            ("appendonlydir/appendonly.aof.1.incr.aof".to_owned(), content.to_vec()),
        ]);
        let world = Rc::new(RefCell::new(World { files, ..World::default() }));
        let started = memory_host::start(&world, "appendonly yes\n").is_some();
        (started, world.borrow().log.join("\n"))
    }

    #[test]
    fn a_command_of_too_few_words_is_no_command() {
        assert!(loads(b"*3\r\n$4\r\nSADD\r\n$1\r\ns\r\n$1\r\nm\r\n").0);
        let (started, log) = loads(b"*1\r\n$4\r\nSADD\r\n*1\r\n$4\r\nPING\r\n");
        assert!(!started && log.contains("Bad file format reading the append only file"), "{log}");
        let (started, log) = loads(b"*1\r\n$4\r\nNONE\r\n");
        assert!(!started && log.contains("Unknown command 'NONE'"), "{log}");
    }

    #[test]
    fn a_base_keeps_what_is_over_for_the_commands_behind_it() {
        let mut bench = Bench::start("appendonly yes\n");
        bench.run("RPUSH list a");
        bench.run("PEXPIRE list 1000");
        bench.run("BGREWRITEAOF");
        bench.run_child();
        bench.run("RPUSH list b");
        bench.server.tick();
        let files = bench.world.borrow().files.clone();
        let now = bench.world.borrow().now + 3_600_000_000;
        let world = Rc::new(RefCell::new(World { files, now, ..World::default() }));
        let again = memory_host::start(&world, "appendonly yes\n").expect("a server");
        assert!(again.dbs[0].get(b"list").is_some_and(|record| record.expire() < now / 1000));
        assert!(again.is_expired(0, b"list"));
    }

    #[test]
    fn a_time_as_late_as_can_be_written_is_told() {
        let mut bench = Bench::start("");
        assert_eq!(bench.run("SET a b"), "OK");
        assert_eq!(bench.run("PEXPIREAT a 9223372036854775807"), "1");
        assert_eq!(bench.run("EXPIRETIME a"), "9223372036854776");
        assert_eq!(bench.run("PEXPIRETIME a"), "9223372036854775807");
    }
}
