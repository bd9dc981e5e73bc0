//! What the terminal shows. Only rows that changed are sent.

use machine::Fd;
use unicode_width::UnicodeWidthChar;

use super::{Mode, Vi};
use crate::context::Context;

/// Columns between tab stops.
const TAB: usize = 8;

/// The terminal.
#[derive(Default)]
pub struct Screen {
    /// Its rows.
    pub rows: usize,
    columns: usize,
    /// The first line that is shown.
    pub top: usize,
    left: usize,
    numbers: bool,
    shown: Vec<String>,
}

impl Screen {
    /// Asks for the window's size.
    pub fn measure(&mut self, cx: &Context) {
        let (rows, columns) = cx.sys.winsize(Fd::STDOUT).map_or((24, 80), |size| (size.rows, size.columns));
        (self.rows, self.columns) = (usize::from(rows).clamp(2, 500), usize::from(columns).clamp(20, 1000));
        self.forget();
    }

    /// Lines of text that fit.
    pub fn page(&self) -> usize {
        self.rows.saturating_sub(1).max(1)
    }

    /// Whether line numbers stand in front.
    pub fn set_numbers(&mut self, on: bool) {
        self.numbers = on;
    }

    /// Draws all of it the next time.
    pub fn forget(&mut self) {
        self.shown.clear();
    }
}

fn width(c: char, column: usize) -> usize {
    match c {
        '\t' => TAB - column % TAB,
        c if c.is_control() => 2,
        c => c.width().unwrap_or(1),
    }
}

/// The columns in front of a character.
pub fn column_of(line: &[char], col: usize) -> usize {
    line.iter().take(col).fold(0, |column, c| column + width(*c, column))
}

/// A line from a column on, as wide as there is room.
pub fn visible(line: &[char], left: usize, room: usize) -> String {
    let (mut text, mut column) = (String::new(), 0);
    for c in line {
        let wide = width(*c, column);
        let (from, to) = (column, column + wide);
        column = to;
        if to <= left {
            continue;
        }
        if to > left + room {
            break;
        }
        match *c {
            '\t' => text.extend(std::iter::repeat_n(' ', to - from.max(left))),
            c if c.is_control() => text.extend(['^', char::from((c as u32 as u8 & 0x7f) ^ 0x40)]),
            c => text.push(c),
        }
    }
    text
}

impl Vi {
    fn follow(&mut self) {
        let page = self.screen.page();
        let row = self.at.row;
        if row < self.screen.top {
            self.screen.top = row;
        } else if row >= self.screen.top + page {
            let far = row >= self.screen.top + 2 * page;
            self.screen.top = row + 1 - if far { page / 2 + 1 } else { page };
        }
        let column = column_of(self.buffer.line(row), self.at.col);
        let room = self.screen.columns - self.margin();
        if column < self.screen.left {
            self.screen.left = column - column % TAB;
        } else if column >= self.screen.left + room {
            self.screen.left = column + 1 - room;
        }
    }

    fn margin(&self) -> usize {
        if self.screen.numbers { 4 } else { 0 }
    }

    fn status(&self) -> String {
        let (row, rows) = (self.at.row + 1, self.buffer.len());
        let name = self.path.as_deref().unwrap_or("No file");
        if self.busybox {
            if !self.message.is_empty() {
                return self.message.clone();
            }
            let mode = match self.mode {
                Mode::Normal => '-',
                Mode::Insert => 'I',
                Mode::Replace => 'R',
            };
            let modified = if self.buffer.is_modified() { " [Modified]" } else { "" };
            return format!("{mode} {name}{modified} {row}/{rows} {}%", row * 100 / rows);
        }
        let text = match self.mode {
            Mode::Normal => &self.message,
            Mode::Insert => "-- INSERT --",
            Mode::Replace => "-- REPLACE --",
        };
        let page = self.screen.page();
        let part = match (self.screen.top, self.screen.top + page >= rows) {
            (0, true) => "All".to_string(),
            (0, false) => "Top".to_string(),
            (_, true) => "Bot".to_string(),
            (top, false) => format!("{}%", top * 100 / (rows - page).max(1)),
        };
        let ruler = format!(
            "{row},{}",
            if self.buffer.line(self.at.row).is_empty() { "0-1".into() } else { (self.at.col + 1).to_string() }
        );
        let text: String = text.chars().take(self.screen.columns).collect();
        let room = self.screen.columns.saturating_sub(18);
        if text.chars().count() >= room || text.starts_with([':', '/', '?']) {
            return text;
        }
        format!("{text}{:gap$}{ruler:<14}{part}", "", gap = room - text.chars().count())
    }

    /// Draws what changed and sets the cursor.
    pub async fn draw(&mut self, cx: &mut Context) {
        self.follow();
        let room = self.screen.columns - self.margin();
        let mut rows: Vec<String> = (0..self.screen.page())
            .map(|at| {
                let row = self.screen.top + at;
                if row >= self.buffer.len() {
                    return "~".to_string();
                }
                let number = if self.screen.numbers { format!("{:>3} ", row + 1) } else { String::new() };
                number + &visible(self.buffer.line(row), self.screen.left, room)
            })
            .collect();
        rows.push(self.status());
        self.send(cx, rows).await;
        let column = column_of(self.buffer.line(self.at.row), self.at.col) - self.screen.left + self.margin();
        cx.put(format!("\x1b[{};{}H", self.at.row - self.screen.top + 1, column + 1).as_bytes()).await;
        cx.flush().await;
    }

    /// Draws the last row only, with the cursor behind its text.
    pub async fn draw_line(&mut self, cx: &mut Context) {
        let text: String = self.message.chars().take(self.screen.columns - 1).collect();
        cx.put(format!("\x1b[{};1H{text}\x1b[K", self.screen.rows).as_bytes()).await;
        cx.flush().await;
        if let Some(last) = self.screen.shown.last_mut() {
            *last = text;
        }
    }

    async fn send(&mut self, cx: &mut Context, rows: Vec<String>) {
        if self.screen.shown.len() != rows.len() {
            cx.put(b"\x1b[H\x1b[2J").await;
            self.screen.shown = vec![String::new(); rows.len()];
        }
        for (at, (new, old)) in rows.iter().zip(&self.screen.shown).enumerate() {
            if new != old {
                let text = format!("\x1b[{};1H{new}\x1b[K", at + 1);
                cx.put(&machine::text::to_bytes(&text)).await;
            }
        }
        self.screen.shown = rows;
    }
}
