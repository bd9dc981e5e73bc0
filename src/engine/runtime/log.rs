//! The `json-file` log: written line by line, read by `docker logs`.

use std::cell::{Cell, RefCell};

use docker_api::stdcopy::Stream;
use docker_api::time::parse_nanos;
use docker_api::types::{ContainerConfig, Map};
use machine::fs::OpenFlags;
use machine::io::Seek;
use machine::{Sys, WaitQueue};
use serde::{Deserialize, Serialize};

use crate::time::fixed_text;

/// Longer lines are split (the daemon's buffer).
const MAX_LINE: usize = 16 * 1024;
/// What encoding and writing a line costs the daemon, in nanoseconds: real ones keep some 50 MB a second.
const LINE_COST: u64 = 1_500;
/// What a byte of it costs besides.
const BYTE_COST: u64 = 4;
/// Read from the file at once.
const CHUNK: usize = 64 * 1024;

/// One line in the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The text with its line break.
    pub log: String,
    /// `stdout` or `stderr`.
    pub stream: String,
    /// RFC 3339 with nanoseconds.
    pub time: String,
}

impl Entry {
    /// Nanoseconds since 1970.
    pub fn nanos(&self) -> i128 {
        parse_nanos(&self.time).unwrap_or(0)
    }
}

/// Writes a container's log.
pub struct Logger {
    path: String,
    partial: [RefCell<Vec<u8>>; 2],
    /// Bytes in the file.
    pub size: Cell<u64>,
    /// Woken at each line.
    pub more: WaitQueue,
    /// `none`: nothing is kept.
    off: bool,
}

impl Logger {
    /// A logger for a file that may exist already.
    pub fn new(path: String, off: bool) -> Logger {
        Logger { path, partial: Default::default(), size: Cell::default(), more: WaitQueue::new(), off }
    }

    /// Whether logs can be read.
    pub fn readable(&self) -> bool {
        !self.off
    }

    /// The file.
    pub fn path(&self) -> &str {
        if self.off { "" } else { &self.path }
    }

    /// Adds output; whole lines go to the file.
    pub async fn write(&self, sys: &Sys, stream: Stream, data: &[u8]) {
        if self.off {
            return;
        }
        let lines = {
            let mut partial = self.partial[usize::from(stream == Stream::Stderr)].borrow_mut();
            partial.extend_from_slice(data);
            let (mut lines, mut rest) = (Vec::new(), partial.as_slice());
            loop {
                let end = match rest.iter().position(|b| *b == b'\n') {
                    Some(at) => at + 1,
                    None if rest.len() >= MAX_LINE => MAX_LINE,
                    None => break,
                };
                let (line, behind) = rest.split_at(end.min(MAX_LINE));
                lines.push(line.to_vec());
                rest = behind;
            }
            let taken = partial.len() - rest.len();
            partial.drain(..taken);
            lines
        };
        self.append(sys, stream, &lines).await;
    }

    /// Writes what has no line break yet.
    pub async fn flush(&self, sys: &Sys, stream: Stream) {
        let rest = std::mem::take(&mut *self.partial[usize::from(stream == Stream::Stderr)].borrow_mut());
        if !rest.is_empty() && !self.off {
            self.append(sys, stream, &[rest]).await;
        }
    }

    async fn append(&self, sys: &Sys, stream: Stream, lines: &[Vec<u8>]) {
        if lines.is_empty() {
            return;
        }
        let mut text = String::new();
        for line in lines {
            sys.tick(LINE_COST + line.len() as u64 * BYTE_COST).await;
            let entry = Entry {
                log: String::from_utf8_lossy(line).into_owned(),
                stream: if stream == Stream::Stderr { "stderr" } else { "stdout" }.into(),
                time: fixed_text(sys.wall_clock()),
            };
            let json = serde_json::to_string(&entry).unwrap_or_default();
            text.push_str(&json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"));
            text.push('\n');
        }
        if let Ok(fd) = sys.open(&self.path, OpenFlags::APPEND.cloexec(), 0o640).await {
            let _ = sys.write_all(fd, text.as_bytes()).await;
            let _ = sys.close(fd);
        }
        self.size.set(self.size.get() + text.len() as u64);
        self.more.wake();
    }

    /// The lines from a position on, and the position behind them.
    pub async fn read_from(&self, sys: &Sys, position: u64) -> (Vec<Entry>, u64) {
        let Ok(fd) = sys.open(&self.path, OpenFlags::READ.cloexec(), 0).await else { return (Vec::new(), position) };
        let mut data = Vec::new();
        if sys.seek(fd, Seek::Set(position)).is_ok() {
            while let Ok(chunk) = sys.read_vec(fd, CHUNK).await {
                if chunk.is_empty() {
                    break;
                }
                data.extend_from_slice(&chunk);
                sys.tick(10_000).await;
            }
        }
        let _ = sys.close(fd);
        let end = data.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let entries = data[..end].split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
        (entries, position + end as u64)
    }
}

/// What `GET /containers/{id}/logs` asks for.
pub struct Wanted {
    /// Standard output.
    pub stdout: bool,
    /// Standard error.
    pub stderr: bool,
    /// Not before, nanoseconds since 1970.
    pub since: Option<i128>,
    /// Not after.
    pub until: Option<i128>,
    /// Only the last so many.
    pub tail: Option<usize>,
    /// With the time in front.
    pub timestamps: bool,
    /// What `--details` puts in front, with its space.
    pub details: Option<String>,
}

/// The labels and variables that the log driver was told to keep, as `--details` shows them.
pub fn details(config: &ContainerConfig, options: &Map<String>) -> String {
    let names = |key: &str| -> Vec<String> {
        options.get(key).map(|list| list.split(',').map(String::from).collect()).unwrap_or_default()
    };
    let labels = config.labels.clone().unwrap_or_default();
    let mut all: Vec<String> =
        names("labels").iter().filter_map(|name| labels.get(name).map(|value| format!("{name}={value}"))).collect();
    for name in names("env") {
        let found = config.env.iter().flatten().find(|e| e.split_once('=').is_some_and(|(k, _)| k == name));
        all.extend(found.cloned());
    }
    all.sort();
    format!("{} ", all.join(","))
}

impl Wanted {
    /// The entries that are asked for, apart from `tail`.
    pub fn select(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let fits = |e: &Entry| {
            (if e.stream == "stderr" { self.stderr } else { self.stdout })
                && self.since.is_none_or(|s| e.nanos() >= s)
                && self.until.is_none_or(|u| e.nanos() <= u)
        };
        entries.into_iter().filter(fits).collect()
    }

    /// As it is sent.
    pub fn encode(&self, entry: &Entry, tty: bool) -> Vec<u8> {
        let log = format!("{}{}", self.details.as_deref().unwrap_or(""), entry.log);
        let text = if self.timestamps { format!("{} {log}", entry.time) } else { log };
        let stream = if entry.stream == "stderr" { Stream::Stderr } else { Stream::Stdout };
        if tty { text.into_bytes() } else { docker_api::stdcopy::encode(stream, text.as_bytes()) }
    }
}
