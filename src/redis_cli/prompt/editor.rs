//! The line editor: keys in, bytes for the terminal out. What it writes is what linenoise writes in redis-cli.
//!
//! One thing differs on purpose: linenoise edits bytes, so that a Hangul syllable takes three erasures and
//! puts the cursor one column wide of its place. Here a character is one unit and as wide as it is shown.
//! For ASCII the bytes are the same.

use unicode_width::UnicodeWidthChar;

use super::history::{History, Search};
use crate::help::Help;

/// The longest line that can be typed, in bytes.
const MAX_LINE: usize = 4095;

/// What a key did.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The line goes on.
    Editing,
    /// Enter: this is the line.
    Line(Vec<u8>),
    /// Ctrl-C, or Ctrl-D on an empty line.
    Quit,
}

#[derive(Debug)]
enum State {
    Ready,
    /// bytes of an escape sequence
    Escape(Vec<u8>),
    /// the first bytes of a character and how many it has
    Character(Vec<u8>, usize),
    /// Tab goes through these
    Completing(Vec<Vec<u8>>, usize),
}

/// A line being edited.
#[derive(Debug)]
pub struct Editor<'a> {
    prompt: Vec<u8>,
    columns: usize,
    history: &'a mut History,
    help: Option<&'a Help>,
    line: Vec<u8>,
    at: usize,
    /// columns before the cursor at the last refresh
    old_column: usize,
    most_rows: usize,
    back: usize,
    state: State,
    search: Option<Search>,
    skip_hint: bool,
    /// show stars (a password)
    pub mask: bool,
    /// what to write to the terminal
    pub out: Vec<u8>,
    /// how often to ring the bell, before writing
    pub beeps: usize,
}

/// Columns that bytes take on the screen.
fn width(bytes: &[u8]) -> usize {
    bytes
        .utf8_chunks()
        .map(|c| c.valid().chars().map(|c| c.width().unwrap_or(1)).sum::<usize>() + c.invalid().len())
        .sum()
}

impl<'a> Editor<'a> {
    /// Starts a line. `help` gives completions; hints are shown as long as `hints` is set.
    pub fn new(prompt: &[u8], columns: usize, history: &'a mut History, help: Option<&'a Help>) -> Self {
        history.add(b"", false);
        Self {
            prompt: prompt.to_vec(),
            columns: columns.max(1),
            history,
            help,
            line: Vec::new(),
            at: 0,
            old_column: 0,
            most_rows: 0,
            back: 0,
            state: State::Ready,
            search: None,
            skip_hint: false,
            mask: false,
            out: prompt.to_vec(),
            beeps: 0,
        }
    }

    /// Takes one byte from the keyboard.
    pub fn key(&mut self, byte: u8, hints: bool) -> Outcome {
        match std::mem::replace(&mut self.state, State::Ready) {
            State::Ready => self.plain(byte, hints),
            State::Escape(mut bytes) => {
                bytes.push(byte);
                self.escape(bytes, hints);
                Outcome::Editing
            }
            State::Character(mut bytes, length) => {
                bytes.push(byte);
                if bytes.len() < length {
                    self.state = State::Character(bytes, length);
                } else {
                    self.insert(&bytes, hints);
                }
                Outcome::Editing
            }
            State::Completing(found, index) => self.completing(found, index, byte, hints),
        }
    }

    /// The line as it stands, when the keyboard is gone.
    pub fn abandon(self) -> Vec<u8> {
        self.line
    }

    fn plain(&mut self, byte: u8, hints: bool) -> Outcome {
        match byte {
            b'\t' if self.search.is_none() => {
                let found = self.help.map(|h| h.completions(&self.line)).unwrap_or_default();
                if found.is_empty() {
                    self.beeps += 1;
                } else {
                    self.show_completion(&found, 0, hints);
                    self.state = State::Completing(found, 0);
                }
            }
            b'\t' => self.leave_search(false, hints),
            b'\n' => {}
            b'\r' => return self.enter(hints),
            3 if self.search.is_some() => self.leave_search(true, hints),
            3 => return Outcome::Quit,
            4 if self.line.is_empty() => {
                self.history.drop_last();
                return Outcome::Quit;
            }
            27 => self.state = State::Escape(Vec::new()),
            18 | 19 => self.search(byte == 18, hints),
            7 if self.search.is_some() => self.leave_search(true, hints),
            7 => {}
            1..=31 | 127 => self.control(byte, hints),
            0xC2..=0xF4 => {
                let length = if byte < 0xE0 {
                    2
                } else if byte < 0xF0 {
                    3
                } else {
                    4
                };
                self.state = State::Character(vec![byte], length);
            }
            _ => self.insert(&[byte], hints),
        }
        Outcome::Editing
    }

    fn control(&mut self, byte: u8, hints: bool) {
        match byte {
            1 => self.move_to(0, hints),
            2 => self.move_to(self.before(), hints),
            4 => self.delete(hints),
            5 => self.move_to(self.line.len(), hints),
            6 => self.move_to(self.behind(), hints),
            8 | 127 => self.backspace(hints),
            11 => {
                self.line.truncate(self.at);
                self.refresh(hints);
            }
            12 => {
                self.out.extend(b"\x1b[H\x1b[2J");
                self.refresh(hints);
            }
            14 => self.browse(false, hints),
            16 => self.browse(true, hints),
            20 => self.transpose(hints),
            21 => {
                self.line.clear();
                self.at = 0;
                self.refresh(hints);
            }
            23 => self.delete_word(hints),
            _ => self.insert(&[byte], hints),
        }
    }

    fn escape(&mut self, bytes: Vec<u8>, hints: bool) {
        match bytes.as_slice() {
            [_] => self.state = State::Escape(bytes),
            _ if self.search.is_some() => self.leave_search(true, hints),
            [b'[', b'0'..=b'9'] => self.state = State::Escape(bytes),
            [b'[', b'3', b'~'] => self.delete(hints),
            [b'[', b'A'] => self.browse(true, hints),
            [b'[', b'B'] => self.browse(false, hints),
            [b'[', b'C'] => self.move_to(self.behind(), hints),
            [b'[', b'D'] => self.move_to(self.before(), hints),
            [b'[' | b'O', b'H'] => self.move_to(0, hints),
            [b'[' | b'O', b'F'] => self.move_to(self.line.len(), hints),
            _ => {}
        }
    }

    fn enter(&mut self, hints: bool) -> Outcome {
        self.history.drop_last();
        if !self.mask {
            self.move_to(self.line.len(), hints);
            self.refresh(false);
        }
        if self.search.is_some() {
            self.leave_search(false, hints);
        }
        Outcome::Line(std::mem::take(&mut self.line))
    }

    fn completing(&mut self, found: Vec<Vec<u8>>, mut index: usize, byte: u8, hints: bool) -> Outcome {
        match byte {
            b'\t' => {
                // One step beyond the last is what was typed.
                index = (index + 1) % (found.len() + 1);
                if index == found.len() {
                    self.beeps += 1;
                }
                self.show_completion(&found, index, hints);
                self.state = State::Completing(found, index);
                return Outcome::Editing;
            }
            27 => {
                if index < found.len() {
                    self.refresh(hints);
                }
            }
            _ => {
                if let Some(line) = found.get(index) {
                    self.line = line.get(..MAX_LINE).unwrap_or(line).to_vec();
                    self.at = self.line.len();
                }
            }
        }
        self.plain(byte, hints)
    }

    fn show_completion(&mut self, found: &[Vec<u8>], index: usize, hints: bool) {
        let Some(line) = found.get(index) else { return self.refresh(hints) };
        let (typed, at) = (std::mem::replace(&mut self.line, line.clone()), self.at);
        self.at = self.line.len();
        self.refresh(hints);
        (self.line, self.at) = (typed, at);
    }

    fn insert(&mut self, bytes: &[u8], hints: bool) {
        if self.line.len() + bytes.len() <= MAX_LINE {
            self.line.splice(self.at..self.at, bytes.iter().copied());
            self.at += bytes.len();
            if self.mask && self.at == self.line.len() {
                self.out.extend(b"*".repeat(width(bytes)));
            } else {
                self.refresh(hints);
            }
        }
    }

    /// Where the character before the cursor starts.
    fn before(&self) -> usize {
        let typed = self.line.get(..self.at).unwrap_or_default();
        typed.iter().rposition(|b| !(0x80..0xC0).contains(b)).unwrap_or(0)
    }

    /// Where the character at the cursor ends.
    fn behind(&self) -> usize {
        let rest = self.line.get(self.at + 1..).unwrap_or_default();
        let more = rest.iter().take_while(|b| (0x80..0xC0).contains(*b)).count();
        (self.at + 1 + more).min(self.line.len())
    }

    fn move_to(&mut self, at: usize, hints: bool) {
        if at != self.at {
            self.at = at;
            self.refresh(hints);
        }
    }

    fn delete(&mut self, hints: bool) {
        if self.at < self.line.len() {
            self.line.drain(self.at..self.behind());
            self.refresh(hints);
        }
    }

    fn backspace(&mut self, hints: bool) {
        if self.at > 0 {
            let start = self.before();
            self.line.drain(start..self.at);
            self.at = start;
            self.refresh(hints);
        }
    }

    fn delete_word(&mut self, hints: bool) {
        let typed = self.line.get(..self.at).unwrap_or_default();
        let end = typed.iter().rposition(|&b| b != b' ').map_or(0, |i| i + 1);
        let start = typed.get(..end).unwrap_or_default().iter().rposition(|&b| b == b' ').map_or(0, |i| i + 1);
        self.line.drain(start..self.at);
        self.at = start;
        self.refresh(hints);
    }

    fn transpose(&mut self, hints: bool) {
        if self.at == 0 || self.at >= self.line.len() {
            return;
        }
        let (start, end) = (self.before(), self.behind());
        if let Some(both) = self.line.get_mut(start..end) {
            both.rotate_left(self.at - start);
        }
        self.at = if end == self.line.len() { start + (end - self.at) } else { end };
        self.refresh(hints);
    }

    /// The next older or newer line.
    fn browse(&mut self, older: bool, hints: bool) {
        if self.history.len() <= 1 {
            return;
        }
        self.history.set(self.back, &self.line);
        let back = if older { self.back + 1 } else { self.back.wrapping_sub(1) };
        let Some(line) = self.history.get(back.min(MAX_LINE)).filter(|_| back < self.history.len()) else { return };
        self.line = line.get(..MAX_LINE).unwrap_or(line).to_vec();
        self.back = back;
        self.at = self.line.len();
        self.refresh(hints);
    }

    fn search(&mut self, backwards: bool, hints: bool) {
        if let Some(search) = &mut self.search {
            search.backwards = backwards;
            search.cycle = true;
        } else {
            self.line.clear();
            self.at = 0;
            self.search = Some(Search::new(backwards));
        }
        self.refresh(hints);
    }

    fn leave_search(&mut self, discard: bool, hints: bool) {
        let found = self.search.take().and_then(|s| s.found().cloned());
        if discard {
            self.line.clear();
        } else {
            self.skip_hint = true;
            if let Some(found) = found {
                self.line = found.line;
            }
        }
        self.at = self.line.len();
        self.refresh(hints);
    }

    /// Draws prompt and line anew, over as many rows as they take.
    fn refresh(&mut self, hints: bool) {
        if let Some(search) = &mut self.search {
            search.refresh(self.history, &self.line);
        }
        if self.mask {
            return self.refresh_masked();
        }
        let columns = self.columns;
        let prompt = match &self.search {
            Some(search) => search.prompt().to_vec(),
            None => self.prompt.clone(),
        };
        let prompt_width = width(&prompt);
        let length = width(&self.line);
        let column = width(self.line.get(..self.at).unwrap_or_default());
        let mut rows = (prompt_width + length).div_ceil(columns);
        let row = (prompt_width + self.old_column + columns) / columns;
        let old_rows = self.most_rows;
        self.most_rows = self.most_rows.max(rows);
        // To the last row used before, then upwards, clearing each.
        if old_rows > row {
            self.sequence(old_rows - row, 'B');
        }
        for _ in 1..old_rows {
            self.out.extend(b"\r\x1b[0K\x1b[1A");
        }
        self.out.extend(b"\r\x1b[0K");
        self.out.extend_from_slice(&prompt);
        let found = self.search.as_ref().and_then(|s| s.found().cloned());
        let mut shift = 0;
        if let Some(found) = &found {
            let (before, rest) = found.line.split_at(found.offset.min(found.line.len()));
            let (hit, after) = rest.split_at(found.length.min(rest.len()));
            self.out.extend([b"\x1b[0m", before, b"\x1b[1m", hit, b"\x1b[0m", after].concat());
            shift = width(before);
        } else {
            self.out.extend_from_slice(&self.line);
        }
        self.hint(prompt_width + length, hints);
        // At the very end of a row the terminal waits with the wrap: make it now.
        if self.at > 0 && self.at == self.line.len() && (column + prompt_width).is_multiple_of(columns) {
            self.out.extend(b"\n\r");
            rows += 1;
            self.most_rows = self.most_rows.max(rows);
        }
        let new_row = (prompt_width + column + columns) / columns;
        if rows > new_row {
            self.sequence(rows - new_row, 'A');
        }
        self.out.push(b'\r');
        let target = (prompt_width + column) % columns + shift;
        if target > 0 {
            self.sequence(target, 'C');
        }
        self.old_column = column;
    }

    /// A password is edited in one row.
    fn refresh_masked(&mut self) {
        self.out.push(b'\r');
        self.out.extend_from_slice(&self.prompt);
        self.out.extend(b"*".repeat(width(&self.line)));
        self.out.extend(b"\x1b[0K\r");
        let column = width(&self.prompt) + width(self.line.get(..self.at).unwrap_or_default());
        self.sequence(column, 'C');
    }

    fn sequence(&mut self, count: usize, end: char) {
        self.out.extend(format!("\x1b[{count}{end}").bytes());
    }

    fn hint(&mut self, used: usize, hints: bool) {
        if self.search.is_some() || std::mem::take(&mut self.skip_hint) || !hints || used >= self.columns {
            return;
        }
        let Some(hint) = self.help.and_then(|h| h.hint(&self.line)) else { return };
        let shown = hint.get(..self.columns - used).unwrap_or(&hint);
        self.out.extend(format!("\x1b[0;90;49m{shown}\x1b[0m").bytes());
    }
}

#[cfg(test)]
mod tests;
