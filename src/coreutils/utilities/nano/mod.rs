//! `nano` 7.2: the editor that says on its last lines what its keys do.

mod screen;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use machine::process::Disposition;
use machine::tty::Termios;
use machine::{Errno, ExitCode, Fd, Signal};

use super::vi::Key;
use super::vi::buffer::{Buffer, Place};
use super::vi::keys;
use crate::context::Context;

/// What the last lines are for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Prompt {
    /// Nothing is asked.
    None,
    /// The name to write to; whether that ends the editor.
    Write { leaves: bool },
    /// What to search.
    Search,
    /// The line to go to.
    Line,
    /// Whether to save before it ends.
    Save,
}

/// The editor.
struct Nano {
    buffer: Buffer,
    at: Place,
    /// The column that up and down try to reach.
    wanted: usize,
    path: String,
    /// What stands above the help until the next key.
    message: String,
    prompt: Prompt,
    /// What is typed at the prompt.
    answer: Vec<char>,
    cut: Vec<Vec<char>>,
    /// The last key cut too: what is cut joins it.
    cutting: bool,
    search: String,
    rows: usize,
    columns: usize,
    top: usize,
    shown: Vec<String>,
    typed: VecDeque<u8>,
    ended: bool,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    if cx.args.iter().any(|arg| arg == "--version" || arg == "-V") {
        cx.line(" GNU nano, version 7.2").await;
        return cx.status();
    }
    if !cx.sys.isatty(Fd::STDIN) || !cx.sys.isatty(Fd::STDOUT) {
        let what = if cx.sys.isatty(Fd::STDIN) { "Standard output" } else { "Standard input" };
        cx.complain(&format!("{what} is not a terminal\n")).await;
        return ExitCode::FAILURE;
    }
    let line =
        cx.args.iter().find_map(|arg| arg.strip_prefix('+')).and_then(|text| text.split(',').next()?.parse().ok());
    let path = cx.args.iter().find(|arg| !arg.starts_with(['-', '+'])).cloned().unwrap_or_default();
    let mut nano = Nano::new();
    nano.open(cx, &path);
    nano.at.row = line.map_or(0, |line: usize| line.saturating_sub(1).min(nano.buffer.len() - 1));
    let Ok(cooked) = cx.sys.tcgetattr(Fd::STDIN) else { return ExitCode::FAILURE };
    for signal in [Signal::INT, Signal::WINCH] {
        // Neither can be refused.
        let _ = cx.sys.sigaction(signal, Disposition::Catch);
    }
    set_raw(cx, &cooked);
    cx.put(b"\x1b[?1049h\x1b[?2004h").await;
    nano.measure(cx);
    nano.edit(cx).await;
    cx.put(format!("\x1b[{};1H\x1b[K\x1b[?2004l\x1b[?1049l", nano.rows).as_bytes()).await;
    cx.flush().await;
    let _ = cx.sys.tcsetattr(Fd::STDIN, &cooked, false);
    cx.status()
}

fn set_raw(cx: &Context, cooked: &Termios) {
    let mut raw = *cooked;
    (raw.icanon, raw.echo, raw.isig, raw.icrnl, raw.ixon) = (false, false, false, false, false);
    let _ = cx.sys.tcsetattr(Fd::STDIN, &raw, false);
}

impl Nano {
    fn new() -> Nano {
        Nano {
            buffer: Buffer::new(""),
            at: Place::default(),
            wanted: 0,
            path: String::new(),
            message: String::new(),
            prompt: Prompt::None,
            answer: Vec::new(),
            cut: Vec::new(),
            cutting: false,
            search: String::new(),
            rows: 24,
            columns: 80,
            top: 0,
            shown: Vec::new(),
            typed: VecDeque::new(),
            ended: false,
        }
    }

    fn open(&mut self, cx: &Context, path: &str) {
        self.path = path.to_string();
        if path.is_empty() {
            return;
        }
        match cx.sys.read_file(path) {
            Ok(data) => {
                self.buffer = Buffer::new(&machine::text::from_bytes(&data));
                let lines = self.buffer.line_count();
                self.message = format!("Read {lines} line{}", if lines == 1 { "" } else { "s" });
            }
            Err(Errno::ENOENT) => self.message = "New File".into(),
            Err(Errno::EISDIR) => {
                self.message = format!("\"{path}\" is a directory");
                self.path.clear();
            }
            Err(error) => self.message = format!("Error reading {path}: {error}"),
        }
    }

    async fn edit(&mut self, cx: &mut Context) {
        while !self.ended {
            // While keys wait nobody looks, unless something is asked.
            if self.typed.is_empty() || self.prompt != Prompt::None {
                self.draw(cx).await;
            }
            let Some(key) = self.key(cx).await else { return };
            self.message.clear();
            match self.prompt {
                Prompt::None => self.command(cx, key),
                Prompt::Save => self.save_or_not(key),
                _ => self.answer(cx, key),
            }
            self.clamp();
            cx.sys.tick(20_000).await;
        }
    }

    /// The next key. `None`: the terminal is gone.
    async fn key(&mut self, cx: &mut Context) -> Option<Key> {
        loop {
            while self.typed.is_empty() {
                match cx.sys.read_vec(Fd::STDIN, 1024).await {
                    Ok(bytes) if bytes.is_empty() => return None,
                    Ok(bytes) => self.typed.extend(bytes),
                    Err(Errno::EINTR) => {
                        while cx.sys.take_signal().is_some() {}
                        self.measure(cx);
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

    fn clamp(&mut self) {
        self.at.row = self.at.row.min(self.buffer.len() - 1);
        self.at.col = self.at.col.min(self.buffer.line(self.at.row).len());
    }

    fn command(&mut self, cx: &Context, key: Key) {
        let cutting = std::mem::take(&mut self.cutting);
        let vertical =
            matches!(key, Key::Up | Key::Down | Key::PageUp | Key::PageDown | Key::Control('P' | 'N' | 'Y' | 'V'));
        match key {
            Key::Char(c) => {
                self.buffer.insert(self.at, c);
                self.at.col += 1;
            }
            Key::Enter => {
                self.buffer.split(self.at);
                self.at = Place { row: self.at.row + 1, col: 0 };
            }
            Key::Backspace => self.backspace(),
            Key::Delete | Key::Control('D') => {
                let place = self.at;
                self.right();
                if self.at != place {
                    self.backspace();
                }
            }
            Key::Left | Key::Control('B') => self.left(),
            Key::Right | Key::Control('F') => self.right(),
            Key::Up | Key::Control('P') => self.at.row = self.at.row.saturating_sub(1),
            Key::Down | Key::Control('N') => self.at.row += 1,
            Key::Home | Key::Control('A') => self.at.col = 0,
            Key::End | Key::Control('E') => self.at.col = usize::MAX,
            Key::PageUp | Key::Control('Y') => self.at.row = self.at.row.saturating_sub(self.page()),
            Key::PageDown | Key::Control('V') => self.at.row += self.page(),
            Key::Control('K') => {
                if !cutting {
                    self.cut.clear();
                }
                self.cut.push(self.buffer.line(self.at.row).to_vec());
                self.buffer.remove_lines(self.at.row, self.at.row + 1);
                (self.at.col, self.cutting) = (0, true);
            }
            Key::Control('U') => {
                self.buffer.insert_lines(self.at.row, self.cut.clone());
                self.at = Place { row: self.at.row + self.cut.len(), col: 0 };
            }
            Key::Control('O') => self.ask(Prompt::Write { leaves: false }),
            Key::Control('S') => self.write(cx),
            Key::Control('W') => self.ask(Prompt::Search),
            Key::Control('_') => self.ask(Prompt::Line),
            Key::Control('X') if self.buffer.is_modified() => self.ask(Prompt::Save),
            Key::Control('X') => self.ended = true,
            Key::Control('L') => self.shown.clear(),
            Key::Control('C') => self.tell_place(),
            Key::Control('G' | 'R' | '\\' | 'T' | 'J') => {
                self.message = "drydock: this key of nano is not emulated here".into();
            }
            Key::Control(c) => self.message = format!("Unbound key: ^{c}"),
            Key::Escape | Key::Insert => {}
        }
        self.clamp();
        if vertical {
            self.at.col = self.wanted.min(self.buffer.line(self.at.row).len());
        } else {
            self.wanted = self.at.col;
        }
    }

    fn tell_place(&mut self) {
        let (row, rows) = (self.at.row + 1, self.buffer.len());
        let (col, cols) = (self.at.col + 1, self.buffer.line(self.at.row).len() + 1);
        self.message =
            format!("line {row}/{rows} ({}%), col {col}/{cols} ({}%)", row * 100 / rows, col * 100 / cols.max(1));
    }

    fn left(&mut self) {
        if self.at.col > 0 {
            self.at.col -= 1;
        } else if self.at.row > 0 {
            self.at.row -= 1;
            self.at.col = self.buffer.line(self.at.row).len();
        }
    }

    fn right(&mut self) {
        if self.at.col < self.buffer.line(self.at.row).len() {
            self.at.col += 1;
        } else if self.at.row + 1 < self.buffer.len() {
            self.at = Place { row: self.at.row + 1, col: 0 };
        }
    }

    fn backspace(&mut self) {
        if self.at == Place::default() {
            return;
        }
        let end = self.at;
        self.left();
        self.buffer.remove(self.at, end);
    }

    fn ask(&mut self, prompt: Prompt) {
        self.answer = match prompt {
            Prompt::Write { .. } => self.path.chars().collect(),
            _ => Vec::new(),
        };
        self.prompt = prompt;
    }

    fn cancel(&mut self) {
        self.prompt = Prompt::None;
        self.message = "Cancelled".into();
    }

    fn save_or_not(&mut self, key: Key) {
        match key {
            Key::Char('y' | 'Y') => self.ask(Prompt::Write { leaves: true }),
            Key::Char('n' | 'N') => self.ended = true,
            Key::Control('C') => self.cancel(),
            _ => {}
        }
    }

    fn answer(&mut self, cx: &Context, key: Key) {
        match key {
            Key::Char(c) => self.answer.push(c),
            Key::Backspace => drop(self.answer.pop()),
            Key::Control('C') => self.cancel(),
            Key::Enter => {
                let answer: String = self.answer.iter().collect();
                let prompt = std::mem::replace(&mut self.prompt, Prompt::None);
                self.answered(cx, &prompt, &answer);
            }
            _ => {}
        }
    }

    fn answered(&mut self, cx: &Context, prompt: &Prompt, answer: &str) {
        match prompt {
            Prompt::Write { .. } if answer.is_empty() => self.message = "Cancelled".into(),
            Prompt::Write { leaves } => {
                self.path = answer.to_string();
                self.write(cx);
                self.ended = *leaves && !self.buffer.is_modified();
            }
            Prompt::Search => {
                if !answer.is_empty() {
                    self.search = answer.to_string();
                }
                self.find();
            }
            Prompt::Line => match answer.split(',').next().and_then(|text| text.trim().parse::<usize>().ok()) {
                Some(line) => self.at = Place { row: line.saturating_sub(1), col: 0 },
                None => self.message = "Invalid line or column number".into(),
            },
            Prompt::None | Prompt::Save => {}
        }
    }

    fn write(&mut self, cx: &Context) {
        if self.path.is_empty() {
            return self.ask(Prompt::Write { leaves: false });
        }
        let (text, lines) = (self.buffer.text(), self.buffer.line_count());
        match cx.sys.put_file(&self.path, machine::text::to_bytes(&text).into(), 0o666) {
            Ok(()) => {
                self.buffer.set_saved();
                self.message = format!("Wrote {lines} line{}", if lines == 1 { "" } else { "s" });
            }
            Err(error) => self.message = format!("Error writing {}: {error}", self.path),
        }
    }

    /// The next place of what was searched, behind the cursor and then from the top; letters of either case.
    fn find(&mut self) {
        let wanted: Vec<char> = self.search.to_lowercase().chars().collect();
        if wanted.is_empty() {
            return;
        }
        let rows = self.buffer.len();
        for step in 0..=rows {
            let row = (self.at.row + step) % rows;
            let line: Vec<char> = self.buffer.line(row).iter().flat_map(|c| c.to_lowercase().next()).collect();
            let from = if step == 0 { self.at.col + 1 } else { 0 };
            let found = (from..line.len()).find(|col| line[*col..].starts_with(&wanted));
            if let Some(col) = found {
                if (row, col) <= (self.at.row, self.at.col) {
                    self.message = "Search Wrapped".into();
                }
                self.at = Place { row, col };
                return;
            }
        }
        self.message = format!("\"{}\" not found", self.search);
    }
}
