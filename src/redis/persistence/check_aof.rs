//! `redis-check-aof`: how far the files of an append only file can be read, told as Redis tells it.

use super::check_rdb::c_string;
use super::manifest::{self, Kind};
use crate::server::number::strtol;

/// Bytes of an error that Redis has room for.
const LONGEST: usize = 1023;
/// Bytes of a line with a number that Redis reads at once.
const NUMBER: usize = 127;
/// Bytes of an annotation that Redis reads at once.
const ANNOTATION: usize = 1023;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A list of files.
    Manifest,
    /// A snapshot, perhaps with commands behind it.
    Snapshot,
    /// Commands.
    Commands,
}

/// What kind of file these bytes are.
pub fn style(bytes: &[u8]) -> Style {
    let first = bytes.split_inclusive(|c| *c == b'\n').find(|line| !line.starts_with(b"#"));
    if first.is_some_and(|line| line.starts_with(b"file")) {
        Style::Manifest
    } else if bytes.len() >= 8 && bytes.starts_with(b"REDIS") {
        Style::Snapshot
    } else {
        Style::Commands
    }
}

/// The files that a manifest lists, and whether the first is a base; where it is wrong, the lines of the log.
pub fn listed(text: &[u8]) -> Result<(Vec<String>, bool), Vec<String>> {
    let list = manifest::read(text).map_err(|flaw| flaw.lines())?;
    let base = list.iter().find(|listed| listed.kind == Kind::Base);
    let growing = list.iter().filter(|listed| listed.kind == Kind::Growing);
    let files = base.into_iter().chain(growing).map(|listed| listed.file.clone()).collect();
    Ok((files, base.is_some()))
}

/// How the reading of a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Read as far as it goes; what is behind [`Scan::good`] is of no use.
    Read,
    /// At an annotation with a later time than was asked for, at this offset.
    Later(usize),
    /// At an annotation that has no time.
    BadTime,
}

/// What was found in a file.
#[derive(Debug)]
pub struct Scan {
    /// What is printed on the way.
    pub text: Vec<u8>,
    /// How it ended.
    pub end: End,
    /// Up to where commands are whole, transactions included.
    pub good: usize,
    /// The line that was reached.
    pub line: u64,
}

/// The reading of a file that is under way.
pub struct Scanner<'a> {
    name: &'a str,
    path: &'a str,
    /// Up to annotations of later times than this (s).
    until: Option<i64>,
    /// Up to where commands are whole, transactions included.
    good: usize,
    /// What is printed on the way.
    text: Vec<u8>,
    bytes: &'a [u8],
    at: usize,
    /// Where the piece begins that is being read.
    piece: usize,
    line: u64,
    /// Whether the end was met while something was wanted.
    ended: bool,
    /// Transactions that are open.
    open: i32,
    error: Option<Vec<u8>>,
    /// The room that lines with numbers are read into: behind a line that ends too early, Redis shows what it left of the
    /// one before.
    room: [u8; NUMBER + 1],
}

/// A byte as C's `%02x` shows a `char`.
fn hex(byte: u8) -> String {
    format!("{:02x}", i32::from(byte as i8))
}

impl<'a> Scanner<'a> {
    /// Begins to read a file of this name from a place on, up to annotations of later times than `until` (s). `line`: the
    /// one that was reached in the files before.
    pub fn new(
        bytes: &'a [u8],
        from: usize,
        (name, path): (&'a str, &'a str),
        until: Option<i64>,
        line: u64,
    ) -> Scanner<'a> {
        Scanner {
            name,
            path,
            until,
            good: from,
            text: Vec::new(),
            bytes,
            at: from,
            piece: 0,
            line,
            ended: false,
            open: 0,
            error: None,
            room: [0; NUMBER + 1],
        }
    }

    /// Bytes that were read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Reads so many bytes more, and the rest of the command that they end in; what was found, if that was all.
    pub fn step(&mut self, most: usize) -> Option<Scan> {
        let begun = self.at;
        let end = loop {
            if self.open == 0 {
                self.good = self.at;
            }
            if self.at - begun >= most {
                return None;
            }
            match self.bytes.get(self.at) {
                None => {
                    self.ended = true;
                    break End::Read;
                }
                Some(b'#') => {
                    let found = self.annotation();
                    if found != End::Read {
                        break found;
                    }
                }
                Some(b'*') => {
                    if self.command().is_none() {
                        break End::Read;
                    }
                }
                Some(_) => {
                    self.text.extend_from_slice(format!("AOF {} format error\n", self.name).as_bytes());
                    break End::Read;
                }
            }
        };
        if self.ended && self.open != 0 && self.error.is_none() {
            self.fail::<()>(b"Reached EOF before reading EXEC for MULTI");
        }
        if let Some(error) = self.error.take().filter(|_| end == End::Read) {
            self.text.extend_from_slice(&error);
            self.text.push(b'\n');
        }
        Some(Scan { text: std::mem::take(&mut self.text), end, good: self.good, line: self.line })
    }

    fn fail<T>(&mut self, reason: &[u8]) -> Option<T> {
        let mut error = format!("0x{:16x}: ", self.piece).into_bytes();
        error.extend_from_slice(&reason[..reason.len().min(LONGEST)]);
        self.error = Some(error);
        None
    }

    /// A line, or as many bytes of it as Redis reads at once.
    fn gets(&mut self, most: usize) -> Option<&'a [u8]> {
        self.piece = self.at;
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty());
        let Some(rest) = rest else {
            self.ended = true;
            return None;
        };
        let line = rest.split_inclusive(|c| *c == b'\n').next().unwrap_or_default();
        let line = &line[..line.len().min(most)];
        self.at += line.len();
        self.ended |= line.len() < most && !line.ends_with(b"\n");
        Some(line)
    }

    /// The end of a line; `left`: what stands in the room where it should be.
    fn newline(&mut self, at: &[u8], left: [u8; 2]) -> Option<()> {
        if at.starts_with(b"\r\n") {
            self.line += 1;
            return Some(());
        }
        let byte = |n: usize| hex(at.get(n).copied().unwrap_or(left[n]));
        let text = format!("Expected \\r\\n, got: {}{}", byte(0), byte(1));
        self.fail(text.as_bytes())
    }

    fn number(&mut self, mark: u8) -> Option<i64> {
        let line = self.gets(NUMBER)?;
        if line[0] != mark {
            return self.fail(&[b"Expected prefix '", &[mark] as &[u8], b"', got: '", &line[..1], b"'"].concat());
        }
        let (number, rest) = strtol(&line[1..]);
        let (end, behind) = (line.len(), line.len() - rest.len());
        self.room[..end].copy_from_slice(line);
        self.room[end] = 0;
        let left = [behind, behind + 1].map(|n| self.room.get(n).copied().unwrap_or(0));
        self.newline(rest, left)?;
        Some(number)
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.number(b'$')?;
        let size = usize::try_from(length).ok().and_then(|n| n.checked_add(2)).filter(|n| i64::try_from(*n).is_ok());
        let Some(size) = size else {
            let text = format!("Expected to read string of {length} bytes, which is not in the suitable range");
            return self.fail(text.as_bytes());
        };
        self.piece = self.at;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some((string, _)) = rest.split_at_checked(size) else {
            (self.at, self.ended) = (self.bytes.len(), true);
            return self.fail(format!("Expected to read {size} bytes, got {} bytes", rest.len()).as_bytes());
        };
        self.at += size;
        let (string, end) = string.split_at(size - 2);
        self.newline(end, [0; 2])?;
        Some(string)
    }

    fn command(&mut self) -> Option<()> {
        let words = self.number(b'*')?;
        for n in 0..words {
            let word = self.string()?;
            if n > 0 {
                continue;
            }
            let (step, what) = match c_string(word).to_ascii_lowercase().as_slice() {
                b"multi" => (1, "MULTI"),
                b"exec" => (-1, "EXEC"),
                _ => continue,
            };
            let before = self.open;
            self.open = before.saturating_add(step);
            if (step == 1 && before != 0) || (step == -1 && self.open != 0) {
                return self.fail(format!("Unexpected {what} in AOF {}", self.path).as_bytes());
            }
        }
        Some(())
    }

    fn annotation(&mut self) -> End {
        let line = self.gets(ANNOTATION).unwrap_or_default();
        let (Some(until), Some(time)) = (self.until, line.strip_prefix(b"#TS:")) else { return End::Read };
        match strtol(time) {
            (_, rest) if !rest.starts_with(b"\r") => End::BadTime,
            (time, _) if time <= until => End::Read,
            _ => End::Later(self.piece),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scanner;

    #[test]
    fn in_steps_it_finds_what_it_finds_at_once() {
        let whole: &[u8] = b"#TS:17\r\n*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n$4\r\nEXEC\r\n#TS:19\r\n*1\r\n$4\r\nPING\r\n!";
        for until in [None, Some(18)] {
            for bytes in (0..=whole.len()).map(|n| &whole[..n]) {
                let scanner = || Scanner::new(bytes, 0, ("a", "d/a"), until, 1);
                let at_once = scanner().step(usize::MAX).expect("all of it");
                let (mut slow, mut steps, mut scan) = (scanner(), 0, None);
                while scan.is_none() {
                    scan = slow.step(1);
                    steps += 1;
                }
                let scan = scan.expect("all of it");
                assert_eq!(
                    (scan.text, scan.end, scan.good, scan.line),
                    (at_once.text, at_once.end, at_once.good, at_once.line)
                );
                assert!(bytes.len() < 30 || steps > 2);
            }
        }
    }
}
