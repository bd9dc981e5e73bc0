//! The line editor: readline's emacs mode as a state machine. Keys go in, bytes and decisions come out.

mod display;
pub mod keys;
mod search;

use std::collections::BTreeMap;

use display::Display;
pub use keys::{Decoder, Key};
use search::Search;

/// Changes that can be undone.
const MAX_UNDO: usize = 200;

/// Characters that a line may have.
const MAX_LINE: usize = 1 << 20;

/// What a key decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Nothing: go on.
    None,
    /// The line is finished.
    Accept,
    /// End of input on an empty line.
    End,
    /// Ctrl-C.
    Interrupt,
    /// Tab; true where the key before it was Tab too and changed nothing.
    Complete(bool),
}

/// One line being edited.
pub struct Editor<'h> {
    prompt: String,
    line: Vec<char>,
    cursor: usize,
    display: Display,
    history: &'h [String],
    /// Which history line is shown; the length of the history for the new line.
    at: usize,
    /// Lines that were changed and left, by history index.
    edits: BTreeMap<usize, Vec<char>>,
    undo: Vec<(Vec<char>, usize)>,
    killed: String,
    last: Last,
    search: Option<Search>,
    quoting: bool,
    /// How far back `Alt-.` went, and how much it inserted.
    argument: (usize, usize),
    /// Bytes for the terminal.
    pub out: String,
}

/// What the last key did, for keys that go together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Last {
    Other,
    Insert,
    Kill,
    Tab,
    Argument,
}

impl<'h> Editor<'h> {
    /// An empty line with a prompt, drawn. `killed` is what Ctrl-Y inserts.
    pub fn new(prompt: &str, columns: usize, history: &'h [String], killed: String) -> Editor<'h> {
        let (above, prompt) = match prompt.rfind('\n') {
            Some(newline) => prompt.split_at(newline + 1),
            None => ("", prompt),
        };
        let mut editor = Editor {
            prompt: prompt.to_string(),
            line: Vec::new(),
            cursor: 0,
            display: Display::new(columns),
            history,
            at: history.len(),
            edits: BTreeMap::new(),
            undo: Vec::new(),
            killed,
            last: Last::Other,
            search: None,
            quoting: false,
            argument: (0, 0),
            out: above.chars().filter(|c| !matches!(c, '\x01' | '\x02')).collect(),
        };
        editor.redraw();
        editor
    }

    /// The line's text.
    pub fn text(&self) -> String {
        self.line.iter().collect()
    }

    /// The text before the cursor.
    pub fn before_cursor(&self) -> String {
        self.line.iter().take(self.cursor).collect()
    }

    /// What Ctrl-Y would insert.
    pub fn killed(&self) -> &str {
        &self.killed
    }

    /// Brings the terminal up to date.
    pub fn redraw(&mut self) {
        match &self.search {
            Some(search) => {
                let prompt = search.prompt();
                let (line, cursor) = (self.line.clone(), self.cursor);
                self.display.update(&prompt, &line, cursor, &mut self.out);
            }
            None => self.display.update(&self.prompt, &self.line, self.cursor, &mut self.out),
        }
    }

    /// The window has another width.
    pub fn resize(&mut self, columns: usize) {
        if columns != self.display.columns() {
            self.display.resize(columns, &self.prompt, &self.line, self.cursor, &mut self.out);
        }
    }

    /// The bell.
    pub fn ring(&mut self) {
        self.out.push('\x07');
    }

    /// Moves to a fresh row below the line.
    pub fn leave(&mut self) {
        self.display.leave(&mut self.out);
    }

    /// Draws prompt and line anew on a fresh row, after something else was printed.
    pub fn draw_again(&mut self) {
        let columns = self.display.columns();
        self.display.reset(columns);
        self.redraw();
    }

    /// Replaces the text from `start` (in characters) to the cursor.
    pub fn replace_word(&mut self, start: usize, text: &str) {
        self.remember();
        let start = start.min(self.cursor);
        let new: Vec<char> = text.chars().collect();
        let end = start + new.len();
        self.line.splice(start..self.cursor, new);
        self.cursor = end;
        self.last = Last::Other;
    }

    /// Handles a key.
    pub fn key(&mut self, key: Key) -> Action {
        if self.quoting {
            self.quoting = false;
            let c = match key {
                Key::Ctrl('?') => Some('\x7f'),
                Key::Ctrl(c) => Some(char::from(c.to_ascii_uppercase() as u8 & 0x1f)),
                Key::Char(c) => Some(c),
                _ => None,
            };
            if let Some(c) = c {
                self.insert(&[c]);
            }
            return Action::None;
        }
        if self.search.is_some() {
            match self.search_key(&key) {
                search::Outcome::Stay => return Action::None,
                search::Outcome::Leave => {}
            }
        }
        self.edit(key)
    }

    fn edit(&mut self, key: Key) -> Action {
        let previous = std::mem::replace(&mut self.last, Last::Other);
        match key {
            Key::Char(c) => self.type_char(c, previous),
            Key::Paste(text) => self.insert(&text.chars().collect::<Vec<_>>()),
            Key::Ctrl('m' | 'j') => return Action::Accept,
            Key::Ctrl('c') => return Action::Interrupt,
            Key::Ctrl('d') if self.line.is_empty() => return Action::End,
            Key::Ctrl('d') | Key::Delete => self.delete(),
            Key::Ctrl('i') => {
                self.last = Last::Tab;
                return Action::Complete(previous == Last::Tab);
            }
            Key::Ctrl('?' | 'h') => self.backspace(),
            Key::Ctrl('a') | Key::Home => self.cursor = 0,
            Key::Ctrl('e') | Key::End => self.cursor = self.line.len(),
            Key::Ctrl('b') | Key::Left => self.left(),
            Key::Ctrl('f') | Key::Right => self.right(),
            Key::Meta('b') | Key::WordLeft => self.cursor = self.word_left(self.cursor),
            Key::Meta('f') | Key::WordRight => self.cursor = self.word_right(self.cursor),
            Key::Ctrl('p') | Key::Up => self.history_to(self.at.checked_sub(1)),
            Key::Ctrl('n') | Key::Down => self.history_to(Some(self.at + 1)),
            Key::Meta('<') => self.history_to(Some(0)),
            Key::Meta('>') => self.history_to(Some(self.history.len())),
            Key::Ctrl('r') => self.search = Some(Search::start(self.at, self.line.clone(), self.cursor, true)),
            Key::Ctrl('s') => self.search = Some(Search::start(self.at, self.line.clone(), self.cursor, false)),
            Key::Ctrl('l') => {
                let (line, cursor) = (self.line.clone(), self.cursor);
                self.display.clear(&self.prompt, &line, cursor, &mut self.out);
            }
            Key::Ctrl('k') => self.kill(self.cursor, self.line.len(), false, previous),
            Key::Ctrl('u') => self.kill(0, self.cursor, true, previous),
            Key::Ctrl('w') => {
                let start = self.blank_word_left();
                self.kill(start, self.cursor, true, previous);
            }
            Key::MetaBackspace => {
                let start = self.word_left(self.cursor);
                self.kill(start, self.cursor, true, previous);
            }
            Key::Meta('d') => {
                let end = self.word_right(self.cursor);
                self.kill(self.cursor, end, false, previous);
            }
            Key::Ctrl('y') => {
                let text: Vec<char> = self.killed.chars().collect();
                self.insert(&text);
            }
            Key::Ctrl('t') => self.transpose(),
            Key::Ctrl('_') => self.take_back(),
            Key::Ctrl('v' | 'q') => self.quoting = true,
            Key::Meta('u' | 'l' | 'c') => self.change_case(&key),
            Key::Meta('.' | '_') => self.last_argument(previous),
            Key::Meta('#') => {
                self.cursor = 0;
                self.insert(&['#']);
                return Action::Accept;
            }
            Key::Meta(_) | Key::Ctrl('g') => self.ring(),
            Key::Ctrl(_) | Key::Unknown => {}
        }
        Action::None
    }

    fn remember(&mut self) {
        self.undo.push((self.line.clone(), self.cursor));
        if self.undo.len() > MAX_UNDO {
            self.undo.remove(0);
        }
    }

    fn type_char(&mut self, c: char, previous: Last) {
        if previous != Last::Insert {
            self.remember();
        }
        if self.line.len() < MAX_LINE {
            self.line.insert(self.cursor, c);
            self.cursor += 1;
        }
        self.last = Last::Insert;
    }

    fn insert(&mut self, text: &[char]) {
        self.remember();
        let room = MAX_LINE.saturating_sub(self.line.len());
        let text = text.get(..text.len().min(room)).unwrap_or(&[]);
        self.line.splice(self.cursor..self.cursor, text.iter().copied());
        self.cursor += text.len();
    }

    fn is_mark(&self, at: usize) -> bool {
        use unicode_width::UnicodeWidthChar;
        self.line.get(at).is_some_and(|c| !c.is_control() && c.width() == Some(0))
    }

    fn left(&mut self) {
        if self.cursor == 0 {
            return self.ring();
        }
        self.cursor -= 1;
        while self.cursor > 0 && self.is_mark(self.cursor) {
            self.cursor -= 1;
        }
    }

    fn right(&mut self) {
        if self.cursor >= self.line.len() {
            return self.ring();
        }
        self.cursor += 1;
        while self.is_mark(self.cursor) {
            self.cursor += 1;
        }
    }

    fn backspace(&mut self) {
        if self.cursor == 0 {
            return self.ring();
        }
        self.remember();
        let end = self.cursor;
        self.left();
        self.line.drain(self.cursor..end);
    }

    fn delete(&mut self) {
        if self.cursor >= self.line.len() {
            return self.ring();
        }
        self.remember();
        let start = self.cursor;
        self.right();
        self.line.drain(start..self.cursor);
        self.cursor = start;
    }

    fn is_word(&self, at: usize) -> bool {
        self.line.get(at).is_some_and(|c| c.is_alphanumeric())
    }

    fn word_left(&self, mut at: usize) -> usize {
        while at > 0 && !self.is_word(at - 1) {
            at -= 1;
        }
        while at > 0 && self.is_word(at - 1) {
            at -= 1;
        }
        at
    }

    fn word_right(&self, mut at: usize) -> usize {
        while at < self.line.len() && !self.is_word(at) {
            at += 1;
        }
        while self.is_word(at) {
            at += 1;
        }
        at
    }

    fn blank_word_left(&self) -> usize {
        let blank = |at: usize| self.line.get(at).is_some_and(|c| c.is_whitespace());
        let mut at = self.cursor;
        while at > 0 && blank(at - 1) {
            at -= 1;
        }
        while at > 0 && !blank(at - 1) {
            at -= 1;
        }
        at
    }

    fn kill(&mut self, start: usize, end: usize, backward: bool, previous: Last) {
        self.last = Last::Kill;
        if start >= end {
            if backward {
                self.ring();
            }
            return;
        }
        self.remember();
        let text: String = self.line.drain(start..end).collect();
        self.killed = match (previous == Last::Kill, backward) {
            (false, _) => text,
            (true, true) => text + &self.killed,
            (true, false) => std::mem::take(&mut self.killed) + &text,
        };
        self.cursor = start;
    }

    fn transpose(&mut self) {
        if self.cursor == 0 || self.line.len() < 2 {
            return self.ring();
        }
        self.remember();
        if self.cursor == self.line.len() {
            self.cursor -= 1;
        }
        self.line.swap(self.cursor - 1, self.cursor);
        self.cursor += 1;
    }

    fn take_back(&mut self) {
        match self.undo.pop() {
            Some((line, cursor)) => (self.line, self.cursor) = (line, cursor),
            None => self.ring(),
        }
    }

    fn change_case(&mut self, key: &Key) {
        let end = self.word_right(self.cursor);
        if end > self.cursor {
            self.remember();
        }
        let mut first = true;
        for at in self.cursor..end {
            let Some(c) = self.line.get_mut(at) else { break };
            if !c.is_alphanumeric() {
                continue;
            }
            let upper = match key {
                Key::Meta('u') => true,
                Key::Meta('l') => false,
                _ => std::mem::take(&mut first),
            };
            let changed = if upper { c.to_uppercase().next() } else { c.to_lowercase().next() };
            *c = changed.unwrap_or(*c);
        }
        self.cursor = end;
    }

    /// The last word of the line before, further back each time.
    fn last_argument(&mut self, previous: Last) {
        let (back, length) = if previous == Last::Argument { self.argument } else { (0, 0) };
        let line = self.history.len().checked_sub(back + 1).and_then(|at| self.history.get(at));
        let Some(word) = line.and_then(|line| line.split_whitespace().last()) else {
            self.argument = (back, length);
            self.last = Last::Argument;
            return self.ring();
        };
        let word: Vec<char> = word.chars().collect();
        let start = self.cursor.saturating_sub(length);
        self.remember();
        self.line.splice(start..self.cursor, word.iter().copied());
        self.cursor = start + word.len();
        self.argument = (back + 1, word.len());
        self.last = Last::Argument;
    }

    /// Shows another line of the history; what was changed in this one is kept.
    fn history_to(&mut self, at: Option<usize>) {
        let Some(at) = at.filter(|at| *at <= self.history.len()) else { return self.ring() };
        if at == self.at {
            return;
        }
        self.keep_edit();
        self.show_history(at);
    }

    fn keep_edit(&mut self) {
        let original = self.history.get(self.at).map(String::as_str).unwrap_or("");
        if self.text() != original {
            self.edits.insert(self.at, self.line.clone());
        }
    }

    fn show_history(&mut self, at: usize) {
        self.at = at;
        self.line = match self.edits.get(&at) {
            Some(edited) => edited.clone(),
            None => self.history.get(at).map(|line| line.chars().collect()).unwrap_or_default(),
        };
        self.cursor = self.line.len();
        self.undo.clear();
    }
}

#[cfg(test)]
mod tests;
