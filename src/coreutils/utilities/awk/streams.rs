//! Files and commands that a program reads and writes, by name, each open until `close` or the end.

use std::collections::BTreeMap;

use machine::fs::OpenFlags;
use machine::sys::Spawn;
use machine::{Errno, Fd, Pid, SysResult, WaitStatus};

use super::code::Redirect;
use crate::children;
use crate::context::Context;
use crate::regex::Regex;

/// How the input is cut into records.
pub enum RecordEnd {
    /// A character.
    Byte(u8),
    /// Empty lines.
    Paragraph,
    /// A regular expression.
    Pattern(std::rc::Rc<Regex>),
}

/// Bytes of one record at most.
const LONGEST: usize = 16 << 20;

/// Something that is read record by record.
pub struct Reader {
    fd: Fd,
    child: Option<Pid>,
    buffer: Vec<u8>,
    from: usize,
    ended: bool,
}

impl Reader {
    /// Reads an open descriptor.
    pub fn new(fd: Fd) -> Reader {
        Reader { fd, child: None, buffer: Vec::new(), from: 0, ended: false }
    }

    /// The next record.
    pub async fn next(&mut self, cx: &mut Context, end: &RecordEnd) -> SysResult<Option<String>> {
        loop {
            if let Some((length, separator)) = self.complete(end) {
                let from = self.from;
                let record = self.buffer.get(from..from + length).map(machine::text::from_bytes);
                self.from += length + separator;
                return Ok(record);
            }
            if self.ended {
                return Ok(None);
            }
            cx.flush().await;
            let chunk = cx.sys.read_vec(self.fd, 64 << 10).await?;
            self.ended = chunk.is_empty();
            self.buffer.drain(..std::mem::take(&mut self.from));
            if self.buffer.len() + chunk.len() > LONGEST {
                return Err(Errno::EFBIG);
            }
            self.buffer.extend_from_slice(&chunk);
        }
    }

    /// The length of a record that is wholly there, and of the separator behind it.
    fn complete(&mut self, end: &RecordEnd) -> Option<(usize, usize)> {
        if matches!(end, RecordEnd::Paragraph) {
            while self.buffer.get(self.from) == Some(&b'\n') {
                self.from += 1;
            }
        }
        let rest = self.buffer.get(self.from..).filter(|r| !r.is_empty())?;
        let found = match end {
            RecordEnd::Byte(byte) => rest.iter().position(|b| b == byte).map(|at| (at, 1)),
            RecordEnd::Paragraph => rest
                .windows(2)
                .position(|w| w == b"\n\n")
                .map(|at| (at, rest[at..].iter().take_while(|b| **b == b'\n').count())),
            RecordEnd::Pattern(regex) => {
                let text = String::from_utf8_lossy(rest);
                let found = regex.find_at(&text, 0).and_then(|c| c.first().copied().flatten());
                found.filter(|(from, to)| to > from && (*to < rest.len() || self.ended)).map(|(a, b)| (a, b - a))
            }
        };
        let whole = || {
            let newline = usize::from(!matches!(end, RecordEnd::Byte(_)) && rest.ends_with(b"\n"));
            (rest.len() - newline, newline)
        };
        // White space behind a paragraph may go on in what is not read yet.
        let settled = found.filter(|(at, n)| self.ended || !matches!(end, RecordEnd::Paragraph) || at + n < rest.len());
        settled.or_else(|| self.ended.then(whole))
    }
}

/// Somewhere to write.
struct Writer {
    fd: Fd,
    child: Option<Pid>,
    buffer: Vec<u8>,
}

/// All that is open.
#[derive(Default)]
pub struct Streams {
    writers: BTreeMap<String, Writer>,
    readers: BTreeMap<(bool, String), Reader>,
}

impl Streams {
    /// Writes to a file or a command; standard output has its own way.
    pub async fn write(&mut self, cx: &mut Context, to: Redirect, name: &str, bytes: &[u8]) -> SysResult<()> {
        match name {
            "/dev/stdout" | "-" if to != Redirect::Pipe => {
                cx.put(bytes).await;
                return Ok(());
            }
            "/dev/stderr" if to != Redirect::Pipe => {
                cx.flush().await;
                return cx.sys.write_all(Fd::STDERR, bytes).await;
            }
            _ => {}
        }
        if !self.writers.contains_key(name) {
            let (fd, child) = match to {
                Redirect::File => (cx.sys.open(name, OpenFlags::CREATE.cloexec(), 0o666).await?, None),
                Redirect::Append => (cx.sys.open(name, OpenFlags::APPEND.cloexec(), 0o666).await?, None),
                Redirect::Pipe => {
                    cx.flush().await;
                    let (read, write) = cx.sys.pipe(true)?;
                    let child = shell(cx, name, read, Fd::STDOUT);
                    cx.sys.close(read)?;
                    (write, Some(child?))
                }
            };
            self.writers.insert(name.to_string(), Writer { fd, child, buffer: Vec::new() });
        }
        let Some(writer) = self.writers.get_mut(name) else { return Ok(()) };
        writer.buffer.extend_from_slice(bytes);
        if writer.buffer.len() >= 8192 {
            let full = std::mem::take(&mut writer.buffer);
            cx.sys.write_all(writer.fd, &full).await?;
        }
        Ok(())
    }

    /// What a file or a command is read through.
    pub async fn reader(&mut self, cx: &mut Context, command: bool, name: &str) -> SysResult<&mut Reader> {
        let key = (command, name.to_string());
        if !self.readers.contains_key(&key) {
            let reader = if command {
                self.flush(cx).await;
                let (read, write) = cx.sys.pipe(true)?;
                let child = shell(cx, name, Fd::STDIN, write);
                cx.sys.close(write)?;
                Reader { child: Some(child?), ..Reader::new(read) }
            } else {
                let name = if name == "/dev/stdin" { "-" } else { name };
                Reader::new(cx.open(name).await?)
            };
            self.readers.insert(key.clone(), reader);
        }
        self.readers.get_mut(&key).ok_or(Errno::EBADF)
    }

    /// Passes on all that is buffered.
    pub async fn flush(&mut self, cx: &mut Context) {
        cx.flush().await;
        for writer in self.writers.values_mut() {
            let full = std::mem::take(&mut writer.buffer);
            let _ = cx.sys.write_all(writer.fd, &full).await;
        }
    }

    /// Closes what goes by a name and waits for its command; -1 if nothing does.
    pub async fn close(&mut self, cx: &mut Context, name: &str) -> f64 {
        let mut result = -1.0;
        if let Some(writer) = self.writers.remove(name) {
            cx.flush().await;
            let _ = cx.sys.write_all(writer.fd, &writer.buffer).await;
            result = finish(cx, writer.fd, writer.child).await;
        }
        for command in [false, true] {
            if let Some(reader) = self.readers.remove(&(command, name.to_string())) {
                result = finish(cx, reader.fd, reader.child).await;
            }
        }
        result
    }

    /// Closes everything.
    pub async fn close_all(&mut self, cx: &mut Context) {
        let names: Vec<String> = self.writers.keys().cloned().collect();
        for name in names {
            self.close(cx, &name).await;
        }
        for (_, reader) in std::mem::take(&mut self.readers) {
            finish(cx, reader.fd, reader.child).await;
        }
    }
}

async fn finish(cx: &mut Context, fd: Fd, child: Option<Pid>) -> f64 {
    cx.close(fd);
    match child {
        Some(pid) => status_number(children::wait(cx, pid).await),
        None => 0.0,
    }
}

/// An exit status, or 256 and the signal.
pub fn status_number(status: WaitStatus) -> f64 {
    match status {
        WaitStatus::Exited(code) => f64::from(code),
        other => 128.0 + f64::from(other.code()),
    }
}

/// Starts a command with the shell.
fn shell(cx: &Context, command: &str, stdin: Fd, stdout: Fd) -> SysResult<Pid> {
    cx.sys.spawn(Spawn {
        path: "/bin/sh".into(),
        args: vec!["sh".into(), "-c".into(), command.into()],
        fds: vec![(Fd::STDIN, stdin), (Fd::STDOUT, stdout), (Fd::STDERR, Fd::STDERR)],
        ..Spawn::default()
    })
}
