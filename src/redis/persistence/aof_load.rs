//! Loading the append only file.

use super::manifest::{self, Kind, Listed};
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

impl Server {
    /// Loads base and growing files.
    pub(super) fn load_aof(&mut self, start: i64) -> bool {
        let path = self.manifest_path();
        let text = match self.host.read_file(&path) {
            Ok(Some(text)) => text,
            Ok(None) => return true,
            Err(error) => {
                self.warn(&format!("Fatal error: can't open the AOF manifest file {path} for reading: {error}"));
                return false;
            }
        };
        let Some(list) = manifest::read(&String::from_utf8_lossy(&text)) else {
            self.warn("Invalid AOF manifest file format");
            return false;
        };
        // What stands there as history only waits to be removed.
        let list: Vec<Listed> = list.into_iter().filter(|listed| listed.kind != Kind::History).collect();
        let last = list.len().saturating_sub(1);
        let aof = &mut self.persist.aof;
        (aof.base, aof.size) = (None, 0);
        aof.growing.clear();
        for (n, listed) in list.iter().enumerate() {
            let from = self.host.mono_us();
            let what = if listed.kind == Kind::Base { "base" } else { "incr" };
            if !self.load_aof_file(listed, n == last) {
                return false;
            }
            let seconds = (self.host.mono_us() - from) as f64 / 1e6;
            self.notice(&format!("DB loaded from {what} file {}: {seconds:.3} seconds", listed.file));
            let aof = &mut self.persist.aof;
            if listed.kind == Kind::Base {
                (aof.last_base, aof.base) = (listed.seq, Some(listed.clone()));
            } else {
                aof.last_growing = listed.seq;
                aof.growing.push(listed.clone());
            }
        }
        let seconds = (self.host.mono_us() - start) as f64 / 1e6;
        self.notice(&format!("DB loaded from append only file: {seconds:.3} seconds"));
        true
    }

    fn load_aof_file(&mut self, listed: &Listed, last: bool) -> bool {
        let path = self.aof_path(&listed.file);
        let bytes = match self.host.read_file(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                self.warn(&format!(
                    "Fatal error: can't open the append log file {} for reading: No such file or directory",
                    listed.file
                ));
                return false;
            }
            Err(error) => {
                self.warn(&format!("Fatal error: can't open the append log file {} for reading: {error}", listed.file));
                return false;
            }
        };
        let size = bytes.len() as u64;
        self.persist.aof.size += size;
        if listed.kind == Kind::Base {
            self.persist.aof.rewritten_size = size;
        } else {
            self.persist.aof.grown = size;
        }
        if bytes.starts_with(b"REDIS") {
            self.notice("Reading RDB base file on AOF loading...");
            return self.load_bytes(&bytes, true);
        }
        let (good, end) = self.replay(&bytes);
        match end {
            End::Whole => true,
            End::Short => self.short_aof(listed, &path, &bytes[..good], last),
            End::Unknown(name) => {
                self.warn(&format!("Unknown command '{name}' reading the append only file {}", listed.file));
                false
            }
            End::Bad => self.bad_aof(listed, &path, &bytes, good, last),
        }
    }

    /// The last file was cut to this size.
    fn cut_growing(&mut self, size: u64) {
        let aof = &mut self.persist.aof;
        aof.size = (aof.size + size).saturating_sub(aof.grown);
        aof.grown = size;
    }

    /// A file that ends within a command: cut there, if it is the last and that is allowed.
    fn short_aof(&mut self, listed: &Listed, path: &str, good: &[u8], last: bool) -> bool {
        if last && self.config.bool(config::AOF_LOAD_TRUNCATED) {
            self.warn(&format!("!!! Warning: short read while loading the AOF file {}!!!", listed.file));
            self.warn(&format!("!!! Truncating the AOF {} at offset {} !!!", listed.file, good.len()));
            if self.host.write_file(path, good).is_ok() {
                self.warn(&format!("AOF {path} loaded anyway because aof-load-truncated is enabled"));
                self.cut_growing(good.len() as u64);
                return true;
            }
        }
        self.warn(&format!("Unexpected end of file reading the append only file {}. You can: 1) Make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.", listed.file));
        false
    }

    /// A file with something that is no command: cut before it, if it is the last, short enough and that is allowed.
    fn bad_aof(&mut self, listed: &Listed, path: &str, bytes: &[u8], good: usize, last: bool) -> bool {
        let most = self.config.size(config::AOF_LOAD_CORRUPT_TAIL_MAX_SIZE);
        let rest = bytes.len() - good;
        if last && rest < most {
            self.warn("!!! Warning: corrupt AOF file tail!!!");
            self.warn(&format!("!!! Truncating the AOF {path} at offset {good} (remaining {rest}) !!!"));
            if self.host.write_file(path, &bytes[..good]).is_ok() {
                self.warn(&format!("AOF {path} loaded anyway because aof-load-corrupt-tail-max-size is enabled"));
                self.cut_growing(good as u64);
                return true;
            }
        }
        self.warn(&format!("Bad file format reading the append only file {} at offset {good}.          make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>.          Alternatively you can set the 'aof-load-corrupt-tail-max-size' configuration option to {rest} and restart the server.", listed.file));
        false
    }

    /// Runs the commands of a file. Up to where they were whole, transactions included, and how it ended.
    fn replay(&mut self, bytes: &[u8]) -> (usize, End) {
        let id = self.new_conn();
        self.clients.insert(id, Box::new(Client { id, authenticated: true, user: String::new(), ..Client::default() }));
        let mut parser = RequestParser::new();
        let (mut at, mut good, mut end) = (0, 0, End::Whole);
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
                    if !self.replay_command(id, &argv) {
                        end = End::Unknown(String::from_utf8_lossy(argv[0]).into_owned());
                        break;
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
            self.warn("Revert incomplete MULTI/EXEC transaction from AOF file");
            end = End::Short;
        }
        self.clients.remove(&id);
        (good, end)
    }

    /// Runs one command without checks and without a reply.
    /// False where there is no such command.
    pub(crate) fn replay_command(&mut self, id: u64, argv: &[&[u8]]) -> bool {
        let Ok(command) = self.find_command(argv) else { return false };
        let mut out = resp::Reply { muted: true, ..resp::Reply::default() };
        let queue = self.client(id).multi.is_some() && !matches!(command.name, "exec" | "multi" | "discard");
        if queue {
            if let Some(multi) = &mut self.client_mut(id).multi {
                multi.queue.push(argv.iter().map(|a| a.to_vec()).collect());
            }
        } else {
            self.call(id, command, argv, &mut out, true);
        }
        true
    }
}
