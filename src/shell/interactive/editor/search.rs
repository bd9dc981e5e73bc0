//! Incremental search through the history: Ctrl-R and Ctrl-S.

use super::{Editor, Key};

/// A search going on.
#[derive(Clone, Debug)]
pub struct Search {
    text: Vec<char>,
    backward: bool,
    failed: bool,
    /// Where it began, to go back to.
    from: usize,
    line: Vec<char>,
    cursor: usize,
}

/// What a key did to the search.
pub enum Outcome {
    /// It belongs to the search.
    Stay,
    /// The search is over; the key is to be handled as usual.
    Leave,
}

impl Search {
    pub fn start(at: usize, line: Vec<char>, cursor: usize, backward: bool) -> Search {
        Search { text: Vec::new(), backward, failed: false, from: at, line, cursor }
    }

    /// readline's prompt for it.
    pub fn prompt(&self) -> String {
        let failed = if self.failed { "failed " } else { "" };
        let way = if self.backward { "reverse-" } else { "" };
        let text: String = self.text.iter().collect();
        format!("({failed}{way}i-search)`{text}': ")
    }
}

impl Editor<'_> {
    /// Handles a key while a search is on.
    pub(super) fn search_key(&mut self, key: &Key) -> Outcome {
        let Some(mut search) = self.search.take() else { return Outcome::Leave };
        match key {
            Key::Char(c) => {
                search.text.push(*c);
                let from = (self.at, Some(self.cursor));
                self.find(&mut search, from);
            }
            Key::Ctrl(c @ ('r' | 's')) => {
                search.backward = *c == 'r';
                if !search.text.is_empty() {
                    let from = if search.backward {
                        match self.cursor.checked_sub(1) {
                            Some(cursor) => (self.at, Some(cursor)),
                            None => (self.at.wrapping_sub(1), None),
                        }
                    } else {
                        (self.at + 1, None)
                    };
                    self.find(&mut search, from);
                }
            }
            Key::Ctrl('?' | 'h') => {
                search.text.pop();
                search.failed = false;
                self.show_history(search.from);
                self.line = search.line.clone();
                self.cursor = search.cursor;
                if !search.text.is_empty() {
                    let from = (self.at, None);
                    self.find(&mut search, from);
                }
            }
            Key::Ctrl('g') => {
                self.show_history(search.from);
                self.line = search.line;
                self.cursor = search.cursor;
                return Outcome::Stay;
            }
            _ => {
                self.redraw();
                return Outcome::Leave;
            }
        }
        self.search = Some(search);
        Outcome::Stay
    }

    /// Looks for the text from a line (and a place in it) on; shows what it finds.
    fn find(&mut self, search: &mut Search, from: (usize, Option<usize>)) {
        let count = self.history.len();
        let mut at = from.0;
        let mut limit = from.1;
        loop {
            let line: Option<Vec<char>> = match at {
                at if at < count => self.history.get(at).map(|line| line.chars().collect()),
                at if at == count => Some(self.edits.get(&at).cloned().unwrap_or_else(|| search.line.clone())),
                _ => None,
            };
            let Some(line) = line else { break };
            if let Some(position) = position(&line, &search.text, search.backward, limit) {
                self.at = at;
                self.line = line;
                self.cursor = position;
                self.undo.clear();
                search.failed = false;
                return;
            }
            limit = None;
            at = if search.backward { at.wrapping_sub(1) } else { at + 1 };
        }
        search.failed = true;
        self.ring();
    }
}

/// Where the text stands in the line: the last place at or before `limit` when going backward.
fn position(line: &[char], text: &[char], backward: bool, limit: Option<usize>) -> Option<usize> {
    let last = line.len().checked_sub(text.len())?;
    let fits = |at: &usize| line.get(*at..*at + text.len()) == Some(text);
    if backward {
        (0..=last.min(limit.unwrap_or(last))).rev().find(fits)
    } else {
        (limit.unwrap_or(0).min(last + 1)..=last).find(fits)
    }
}
