//! `vi`: the visual editor (`POSIX XCU vi`), with BusyBox's status line from there and vim's elsewhere.

pub mod buffer;
mod ex;
mod insert;
pub mod keys;
mod motion;
mod normal;
pub mod screen;
#[cfg(test)]
pub mod tests;

use std::collections::VecDeque;

use machine::process::Disposition;
use machine::tty::Termios;
use machine::{Errno, ExitCode, Fd, Signal};

use crate::context::Context;
use crate::regex::Regex;
use buffer::{Buffer, Place};
pub use keys::Key;
use screen::Screen;

/// What is on the status line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    #[default]
    Normal,
    Insert,
    Replace,
}

/// The editor.
pub struct Vi {
    buffer: Buffer,
    /// The cursor.
    at: Place,
    /// The column that up and down try to reach.
    wanted: usize,
    mode: Mode,
    path: Option<String>,
    /// What the status line says until the next key.
    message: String,
    /// What was cut or copied; whole lines if the second is true.
    register: (Vec<Vec<char>>, bool),
    search: Option<(String, bool)>,
    found: Option<(char, char)>,
    screen: Screen,
    typed: VecDeque<u8>,
    /// Keys to be taken before those that are typed.
    again: VecDeque<Key>,
    /// Keys of the command that is running.
    taken: Vec<Key>,
    /// Keys of the last command that changed something.
    last_change: Vec<Key>,
    busybox: bool,
    /// The terminal as it was.
    cooked: Option<Termios>,
    /// The status to end with, once it ends.
    ended: Option<u8>,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut operands = cx.args.iter().filter(|a| !a.starts_with('-') && !a.starts_with('+'));
    let path = operands.next().cloned();
    if !cx.sys.isatty(Fd::STDIN) || !cx.sys.isatty(Fd::STDOUT) {
        cx.complain("vi: the terminal is missing: standard input and output must be one\n").await;
        return ExitCode::FAILURE;
    }
    let mut vi = Vi::new(cx.is_busybox());
    if let Some(path) = &path {
        vi.open(cx, path);
    }
    if let Some(line) = cx.args.iter().find_map(|a| a.strip_prefix('+')) {
        let last = vi.buffer.len();
        vi.at.row = line.parse::<usize>().map_or(last, |n| n.clamp(1, last)) - 1;
    }
    let Ok(cooked) = cx.sys.tcgetattr(Fd::STDIN) else { return ExitCode::FAILURE };
    for signal in [Signal::INT, Signal::WINCH] {
        let _ = cx.sys.sigaction(signal, Disposition::Catch);
    }
    set_raw(cx, &cooked);
    vi.cooked = Some(cooked);
    cx.put(b"\x1b[?1049h").await;
    vi.screen.measure(cx);
    vi.edit(cx).await;
    cx.put(format!("\x1b[{};1H\x1b[K\x1b[?1049l", vi.screen.rows).as_bytes()).await;
    cx.flush().await;
    let _ = cx.sys.tcsetattr(Fd::STDIN, &cooked, false);
    ExitCode(vi.ended.unwrap_or(1))
}

fn set_raw(cx: &Context, cooked: &Termios) {
    let mut raw = *cooked;
    (raw.icanon, raw.echo, raw.isig, raw.icrnl, raw.ixon) = (false, false, false, false, false);
    let _ = cx.sys.tcsetattr(Fd::STDIN, &raw, false);
}

impl Vi {
    fn new(busybox: bool) -> Vi {
        Vi {
            buffer: Buffer::new(""),
            at: Place::default(),
            wanted: 0,
            mode: Mode::Normal,
            path: None,
            message: String::new(),
            register: (Vec::new(), true),
            search: None,
            found: None,
            screen: Screen::default(),
            typed: VecDeque::new(),
            again: VecDeque::new(),
            taken: Vec::new(),
            last_change: Vec::new(),
            busybox,
            cooked: None,
            ended: None,
        }
    }

    /// Reads a file; one that is not there is new.
    fn open(&mut self, cx: &Context, path: &str) {
        self.path = Some(path.to_string());
        match cx.sys.read_file(path) {
            Ok(data) => {
                self.buffer = Buffer::new(&machine::text::from_bytes(&data));
                let (lines, bytes) = (self.buffer.line_count(), data.len());
                self.message = if self.busybox {
                    format!("'{path}' {lines}L, {bytes}C")
                } else {
                    format!("\"{path}\" {lines}L, {bytes}B")
                };
            }
            Err(Errno::ENOENT) => {
                self.buffer = Buffer::new("");
                self.message = if self.busybox { format!("'{path}' [New file]") } else { format!("\"{path}\" [New]") };
            }
            Err(error) => self.message = format!("\"{path}\" {error}"),
        }
        self.at = Place::default();
    }

    /// Commands until one ends it.
    async fn edit(&mut self, cx: &mut Context) {
        while self.ended.is_none() {
            self.clamp();
            // While keys wait nobody looks, unless there is something to be told.
            if (self.typed.is_empty() && self.again.is_empty()) || !self.message.is_empty() {
                self.draw(cx).await;
            }
            let version = self.buffer.version();
            self.taken.clear();
            let repeating = !self.again.is_empty();
            let Some(key) = self.key(cx).await else {
                self.ended = Some(1);
                return;
            };
            self.message.clear();
            self.command(cx, key).await;
            if !repeating && self.buffer.version() != version && !matches!(key, Key::Char('u' | ':' | '.')) {
                self.last_change.clone_from(&self.taken);
            }
            cx.sys.tick(20_000).await;
        }
    }

    /// Keeps the cursor on a character.
    fn clamp(&mut self) {
        self.at.row = self.at.row.min(self.buffer.len() - 1);
        let length = self.buffer.line(self.at.row).len();
        let last = if self.mode == Mode::Normal { length.saturating_sub(1) } else { length };
        self.at.col = self.at.col.min(last);
    }

    /// The next key. `None`: the terminal is gone.
    async fn key(&mut self, cx: &mut Context) -> Option<Key> {
        let key = match self.again.pop_front() {
            Some(key) => key,
            None => self.typed_key(cx).await?,
        };
        self.taken.push(key);
        Some(key)
    }

    async fn typed_key(&mut self, cx: &mut Context) -> Option<Key> {
        loop {
            while self.typed.is_empty() {
                match cx.sys.read_vec(Fd::STDIN, 256).await {
                    Ok(bytes) if bytes.is_empty() => return None,
                    Ok(bytes) => self.typed.extend(bytes),
                    Err(Errno::EINTR) => {
                        while cx.sys.take_signal().is_some() {}
                        self.screen.measure(cx);
                        self.draw(cx).await;
                    }
                    Err(_) => return None,
                }
            }
            let first = self.typed.pop_front()?;
            if let Some(key) = keys::decode(first, &mut self.typed) {
                return Some(key);
            }
        }
    }

    /// A compiled pattern, as the search commands and `:s` read it.
    fn pattern(&mut self, text: &str) -> Option<Regex> {
        match Regex::new(text, crate::regex::Syntax::default()) {
            Ok(regex) => Some(regex),
            Err(_) => {
                self.message = format!("E486: Pattern not found: {text}");
                None
            }
        }
    }
}
