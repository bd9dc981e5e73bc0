//! `redis-check-rdb` and `redis-check-aof`: redis-server under another name.

use super::startup;
use crate::config::Config;
use crate::launch;
use crate::persistence::check_aof::{self, End, Scanner, Style};
use crate::persistence::check_rdb::{self, Checker, Report, Verdict};
use crate::server::number::strtol;
use crate::server::{Level, hot};
use machine::fs::SetAttr;
use machine::{ExitCode, Fd, Sys, text};

/// What reading costs the machine per byte, in nanoseconds.
const BYTE_COST: u64 = 4;
/// Bytes that are read before others have their turn.
const SLICE: usize = 256 << 10;

/// The program has said why it ends.
struct Ended;

async fn say(sys: &Sys, text: &[u8]) {
    let _ = sys.write_all(Fd(1), text).await;
}

async fn fail(sys: &Sys, text: &str) -> Ended {
    say(sys, &text::to_bytes(text)).await;
    Ended
}

/// A line of the log, as a process has it that serves nobody.
async fn log(sys: &Sys, line: &str) {
    let line = launch::line(sys.getpid().0 as u32, 'C', sys.wall_clock().0 / 1000, Level::Warning, line);
    say(sys, line.as_bytes()).await;
}

fn version(sys: &Sys, program: &str) -> String {
    format!("{program} {}\n", launch::options::version(&startup::version(sys)))
}

fn is_version(argument: &str) -> bool {
    argument == "-v" || argument == "--version"
}

/// `redis-check-rdb FILE`
pub async fn rdb(sys: Sys) -> ExitCode {
    let args = sys.args();
    let [_, path] = args.as_slice() else {
        let name = args.first().map_or("redis-check-rdb", String::as_str);
        super::print(&sys, 2, &format!("Usage: {name} <rdb-file-name>\n")).await;
        return ExitCode::FAILURE;
    };
    if is_version(path) {
        super::print(&sys, 1, &version(&sys, "redis-check-rdb")).await;
        return ExitCode::SUCCESS;
    }
    let bytes = match sys.read_file(path) {
        // It can be opened, and ends at once.
        Err(machine::Errno::EISDIR) => Some(Vec::new()),
        read => read.ok(),
    };
    let Some(bytes) = bytes else {
        say(&sys, &beginning(path)).await;
        return ExitCode::FAILURE;
    };
    match snapshot(&sys, path, &bytes).await.verdict {
        Verdict::Sound => ExitCode::SUCCESS,
        Verdict::Broken | Verdict::Fatal => ExitCode::FAILURE,
    }
}

fn beginning(path: &str) -> Vec<u8> {
    text::to_bytes(&format!("[offset 0] Checking RDB file {path}\n"))
}

async fn snapshot(sys: &Sys, path: &str, bytes: &[u8]) -> Report {
    let hot = hot(&Config::default(), 0);
    let mut checker = Checker::new(bytes, &hot, sys.wall_clock().0 / 1_000_000);
    let report = loop {
        let begun = checker.position();
        let report = checker.step(SLICE);
        sys.tick((checker.position() - begun) as u64 * BYTE_COST).await;
        if let Some(report) = report {
            break report;
        }
    };
    say(sys, &[beginning(path), report.text.clone()].concat()).await;
    if report.verdict == Verdict::Fatal {
        log(sys, check_rdb::FATAL).await;
    }
    report
}

/// A check of an append only file.
struct Check {
    sys: Sys,
    /// Cut what can't be read.
    fix: bool,
    /// Cut what is later (s).
    until: Option<i64>,
    /// The line that was reached: it goes on from file to file.
    line: u64,
}

/// What became of a file.
enum Outcome {
    Fine,
    Empty,
    Cut,
    CutByTime,
}

/// `redis-check-aof [--fix|--truncate-to-timestamp TIME] FILE`
pub async fn aof(sys: Sys) -> ExitCode {
    let args = sys.args();
    let mut check = Check { sys: sys.clone(), fix: false, until: None, line: 1 };
    let path = match args.get(1..).unwrap_or_default() {
        [one] if is_version(one) => {
            super::print(&sys, 1, &version(&sys, "redis-check-aof")).await;
            return ExitCode::SUCCESS;
        }
        [path] => path,
        [option, path] if option == "--fix" => {
            check.fix = true;
            path
        }
        [option, time, path] if option == "--truncate-to-timestamp" => {
            let (seconds, rest) = strtol(time.as_bytes());
            if !rest.is_empty() {
                say(&sys, b"Invalid timestamp, aborting...\n").await;
                return ExitCode::FAILURE;
            }
            // 0 is as if none was given.
            check.until = Some(seconds).filter(|seconds| *seconds != 0);
            path
        }
        _ => {
            let name = args.first().map_or("redis-check-aof", String::as_str);
            let text = format!("Usage: {name} [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n");
            say(&sys, text.as_bytes()).await;
            return ExitCode::FAILURE;
        }
    };
    match check.all(path).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended) => ExitCode::FAILURE,
    }
}

impl Check {
    async fn say(&self, text: &str) {
        say(&self.sys, &text::to_bytes(text)).await;
    }

    async fn read(&self, path: &str) -> Result<Vec<u8>, Ended> {
        match self.sys.read_file(path) {
            Ok(bytes) => Ok(bytes),
            Err(machine::Errno::EISDIR) => Err(fail(&self.sys, &format!("Cannot read file: {path}\n")).await),
            Err(error) => Err(fail(&self.sys, &format!("Cannot open file {path}: {}\n", error.message())).await),
        }
    }

    async fn all(&mut self, path: &str) -> Result<(), Ended> {
        let bytes = self.read(path).await?;
        match check_aof::style(&bytes) {
            Style::Manifest => self.several(path, &bytes).await,
            style => {
                self.say("Start checking Old-Style AOF\n").await;
                let outcome = self.one((path, path), true, style == Style::Snapshot).await?;
                self.tell(&outcome, path, "AOF").await;
                Ok(())
            }
        }
    }

    async fn several(&mut self, path: &str, manifest: &[u8]) -> Result<(), Ended> {
        self.say("Start checking Multi Part AOF\n").await;
        let (files, has_base) = match check_aof::listed(manifest) {
            Ok(listed) => listed,
            Err(lines) => {
                for line in lines {
                    log(&self.sys, &line).await;
                }
                return Err(Ended);
            }
        };
        let dir = directory(path);
        for (n, file) in files.iter().enumerate() {
            let path = format!("{dir}/{file}");
            let (mut preamble, mut kind) = (false, "INCR AOF");
            if has_base && n == 0 {
                (preamble, kind) = (check_aof::style(&self.read(&path).await?) == Style::Snapshot, "BASE AOF");
                let format = if preamble { "RDB" } else { "RESP" };
                self.say(&format!("Start to check BASE AOF ({format} format).\n")).await;
            } else if n == usize::from(has_base) {
                self.say("Start to check INCR files.\n").await;
            }
            let outcome = self.one((file, &path), n + 1 == files.len(), preamble).await?;
            self.tell(&outcome, file, kind).await;
        }
        self.say("All AOF files and manifest are valid\n").await;
        Ok(())
    }

    async fn tell(&self, outcome: &Outcome, name: &str, kind: &str) {
        let text = match outcome {
            Outcome::Fine => format!("{kind} {name} is valid\n"),
            Outcome::Empty => format!("{kind} {name} is empty\n"),
            Outcome::CutByTime => {
                format!("Successfully truncated AOF {name} to timestamp {}\n", self.until.unwrap_or(0))
            }
            Outcome::Cut => format!("Successfully truncated AOF {name}\n"),
        };
        self.say(&text).await;
    }

    /// Checks a file, called `name`, that lies at `path`.
    async fn one(&mut self, (name, path): (&str, &str), last: bool, preamble: bool) -> Result<Outcome, Ended> {
        let bytes = match self.sys.read_file(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let text = format!("Cannot open file {path}: {}, aborting...\n", error.message());
                return Err(fail(&self.sys, &text).await);
            }
        };
        if bytes.is_empty() {
            return Ok(Outcome::Empty);
        }
        let mut from = 0;
        if preamble {
            let report = snapshot(&self.sys, path, &bytes).await;
            match report.verdict {
                Verdict::Sound => self.say("RDB preamble is OK, proceeding with AOF tail...\n").await,
                Verdict::Broken => {
                    return Err(fail(&self.sys, "RDB preamble of AOF file is not sane, aborting.\n").await);
                }
                Verdict::Fatal => return Err(Ended),
            }
            from = report.size;
        }
        let mut scanner = Scanner::new(&bytes, from, (name, path), self.until, self.line);
        let scan = loop {
            let begun = scanner.position();
            let scan = scanner.step(SLICE);
            self.sys.tick((scanner.position() - begun) as u64 * BYTE_COST).await;
            if let Some(scan) = scan {
                break scan;
            }
        };
        self.line = scan.line;
        say(&self.sys, &scan.text).await;
        match scan.end {
            End::Read => self.judge(name, path, bytes.len(), &scan, last).await,
            End::BadTime => Err(fail(&self.sys, "Invalid timestamp annotation\n").await),
            End::Later(at) => self.cut_by_time(path, at, last).await,
        }
    }

    async fn cut_by_time(&self, path: &str, at: usize, last: bool) -> Result<Outcome, Ended> {
        let until = self.until.unwrap_or(0);
        let text = if at == 0 {
            format!("AOF {path} has nothing before timestamp {until}, aborting...\n")
        } else if !last {
            format!(
                "Failed to truncate AOF {path} to timestamp {until} to offset {at} because it is not the last file.\nIf you insist, please delete all files after this file according to the manifest file and delete the corresponding records in manifest file manually. Then re-run redis-check-aof.\n"
            )
        } else if self.cut(path, at) {
            return Ok(Outcome::CutByTime);
        } else {
            format!("Failed to truncate AOF {path} to timestamp {until}\n")
        };
        Err(fail(&self.sys, &text).await)
    }

    fn cut(&self, path: &str, size: usize) -> bool {
        self.sys.set_attr(path, &SetAttr { size: Some(size as u64), ..SetAttr::default() }).is_ok()
    }

    async fn judge(
        &self,
        name: &str,
        path: &str,
        size: usize,
        scan: &check_aof::Scan,
        last: bool,
    ) -> Result<Outcome, Ended> {
        let (good, line) = (scan.good, scan.line);
        let rest = size.saturating_sub(good);
        if let (0, Some(until)) = (rest, self.until) {
            self.say(&format!("Truncate nothing in AOF {name} to timestamp {until}\n")).await;
            return Ok(Outcome::Fine);
        }
        self.say(&format!(
            "AOF analyzed: filename={name}, size={size}, ok_up_to={good}, ok_up_to_line={line}, diff={rest}\n"
        ))
        .await;
        if rest == 0 {
            return Ok(Outcome::Fine);
        }
        if !self.fix {
            let text = format!("AOF {name} is not valid. Use the --fix option to try fixing it.\n");
            return Err(fail(&self.sys, &text).await);
        }
        if !last {
            let text = format!("Failed to truncate AOF {name} because it is not the last file\n");
            return Err(fail(&self.sys, &text).await);
        }
        self.say(&format!("This will shrink the AOF {name} from {size} bytes, with {rest} bytes, to {good} bytes\n"))
            .await;
        self.say("Continue? [y/N]: ").await;
        let answer = self.sys.read_vec(Fd(0), 1).await.unwrap_or_default();
        if !answer.eq_ignore_ascii_case(b"y") {
            return Err(fail(&self.sys, "Aborting...\n").await);
        }
        if self.cut(path, good) {
            return Ok(Outcome::Cut);
        }
        Err(fail(&self.sys, &format!("Failed to truncate AOF {name}\n")).await)
    }
}

/// The directory of a path, as `dirname(3)` has it.
fn directory(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((dir, _)) if dir.trim_end_matches('/').is_empty() => "/",
        Some((dir, _)) => dir.trim_end_matches('/'),
        None => ".",
    }
}
