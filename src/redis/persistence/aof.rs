//! The append only file: a directory with a base (a snapshot), files that grow, and a manifest that
//! names them.

use crate::config;
use crate::server::{Client, Server};
use resp::{Limits, RequestParser, encode_request};

/// The state of the append only file.
#[derive(Clone, Debug)]
pub struct Aof {
    /// In use.
    pub on: bool,
    /// Bytes not written yet.
    pub buffer: Vec<u8>,
    /// Number of the base.
    base: u64,
    /// The base is a snapshot, not commands.
    base_is_snapshot: bool,
    /// Number of the growing file.
    incr: u64,
    /// The database that the last command in the file was for.
    db: Option<usize>,
    /// The second that the last note of the time in the file told.
    noted_time: i64,
    /// Whether the last write succeeded.
    pub last_ok: bool,
    /// Bytes of the base.
    pub base_size: u64,
    /// Bytes of the growing file.
    pub incr_size: u64,
    /// Rewrites.
    pub rewrites: u64,
    /// How long the last rewrite took (s), -1 for none.
    pub last_rewrite: i64,
}

impl Default for Aof {
    fn default() -> Aof {
        Aof {
            on: false,
            buffer: Vec::new(),
            base: 0,
            base_is_snapshot: true,
            incr: 0,
            db: None,
            noted_time: 0,
            last_ok: true,
            base_size: 0,
            incr_size: 0,
            rewrites: 0,
            last_rewrite: -1,
        }
    }
}

/// A line of the manifest.
#[derive(Debug, PartialEq)]
struct Listed {
    file: String,
    seq: u64,
    kind: String,
}

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

/// The comment that tells when what stands behind it was appended, in Unix seconds.
pub(super) fn time_note(now: i64) -> String {
    format!("#TS:{now}\r\n")
}

fn read_manifest(text: &str) -> Option<Vec<Listed>> {
    let mut list = Vec::new();
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let words = resp::split_args(line.as_bytes())?;
        let mut listed = Listed { file: String::new(), seq: 0, kind: String::new() };
        for pair in words.chunks(2) {
            let [name, value] = pair else { return None };
            let value = String::from_utf8_lossy(value).into_owned();
            match name.as_slice() {
                b"file" => listed.file = value,
                b"seq" => listed.seq = value.parse().ok()?,
                b"type" => listed.kind = value,
                _ => {}
            }
        }
        if listed.file.is_empty() || listed.file.contains('/') {
            return None;
        }
        list.push(listed);
    }
    Some(list)
}

impl Server {
    fn aof_name(&self) -> String {
        self.config.text(config::APPENDFILENAME).to_owned()
    }

    fn aof_path(&self, file: &str) -> String {
        format!("{}/{file}", self.config.text(config::APPENDDIRNAME))
    }

    fn base_name(&self) -> String {
        let end = if self.persist.aof.base_is_snapshot { "rdb" } else { "aof" };
        format!("{}.{}.base.{end}", self.aof_name(), self.persist.aof.base)
    }

    fn incr_name(&self) -> String {
        format!("{}.{}.incr.aof", self.aof_name(), self.persist.aof.incr)
    }

    fn write_manifest(&mut self) -> bool {
        let (base, incr) = (self.base_name(), self.incr_name());
        let mut text = format!("file {base} seq {} type b\n", self.persist.aof.base);
        // A base that was asked for while nothing is appended stands alone.
        if self.persist.aof.incr > 0 {
            text += &format!("file {incr} seq {} type i\n", self.persist.aof.incr);
        }
        let path = self.aof_path(&format!("{}.manifest", self.aof_name()));
        if let Err(error) = self.host.write_file(&path, text.as_bytes()) {
            self.warn(&format!("Fail to open the AOF manifest file {path}: {error}"));
            return false;
        }
        true
    }

    /// Loads base and growing files.
    pub(super) fn load_aof(&mut self, start: i64) -> bool {
        let path = self.aof_path(&format!("{}.manifest", self.aof_name()));
        let text = match self.host.read_file(&path) {
            Ok(Some(text)) => text,
            Ok(None) => return true,
            Err(error) => {
                self.warn(&format!("Fatal error: can't open the AOF manifest file {path} for reading: {error}"));
                return false;
            }
        };
        let Some(list) = read_manifest(&String::from_utf8_lossy(&text)) else {
            self.warn("Invalid AOF manifest file format");
            return false;
        };
        // What stands there as history only waits to be removed.
        let list: Vec<Listed> = list.into_iter().filter(|listed| listed.kind != "h").collect();
        let last = list.len().saturating_sub(1);
        for (n, listed) in list.iter().enumerate() {
            let from = self.host.mono_us();
            let what = if listed.kind == "b" { "base" } else { "incr" };
            if !self.load_aof_file(listed, n == last) {
                return false;
            }
            let seconds = (self.host.mono_us() - from) as f64 / 1e6;
            self.notice(&format!("DB loaded from {what} file {}: {seconds:.3} seconds", listed.file));
            match what {
                "base" => {
                    self.persist.aof.base = listed.seq;
                    self.persist.aof.base_is_snapshot = listed.file.ends_with(".rdb");
                }
                _ => self.persist.aof.incr = listed.seq,
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
        if listed.kind == "b" {
            self.persist.aof.base_size = size;
        } else {
            self.persist.aof.incr_size = size;
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

    /// A file that ends within a command: cut there, if it is the last and that is allowed.
    fn short_aof(&mut self, listed: &Listed, path: &str, good: &[u8], last: bool) -> bool {
        if last && self.config.bool(config::AOF_LOAD_TRUNCATED) {
            self.warn(&format!("!!! Warning: short read while loading the AOF file {}!!!", listed.file));
            self.warn(&format!("!!! Truncating the AOF {} at offset {} !!!", listed.file, good.len()));
            if self.host.write_file(path, good).is_ok() {
                self.warn(&format!("AOF {path} loaded anyway because aof-load-truncated is enabled"));
                self.persist.aof.incr_size = good.len() as u64;
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
                self.persist.aof.incr_size = good as u64;
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

    /// Begins to append.
    pub(super) fn start_aof(&mut self) -> bool {
        if !self.config.bool(config::APPENDONLY) {
            return true;
        }
        let dir = self.config.text(config::APPENDDIRNAME).to_owned();
        if let Err(error) = self.host.make_dir(&dir) {
            self.warn(&format!("Can't open or create append-only dir {dir}: {error}"));
            return false;
        }
        if self.persist.aof.base == 0 && self.persist.aof.incr == 0 {
            self.persist.aof.base = 1;
            self.persist.aof.incr = 1;
            self.persist.aof.base_is_snapshot = self.config.bool(config::AOF_USE_RDB_PREAMBLE);
            let (data, keys) = self.aof_base();
            self.notice(&format!("BGSAVE done, {keys} keys saved, 0 keys skipped, {} bytes written.", data.len()));
            self.persist.aof.base_size = data.len() as u64;
            let (base, incr) = (self.base_name(), self.incr_name());
            let path = self.aof_path(&base);
            self.notice(&format!("Creating AOF base file {base} on server start"));
            self.notice(&format!("Creating AOF incr file {incr} on server start"));
            let incr_path = self.aof_path(&incr);
            if let Err(error) = self.host.write_file(&path, &data).and_then(|()| self.host.write_file(&incr_path, b""))
            {
                self.warn(&format!("Can't open the append-only file {path}: {error}"));
                return false;
            }
            if !self.write_manifest() {
                return false;
            }
        } else if self.persist.aof.incr == 0 {
            self.persist.aof.incr = 1;
            let incr = self.incr_name();
            let path = self.aof_path(&incr);
            self.notice(&format!("Creating AOF incr file {incr} on server start"));
            if let Err(error) = self.host.write_file(&path, b"") {
                self.warn(&format!("Can't open the append-only file {path}: {error}"));
                return false;
            }
            if !self.write_manifest() {
                return false;
            }
        } else {
            let incr = self.incr_name();
            self.notice(&format!("Opening AOF incr file {incr} on server start"));
        }
        self.persist.aof.on = true;
        true
    }

    /// CONFIG SET appendonly.
    pub(crate) fn switch_aof(&mut self, was: bool) -> Result<(), String> {
        let wanted = self.config.bool(config::APPENDONLY);
        if wanted == was {
            return Ok(());
        }
        if wanted {
            if !self.start_aof() || !self.rewrite_aof() {
                self.warn("Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.");
                return Err("Unable to turn on AOF. Check server logs.".into());
            }
        } else {
            self.flush_aof();
            self.persist.aof.on = false;
        }
        Ok(())
    }

    /// Notes a change.
    pub(crate) fn feed_aof(&mut self, db: Option<usize>, words: &[Vec<u8>]) {
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

    /// Writes what was noted.
    pub(crate) fn flush_aof(&mut self) {
        if self.persist.aof.buffer.is_empty() {
            return;
        }
        let data = std::mem::take(&mut self.persist.aof.buffer);
        let path = self.aof_path(&self.incr_name());
        match self.host.append_file(&path, &data) {
            Ok(()) => {
                self.persist.aof.incr_size += data.len() as u64;
                self.persist.aof.last_ok = true;
            }
            Err(error) => {
                self.warn(&format!("Error writing to the AOF file: {error}"));
                self.persist.aof.last_ok = false;
                self.persist.aof.buffer = data;
            }
        }
    }

    /// Puts a new base in the place of base and changes. False if that failed.
    pub(crate) fn rewrite_aof(&mut self) -> bool {
        let dir = self.config.text(config::APPENDDIRNAME).to_owned();
        if let Err(error) = self.host.make_dir(&dir) {
            self.warn(&format!("Can't open or create append-only dir {dir}: {error}"));
            return false;
        }
        self.flush_aof();
        let old = [self.base_name(), self.incr_name()];
        let incr_before = self.persist.aof.incr;
        let (data, _) = self.aof_base();
        let was_snapshot = self.persist.aof.base_is_snapshot;
        self.persist.aof.base_is_snapshot = self.config.bool(config::AOF_USE_RDB_PREAMBLE);
        self.persist.aof.base += 1;
        self.persist.aof.incr = if self.persist.aof.on { incr_before + 1 } else { 0 };
        self.persist.aof.db = None;
        let (base, incr) = (self.aof_path(&self.base_name()), self.aof_path(&self.incr_name()));
        let mut written = self.host.write_file(&base, &data);
        if self.persist.aof.on {
            written = written.and_then(|()| self.host.write_file(&incr, b""));
        }
        if let Err(error) = written {
            self.warn(&format!("Background AOF rewrite terminated with error: {error}"));
            self.persist.aof.base_is_snapshot = was_snapshot;
            self.persist.aof.base -= 1;
            self.persist.aof.incr = incr_before;
            return false;
        }
        self.persist.aof.base_size = data.len() as u64;
        self.persist.aof.incr_size = 0;
        self.persist.aof.rewrites += 1;
        self.persist.aof.last_rewrite = 0;
        if !self.write_manifest() {
            return false;
        }
        for file in old {
            let path = self.aof_path(&file);
            let _ = self.host.remove_file(&path);
        }
        self.notice("Background AOF rewrite terminated with success");
        self.notice("Background AOF rewrite finished successfully");
        true
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn manifests_are_read() {
        let list = super::read_manifest("file a.1.base.rdb seq 1 type b\nfile \"a b\" seq 2 type i\n").unwrap();
        assert_eq!((list[1].file.as_str(), list[1].seq, list[1].kind.as_str()), ("a b", 2, "i"));
        assert!(super::read_manifest("file ../x seq 1 type b").is_none());
    }

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
