//! What nano shows: a title, the text, a message or a question, and two lines of keys.

use machine::Fd;
use unicode_width::UnicodeWidthStr;

use super::{Nano, Prompt};
use crate::context::Context;
use crate::utilities::vi::screen::{column_of, visible};

/// Keys and what they do, by column: upper line, lower line.
const KEYS: [[(&str, &str); 2]; 6] = [
    [("^G", "Help"), ("^X", "Exit")],
    [("^O", "Write Out"), ("^R", "Read File")],
    [("^W", "Where Is"), ("^\\", "Replace")],
    [("^K", "Cut"), ("^U", "Paste")],
    [("^T", "Execute"), ("^J", "Justify")],
    [("^C", "Location"), ("^/", "Go To Line")],
];
/// The rows that are no text: the title, the message, the keys.
const FRAME: usize = 4;

impl Nano {
    /// Asks for the window's size.
    pub(super) fn measure(&mut self, cx: &Context) {
        let (rows, columns) = cx.sys.winsize(Fd::STDOUT).map_or((24, 80), |size| (size.rows, size.columns));
        (self.rows, self.columns) = (usize::from(rows).clamp(6, 500), usize::from(columns).clamp(20, 1000));
        self.shown.clear();
    }

    /// Lines of text that fit.
    pub(super) fn page(&self) -> usize {
        self.rows - FRAME
    }

    /// Draws what changed and sets the cursor.
    pub(super) async fn draw(&mut self, cx: &mut Context) {
        let page = self.page();
        if self.at.row < self.top || self.at.row >= self.top + page {
            self.top = self.at.row.saturating_sub(page / 2);
        }
        let column = column_of(self.buffer.line(self.at.row), self.at.col);
        let left = if column >= self.columns { column + 8 - column % 8 - self.columns / 2 } else { 0 };
        let mut rows = vec![self.title()];
        rows.extend((0..page).map(|at| {
            let own = self.top + at == self.at.row;
            visible(self.buffer.line(self.top + at), if own { left } else { 0 }, self.columns)
        }));
        let asked = self.question();
        rows.push(match &asked {
            Some(question) => bar(&format!("{question}{}", self.answer.iter().collect::<String>()), self.columns),
            None => self.note(),
        });
        rows.extend(self.keys());
        if self.shown.len() != rows.len() {
            cx.put(b"\x1b[H\x1b[2J").await;
            self.shown = vec![String::new(); rows.len()];
        }
        for (at, (new, old)) in rows.iter().zip(&self.shown).enumerate() {
            if new != old {
                let text = format!("\x1b[{};1H{new}\x1b[K", at + 1);
                cx.put(&machine::text::to_bytes(&text)).await;
            }
        }
        self.shown = rows;
        let cursor = match &asked {
            Some(question) => (self.rows - 2, question.width() + self.answer.iter().collect::<String>().width() + 1),
            None => (self.at.row - self.top + 2, column - left + 1),
        };
        cx.put(format!("\x1b[{};{}H", cursor.0, cursor.1.min(self.columns)).as_bytes()).await;
        cx.flush().await;
    }

    fn title(&self) -> String {
        let name = if self.path.is_empty() { "New Buffer" } else { &self.path };
        let state = if self.buffer.is_modified() { "Modified" } else { "" };
        let program = "  GNU nano 7.2";
        let middle = (self.columns.saturating_sub(name.width()) / 2).max(program.len() + 1);
        let gap = self.columns.saturating_sub(middle + name.width() + state.len() + 1);
        let text = format!("{program}{:width$}{name}{:gap$}{state}", "", "", width = middle - program.len());
        bar(&text, self.columns)
    }

    /// The message in the middle, in brackets.
    fn note(&self) -> String {
        if self.message.is_empty() {
            return String::new();
        }
        let text: String = format!("[ {} ]", self.message).chars().take(self.columns).collect();
        format!("{:indent$}\x1b[7m{text}\x1b[0m", "", indent = self.columns.saturating_sub(text.width()) / 2)
    }

    fn question(&self) -> Option<String> {
        Some(match &self.prompt {
            Prompt::None => return None,
            Prompt::Save => "Save modified buffer? ".into(),
            Prompt::Write { .. } => "File Name to Write: ".into(),
            Prompt::Search if self.search.is_empty() => "Search: ".into(),
            Prompt::Search => format!("Search [{}]: ", self.search),
            Prompt::Line => "Enter line number, column number: ".into(),
        })
    }

    fn keys(&self) -> [String; 2] {
        let key = |name: &str, what: &str| format!("\x1b[7m{name}\x1b[0m {what}");
        match self.prompt {
            Prompt::Save => [key(" Y", "Yes"), format!("{}           {}", key(" N", "No"), key("^C", "Cancel"))],
            Prompt::None => {
                let columns = (self.columns / 16).clamp(1, KEYS.len());
                let width = self.columns / columns;
                [0, 1].map(|line| {
                    let cells = KEYS.iter().take(columns).map(|column| {
                        let (name, what) = column[line];
                        let used = name.len() + 1 + what.len();
                        format!("{}{:gap$}", key(name, what), "", gap = width.saturating_sub(used))
                    });
                    cells.collect::<String>().trim_end().to_string()
                })
            }
            _ => [String::new(), key("^C", "Cancel")],
        }
    }
}

/// A line in reverse video, as wide as the window.
fn bar(text: &str, columns: usize) -> String {
    let cut: String = text.chars().take(columns).collect();
    format!("\x1b[7m{cut}{:gap$}\x1b[0m", "", gap = columns.saturating_sub(cut.width()))
}
