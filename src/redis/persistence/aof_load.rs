//! Loading the append only file.

use super::manifest::{self, Kind, Listed};
use crate::commands::Command;
use crate::config;
use crate::server::{Client, Server};
use resp::{Limits, RequestParser};

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

impl Server {
    /// Loads base and growing files.
    pub(super) fn load_aof(&mut self, start: i64) -> bool {
        let Some(list) = self.listed_files() else { return false };
        let last = list.len().saturating_sub(1);
        let aof = &mut self.persist.aof;
        (aof.base, aof.size) = (None, 0);
        aof.growing.clear();
        let mut contents = Vec::new();
        for listed in &list {
            let Some(bytes) = self.aof_content(listed) else { return false };
            contents.push(bytes);
        }
        let nothing = contents.iter().all(Vec::is_empty);
        for (n, (listed, bytes)) in list.iter().zip(contents).enumerate() {
            let from = self.host.mono_us();
            let what = if listed.kind == Kind::Base { "base" } else { "incr" };
            let outcome = if nothing { Outcome::Empty } else { self.load_aof_file(listed, &bytes) };
            match outcome {
                Outcome::Failed => return false,
                Outcome::Cut if n < last => {
                    self.warn("Fatal error: the truncated file is not the last file");
                    return false;
                }
                Outcome::Empty => {}
                Outcome::Whole | Outcome::Cut => {
                    let seconds = (self.host.mono_us() - from) as f64 / 1e6;
                    self.notice(&format!("DB loaded from {what} file {}: {seconds:.3} seconds", listed.file));
                }
            }
            let aof = &mut self.persist.aof;
            if listed.kind == Kind::Base {
                (aof.last_base, aof.base) = (listed.seq, Some(listed.clone()));
            } else {
                aof.last_growing = listed.seq;
                aof.growing.push(listed.clone());
            }
        }
        if !list.is_empty() {
            let seconds = (self.host.mono_us() - start) as f64 / 1e6;
            self.notice(&format!("DB loaded from append only file: {seconds:.3} seconds"));
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
                    self.warn("\n*** FATAL AOF MANIFEST FILE ERROR ***\n");
                    if let Some((n, line)) = flaw.line {
                        self.warn(&format!("Reading the manifest file, at line {n}\n"));
                        self.warn(&format!(">>> '{line}'\n"));
                    }
                    self.warn(&format!("{}\n", flaw.reason));
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

    fn load_aof_file(&mut self, listed: &Listed, bytes: &[u8]) -> Outcome {
        let path = self.aof_path(&listed.file);
        let size = bytes.len() as u64;
        self.persist.aof.size += size;
        if listed.kind == Kind::Base {
            self.persist.aof.rewritten_size = size;
        } else {
            self.persist.aof.grown = size;
        }
        if bytes.is_empty() {
            return Outcome::Empty;
        }
        let mut from = 0;
        if bytes.starts_with(b"REDIS") {
            let old = listed.file == self.aof_name();
            self.notice(if old {
                "Reading RDB preamble from AOF file..."
            } else {
                "Reading RDB base file on AOF loading..."
            });
            if !self.load_bytes(bytes, true) {
                let what = if old { "RDB preamble of the AOF file" } else { "RDB base file" };
                self.warn(&format!("Error reading the {what} {}, AOF loading aborted", listed.file));
                return Outcome::Failed;
            }
            if old {
                self.notice("Reading the remaining AOF tail...");
            }
            from = self.persist.loaded_size.min(bytes.len());
        }
        let (good, end) = self.replay(&listed.file, bytes, from);
        match end {
            End::Whole => Outcome::Whole,
            End::Short => self.short_aof(listed, &path, &bytes[..good]),
            End::Unknown(name) => {
                self.warn(&format!("Unknown command '{name}' reading the append only file {}", listed.file));
                Outcome::Failed
            }
            End::Bad => self.bad_aof(&path, bytes, good),
        }
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

    /// Runs the commands of a file from a place on. Up to where they were whole, transactions included, and how it ended.
    fn replay(&mut self, file: &str, bytes: &[u8], from: usize) -> (usize, End) {
        let id = self.new_conn();
        self.clients.insert(id, Box::new(Client { id, authenticated: true, user: String::new(), ..Client::default() }));
        let mut parser = RequestParser::new();
        let (mut at, mut good, mut end) = (from, from, End::Whole);
        while at < bytes.len() {
            if bytes[at] == b'#' {
                // When what follows was written.
                at += bytes[at..].iter().position(|c| *c == b'\n').map_or(bytes.len() - at, |n| n + 1);
                continue;
            }
            let step = if bytes[at] == b'*' { parser.step(&bytes[at..], Limits::default()) } else { Ok(Some(0)) };
            match step {
                Ok(Some(used)) if used > 0 && parser.arg_count() > 0 => {
                    let mut argv = Vec::new();
                    parser.args(&bytes[at..], &mut argv);
                    match self.find_command(&argv) {
                        Ok(command) if command.takes(argv.len()) => self.replay_command(id, command, &argv),
                        // Redis runs it, and crashes: commands trust that they have as many words as they take.
                        Ok(_) => {
                            end = End::Bad;
                            break;
                        }
                        Err(_) => {
                            end = End::Unknown(String::from_utf8_lossy(argv[0]).into_owned());
                            break;
                        }
                    }
                    at += used;
                    if self.client(id).multi.is_none() {
                        good = at;
                    }
                }
                Ok(None) => {
                    end = End::Short;
                    break;
                }
                Ok(Some(_)) | Err(_) => {
                    end = End::Bad;
                    break;
                }
            }
        }
        if matches!(end, End::Whole) && self.client(id).multi.is_some() {
            self.warn(&format!("Revert incomplete MULTI/EXEC transaction in AOF file {file}"));
            end = End::Short;
        }
        self.clients.remove(&id);
        (good, end)
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
    fn a_time_as_late_as_can_be_written_is_told() {
        let mut bench = Bench::start("");
        assert_eq!(bench.run("SET a b"), "OK");
        assert_eq!(bench.run("PEXPIREAT a 9223372036854775807"), "1");
        assert_eq!(bench.run("EXPIRETIME a"), "9223372036854776");
        assert_eq!(bench.run("PEXPIRETIME a"), "9223372036854775807");
    }
}
