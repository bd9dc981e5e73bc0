//! The history list and its file.

use std::rc::Rc;

/// Lines kept where HISTSIZE is not set.
pub const DEFAULT_SIZE: usize = 500;

/// Lines kept at the very most.
const MAX_SIZE: usize = 20_000;

/// The lines, oldest first. Copies share them.
#[derive(Clone, Default)]
pub struct History {
    lines: Rc<Vec<String>>,
    /// The number of the first line.
    base: usize,
    /// Lines from here on are not in the file yet.
    pub unsaved_from: usize,
}

impl History {
    /// How many lines there are.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// The lines.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The number of the line at an index.
    pub fn number(&self, index: usize) -> usize {
        self.base + index + 1
    }

    /// The number that the next line gets.
    pub fn next_number(&self) -> usize {
        self.number(self.len())
    }

    /// The index of the line with a number.
    pub fn index_of(&self, number: usize) -> Option<usize> {
        number.checked_sub(self.base + 1).filter(|index| *index < self.len())
    }

    /// Adds a line, dropping old ones beyond `size`.
    pub fn push(&mut self, line: String, size: usize) {
        let lines = Rc::make_mut(&mut self.lines);
        lines.push(line);
        let over = lines.len().saturating_sub(size.min(MAX_SIZE));
        lines.drain(..over);
        self.base += over;
        self.unsaved_from = self.unsaved_from.saturating_sub(over);
    }

    /// Removes the line at an index.
    pub fn remove(&mut self, index: usize) {
        if index < self.len() {
            Rc::make_mut(&mut self.lines).remove(index);
        }
    }

    /// Removes all lines.
    pub fn clear(&mut self) {
        self.lines = Rc::default();
        self.unsaved_from = 0;
    }

    /// Adds the lines of a history file; lines like `#1700000000` are time stamps.
    pub fn load(&mut self, text: &str, size: usize) {
        for line in text.lines() {
            let stamp =
                line.strip_prefix('#').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()));
            if !stamp {
                self.push(line.to_string(), size);
            }
        }
        self.unsaved_from = self.len();
    }
}

/// The lines of one command as one history entry: `cmdhist` puts semicolons where they mean the same.
pub fn join_lines(text: &str) -> String {
    if !text.contains('\n') {
        return text.to_string();
    }
    let heredoc = text.contains("<<");
    let mut out = String::new();
    for line in text.split('\n') {
        if out.is_empty() {
            out.push_str(line);
            continue;
        }
        let quotes = out.matches('"').count() % 2 == 1 || out.matches('\'').count() % 2 == 1;
        let trimmed = out.trim_end();
        if heredoc || quotes {
            out.push('\n');
        } else if let Some(without) = trimmed.strip_suffix('\\') {
            out = without.to_string();
        } else {
            let last = trimmed.rsplit([' ', ';', '\t', '(']).next().unwrap_or("");
            let opens = matches!(last, "do" | "then" | "else" | "{" | "in" | "")
                || trimmed.ends_with(['|', '&', ';', '(', '{']);
            out.truncate(trimmed.len());
            out.push_str(if opens { " " } else { "; " });
        }
        out.push_str(line.trim_start_matches(if heredoc || quotes { '\0' } else { ' ' }));
    }
    out
}

impl crate::shell::Shell {
    /// Reads the history file.
    pub fn load_history(&mut self) {
        let Some(path) = self.vars.text("HISTFILE").map(str::to_string) else { return };
        if let Ok(bytes) = self.sys.read_file(&path) {
            let size = self.history_size();
            self.interact.history.load(&machine::text::from_bytes(&bytes), size);
        }
    }

    /// Writes the history file when the shell ends.
    pub async fn save_history(&mut self) {
        if !self.settings.is_set("history") || self.interact.history.unsaved_from >= self.interact.history.len() {
            return;
        }
        let Some(path) = self.vars.text("HISTFILE").map(str::to_string) else { return };
        let text: String = self.interact.history.lines().iter().map(|line| format!("{line}\n")).collect();
        // A history that cannot be written is no reason to stay.
        let _ = self.sys.put_file(&path, machine::text::to_bytes(&text).into(), 0o600);
        self.interact.history.unsaved_from = self.interact.history.len();
    }
}
