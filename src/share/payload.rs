//! The payload of version 1: `seed, names, operations, times, text`, the middle three with their length before them.
//!
//! - names: a count, then each with its length; operations name terminals and paths by position.
//! - operations: a byte each (see the constants) and its numbers. A run of single keys on one terminal is one
//!   operation, whatever their times.
//! - times: one number for each entry. Even: half of it is the steps of the grid since the last stamp, rounded up to
//!   the grid. Odd: half of it is nanoseconds since the last stamp.
//! - text: what was typed and written, end to end; in typed text carriage return and line feed change places, so that
//!   it looks like a file's text to deflate.

use crate::bytes::{Reader, put};
use crate::{Action, DecodeError, EncodeError, Entry, Link, STAMP_GRID_NS};

const OPEN: u8 = 0;
const CLOSE: u8 = 1;
const RESIZE: u8 = 2;
const WRITE: u8 = 3;
/// A count of keys, each as long as [`key_length`] says.
const KEYS: u8 = 4;
/// Bytes that came in one go and are not one key: a length.
const CHUNK: u8 = 5;

/// More inputs than this are no session that somebody typed.
const MAX_ENTRIES: u64 = 100_000;
const MAX_NAME: usize = 4096;
/// All entries' names together, each counted as often as it stands in the log: a bound on what a link unpacks to.
const MAX_NAMES_TOTAL: usize = 8 << 20;

/// Writes the payload.
pub fn write(link: &Link) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer::default();
    for entry in &link.log {
        writer.entry(entry)?;
    }
    writer.end_run();
    let mut out = Vec::new();
    put(&mut out, link.seed);
    put(&mut out, writer.names.len() as u64);
    for name in &writer.names {
        put(&mut out, name.len() as u64);
        out.extend_from_slice(name.as_bytes());
    }
    for part in [&writer.operations, &writer.times] {
        put(&mut out, part.len() as u64);
        out.extend_from_slice(part);
    }
    out.extend_from_slice(&writer.text);
    Ok(out)
}

#[derive(Default)]
struct Writer<'a> {
    names: Vec<&'a str>,
    operations: Vec<u8>,
    times: Vec<u8>,
    text: Vec<u8>,
    now: u64,
    entries: u64,
    named: usize,
    /// The run of keys that is being gathered: the terminal's position and the count.
    run: Option<(u64, u64)>,
}

impl<'a> Writer<'a> {
    fn entry(&mut self, entry: &'a Entry) -> Result<(), EncodeError> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(EncodeError::TooLong);
        }
        self.time(entry.at_ns)?;
        match &entry.action {
            Action::Open { tty, cols, rows } => self.operation(OPEN, tty, &[*cols, *rows]),
            Action::Close { tty } => self.operation(CLOSE, tty, &[]),
            Action::Resize { tty, cols, rows } => self.operation(RESIZE, tty, &[*cols, *rows]),
            Action::Write { path, data } => {
                self.operation(WRITE, path, &[])?;
                put(&mut self.operations, data.len() as u64);
                self.text.extend_from_slice(data);
                Ok(())
            }
            Action::Keys { tty, bytes } => self.keys(tty, bytes),
        }
    }

    fn time(&mut self, at: u64) -> Result<(), EncodeError> {
        let steps = (at / STAMP_GRID_NS).checked_sub(self.now.div_ceil(STAMP_GRID_NS));
        let code = match steps {
            Some(steps) if at.is_multiple_of(STAMP_GRID_NS) => steps << 1,
            _ => at.checked_sub(self.now).ok_or(EncodeError::TimesRunBackwards)? << 1 | 1,
        };
        put(&mut self.times, code);
        self.now = at;
        Ok(())
    }

    fn operation(&mut self, code: u8, name: &'a str, numbers: &[u16]) -> Result<(), EncodeError> {
        self.end_run();
        let name = self.name(name)?;
        self.operations.push(code);
        put(&mut self.operations, name);
        for number in numbers {
            put(&mut self.operations, u64::from(*number));
        }
        Ok(())
    }

    fn keys(&mut self, tty: &'a str, bytes: &[u8]) -> Result<(), EncodeError> {
        if key_length(bytes) == bytes.len() {
            let name = self.name(tty)?;
            match &mut self.run {
                Some((running, count)) if *running == name => *count += 1,
                _ => {
                    self.end_run();
                    self.run = Some((name, 1));
                }
            }
        } else {
            self.operation(CHUNK, tty, &[])?;
            put(&mut self.operations, bytes.len() as u64);
        }
        self.text.extend(bytes.iter().copied().map(swap_line_end));
        Ok(())
    }

    fn end_run(&mut self) {
        if let Some((name, count)) = self.run.take() {
            self.operations.push(KEYS);
            put(&mut self.operations, name);
            put(&mut self.operations, count);
        }
    }

    fn name(&mut self, name: &'a str) -> Result<u64, EncodeError> {
        self.named += name.len();
        if name.len() > MAX_NAME || self.named > MAX_NAMES_TOTAL {
            return Err(EncodeError::TooLong);
        }
        let position = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        Ok(position as u64)
    }
}

/// Reads a payload.
pub fn read(build: u32, payload: &[u8]) -> Result<Link, DecodeError> {
    let mut reader = Reader::new(payload);
    let seed = reader.number()?;
    let mut names = Vec::new();
    for _ in 0..reader.number()? {
        let length = reader.number()?;
        let name = std::str::from_utf8(reader.take(length)?).map_err(|_| DecodeError::Corrupt)?;
        if name.len() > MAX_NAME {
            return Err(DecodeError::TooLarge);
        }
        names.push(name);
    }
    let length = reader.number()?;
    let operations = Reader::new(reader.take(length)?);
    let length = reader.number()?;
    let times = Reader::new(reader.take(length)?);
    let state = State { names, operations, times, text: reader, now: 0, named: 0, log: Vec::new() };
    Ok(Link { build, seed, log: state.read()? })
}

struct State<'a> {
    names: Vec<&'a str>,
    operations: Reader<'a>,
    times: Reader<'a>,
    text: Reader<'a>,
    now: u64,
    named: usize,
    log: Vec<Entry>,
}

impl State<'_> {
    fn read(mut self) -> Result<Vec<Entry>, DecodeError> {
        while !self.operations.is_empty() {
            self.operation()?;
        }
        if self.times.is_empty() && self.text.is_empty() { Ok(self.log) } else { Err(DecodeError::Corrupt) }
    }

    fn operation(&mut self) -> Result<(), DecodeError> {
        let code = self.operations.byte()?;
        let position = usize::try_from(self.operations.number()?).map_err(|_| DecodeError::Corrupt)?;
        let name = *self.names.get(position).ok_or(DecodeError::Corrupt)?;
        match code {
            OPEN => {
                let (cols, rows) = (self.operations.short()?, self.operations.short()?);
                self.push(name, |tty| Action::Open { tty, cols, rows })
            }
            CLOSE => self.push(name, |tty| Action::Close { tty }),
            RESIZE => {
                let (cols, rows) = (self.operations.short()?, self.operations.short()?);
                self.push(name, |tty| Action::Resize { tty, cols, rows })
            }
            WRITE => {
                let length = self.operations.number()?;
                let data = self.text.take(length)?.to_vec();
                self.push(name, |path| Action::Write { path, data })
            }
            KEYS => {
                let count = self.operations.number()?;
                (0..count).try_for_each(|_| {
                    let length = key_length(self.text.rest());
                    self.keys(name, length as u64)
                })
            }
            CHUNK => {
                let length = self.operations.number()?;
                self.keys(name, length)
            }
            _ => Err(DecodeError::Corrupt),
        }
    }

    fn keys(&mut self, name: &str, length: u64) -> Result<(), DecodeError> {
        let bytes = self.text.take(length)?.iter().copied().map(swap_line_end).collect();
        self.push(name, |tty| Action::Keys { tty, bytes })
    }

    fn push(&mut self, name: &str, action: impl FnOnce(String) -> Action) -> Result<(), DecodeError> {
        self.named += name.len();
        if self.log.len() as u64 >= MAX_ENTRIES || self.named > MAX_NAMES_TOTAL {
            return Err(DecodeError::TooLarge);
        }
        let code = self.times.number()?;
        let at_ns = if code & 1 == 0 {
            (self.now.div_ceil(STAMP_GRID_NS)).checked_add(code >> 1).and_then(|steps| steps.checked_mul(STAMP_GRID_NS))
        } else {
            self.now.checked_add(code >> 1)
        };
        self.now = at_ns.ok_or(DecodeError::Corrupt)?;
        self.log.push(Entry { at_ns: self.now, action: action(name.to_owned()) });
        Ok(())
    }
}

/// How many bytes one key takes that begins as these do, as terminals send it: a character, an escape sequence, or
/// Escape before a character (Alt). More than there are where the key is not whole, such as Escape alone. Reading and
/// writing must agree on it; it looks at no byte that [`swap_line_end`] changes.
fn key_length(bytes: &[u8]) -> usize {
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    match at(0) {
        0x1b if at(1) == b'[' => bytes.iter().skip(2).take_while(|byte| (0x20..0x40).contains(*byte)).count() + 3,
        0x1b if at(1) == b'O' => 3,
        0x1b | 0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    }
}

fn swap_line_end(byte: u8) -> u8 {
    match byte {
        b'\r' => b'\n',
        b'\n' => b'\r',
        other => other,
    }
}
