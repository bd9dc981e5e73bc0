//! What the terminal shows of the line, and the bytes that change it: readline's way of drawing.

use unicode_width::UnicodeWidthChar;

use super::super::prompt::{INVISIBLE_END, INVISIBLE_START};

/// A character cell (or two) with the marks and invisible text that go with it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Cell {
    text: String,
    width: usize,
}

type Row = Vec<Cell>;

/// The screen as far as the line covers it.
#[derive(Clone, Debug, Default)]
pub struct Display {
    columns: usize,
    rows: Vec<Row>,
    /// Where the terminal's cursor is.
    row: usize,
    column: usize,
}

/// A laid-out line.
struct Layout {
    rows: Vec<Row>,
    row: usize,
    column: usize,
}

/// Tails up to this many columns are written again rather than pushed along.
const SHORT_TAIL: usize = 2;

fn width_of(cells: &[Cell]) -> usize {
    cells.iter().map(|cell| cell.width).sum()
}

/// How a character of the line is shown, and its width.
fn shown(c: char) -> (String, usize) {
    match c {
        c if u32::from(c) < 0x20 => (format!("^{}", char::from(c as u8 | 0x40)), 2),
        '\x7f' => ("^?".into(), 2),
        c if u32::from(c) >= 0x0010_FF00 => {
            let byte = u32::from(c) & 0xFF;
            (format!("\\{byte:03o}"), 4)
        }
        c => (c.to_string(), c.width().unwrap_or(0)),
    }
}

impl Display {
    /// A display that is as wide as the terminal.
    pub fn new(columns: usize) -> Display {
        Display { columns: columns.max(2), ..Display::default() }
    }

    /// The terminal's width.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Forgets what is shown: the cursor is at the beginning of an empty line.
    pub fn reset(&mut self, columns: usize) {
        *self = Display::new(columns);
    }

    fn layout(&self, prompt: &str, line: &[char], cursor: usize) -> Layout {
        let mut layout = Layout { rows: vec![Row::new()], row: 0, column: 0 };
        let mut invisible: Option<String> = None;
        let mut waiting = String::new();
        for c in prompt.chars() {
            match (c, &mut invisible) {
                (INVISIBLE_START, _) => invisible = Some(String::new()),
                (INVISIBLE_END, text) => {
                    let text = text.take().unwrap_or_default();
                    match layout.rows.last_mut().and_then(|row| row.last_mut()) {
                        Some(cell) => cell.text.push_str(&text),
                        None => waiting.push_str(&text),
                    }
                }
                (c, Some(text)) => text.push(c),
                (c, None) => {
                    let width = c.width().unwrap_or(0);
                    let text = std::mem::take(&mut waiting) + c.encode_utf8(&mut [0; 4]);
                    self.push(&mut layout.rows, text, width);
                }
            }
        }
        if !waiting.is_empty() {
            self.push(&mut layout.rows, waiting, 0);
        }
        for (i, &c) in line.iter().enumerate() {
            if c == '\n' {
                if i == cursor {
                    (layout.row, layout.column) = self.end_of(&mut layout.rows);
                }
                layout.rows.push(Row::new());
                continue;
            }
            let (text, width) = shown(c);
            if i == cursor {
                (layout.row, layout.column) = self.place_for(&mut layout.rows, width);
            }
            self.push(&mut layout.rows, text, width);
        }
        if cursor >= line.len() {
            (layout.row, layout.column) = self.end_of(&mut layout.rows);
        }
        layout
    }

    fn push(&self, rows: &mut Vec<Row>, text: String, width: usize) {
        if width == 0
            && let Some(cell) = rows.last_mut().and_then(|row| row.last_mut())
        {
            cell.text.push_str(&text);
            return;
        }
        self.place_for(rows, width);
        if let Some(row) = rows.last_mut() {
            row.push(Cell { text, width });
        }
    }

    /// Where a character of that width goes: on the next row if it does not fit.
    fn place_for(&self, rows: &mut Vec<Row>, width: usize) -> (usize, usize) {
        let column = rows.last().map_or(0, |row| width_of(row));
        if column + width > self.columns {
            rows.push(Row::new());
            return (rows.len() - 1, 0);
        }
        (rows.len() - 1, column)
    }

    /// Where the cursor stands behind everything: on the next row if this one is full.
    fn end_of(&self, rows: &mut Vec<Row>) -> (usize, usize) {
        self.place_for(rows, 1)
    }

    /// The bytes that make the terminal show this prompt and line with this cursor.
    pub fn update(&mut self, prompt: &str, line: &[char], cursor: usize, out: &mut String) {
        let layout = self.layout(prompt, line, cursor);
        let old = std::mem::take(&mut self.rows);
        let empty = Row::new();
        for (i, new) in layout.rows.iter().enumerate() {
            let before = old.get(i).unwrap_or(&empty);
            if before != new {
                self.update_row(i, before, new, out);
            }
        }
        for (i, row) in old.iter().enumerate().skip(layout.rows.len()) {
            if !row.is_empty() {
                self.go(i, 0, out);
                out.push_str("\x1b[K");
            }
        }
        self.rows = layout.rows;
        self.go(layout.row, layout.column, out);
    }

    fn update_row(&mut self, index: usize, old: &[Cell], new: &[Cell], out: &mut String) {
        let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let (old_rest, new_rest) = (old.get(same..).unwrap_or(&[]), new.get(same..).unwrap_or(&[]));
        let mut tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
        let tail_cells = new_rest.get(new_rest.len() - tail..).unwrap_or(&[]);
        if tail_cells.iter().all(|cell| cell.text == " ") {
            tail = 0;
        }
        let tail_width = if tail == 0 { 0 } else { width_of(tail_cells) };
        let old_middle = old_rest.get(..old_rest.len() - tail).unwrap_or(&[]);
        let new_middle = new_rest.get(..new_rest.len() - tail).unwrap_or(&[]);
        let (old_width, new_width) = (width_of(old_middle), width_of(new_middle));
        let wraps = same == 0 && !new_rest.is_empty() && self.column >= self.columns && index == self.row + 1;
        if wraps {
            // The first character written goes to the next row by itself.
            (self.row, self.column) = (index, 0);
        } else {
            self.go(index, width_of(new.get(..same).unwrap_or(&[])), out);
        }
        if new_width > old_width {
            if tail == 0 || tail_width <= SHORT_TAIL {
                self.write(new_rest, out);
            } else {
                out.push_str(&format!("\x1b[{}@", new_width - old_width));
                self.write(new_middle, out);
            }
        } else if tail == 0 {
            self.write(new_middle, out);
            if new_width < old_width {
                out.push_str("\x1b[K");
            }
        } else {
            if new_width < old_width {
                out.push_str(&format!("\x1b[{}P", old_width - new_width));
            }
            self.write(new_middle, out);
        }
    }

    fn write(&mut self, cells: &[Cell], out: &mut String) {
        for cell in cells {
            out.push_str(&cell.text);
            self.column += cell.width;
        }
    }

    /// Moves the cursor, as readline chooses between backspaces and a carriage return.
    fn go(&mut self, row: usize, column: usize, out: &mut String) {
        if self.column >= self.columns {
            if row == self.row + 1 && column == 0 {
                // The next character wraps by itself; a blank makes it do so now.
                out.push_str(" \r");
                (self.row, self.column) = (row, 0);
                return;
            }
            out.push('\r');
            self.column = 0;
        }
        while self.row > row {
            out.push_str("\x1b[A");
            self.row -= 1;
        }
        if self.row < row {
            out.push_str(&"\n".repeat(row - self.row));
            self.row = row;
            self.column = 0;
        }
        if column == self.column {
            return;
        }
        if column == 0 || (column + 1 < self.column.saturating_sub(column)) {
            out.push('\r');
            self.column = 0;
        }
        if column > self.column {
            out.push_str(&"\x1b[C".repeat(column - self.column));
        } else {
            out.push_str(&"\x08".repeat(self.column - column));
        }
        self.column = column;
    }

    /// Moves behind the line, to the beginning of the next row: the line is done with.
    pub fn leave(&mut self, out: &mut String) {
        let last = self.rows.len().saturating_sub(1);
        if self.row != last {
            let column = self.column;
            self.go(last, column.min(self.columns - 1), out);
        }
        out.push('\n');
    }

    /// Clears the screen and draws the line again at its top.
    pub fn clear(&mut self, prompt: &str, line: &[char], cursor: usize, out: &mut String) {
        out.push_str("\x1b[H\x1b[2J");
        self.reset(self.columns);
        self.update(prompt, line, cursor, out);
    }

    /// The window changed: draws the line again where it stands.
    pub fn resize(&mut self, columns: usize, prompt: &str, line: &[char], cursor: usize, out: &mut String) {
        // The terminal may have wrapped the old rows anew: count them at the new width.
        let rows =
            self.rows.iter().take(self.row).map(|row| width_of(row).max(1).div_ceil(columns.max(1))).sum::<usize>();
        out.push_str(&"\x1b[A".repeat(rows + self.column / columns.max(1)));
        out.push_str("\r\x1b[J");
        self.reset(columns);
        self.update(prompt, line, cursor, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    /// The bytes for going from one line to another.
    fn change(columns: usize, from: (&str, usize), to: (&str, usize)) -> String {
        let mut display = Display::new(columns);
        display.update("$ ", &chars(from.0), from.1, &mut String::new());
        let mut out = String::new();
        display.update("$ ", &chars(to.0), to.1, &mut out);
        out
    }

    #[test]
    fn readlines_bytes() {
        assert_eq!(change(80, ("ab", 2), ("abc", 3)), "c");
        assert_eq!(change(80, ("abc", 3), ("ab", 2)), "\x08\x1b[K");
        assert_eq!(change(80, ("hello", 0), ("Xhello", 1)), "\x1b[1@X");
        assert_eq!(change(80, ("hello", 1), ("hllo", 1)), "\x1b[1P");
        assert_eq!(change(80, ("world", 3), ("worYld", 4)), "Yld\x08\x08");
        assert_eq!(change(80, ("echo two", 8), ("echo one", 8)), "\x08\x08\x08one");
        assert_eq!(change(80, ("한글", 2), ("한", 1)), "\x08\x08\x1b[K");
        assert_eq!(change(80, ("abcdefgh", 8), ("", 0)), "\r\x1b[C\x1b[C\x1b[K");
    }

    #[test]
    fn lines_wrap_at_the_margin() {
        // 2 columns of prompt and 8 of text fill the row: the cursor goes to the next one.
        assert_eq!(change(10, ("1234567", 7), ("12345678", 8)), "8 \r");
        assert_eq!(change(10, ("12345678", 8), ("123456789", 9)), "9");
        assert_eq!(change(10, ("123456789", 9), ("123456789", 0)), "\x1b[A\x1b[C");
        // A wide character that does not fit begins the next row.
        assert_eq!(change(9, ("123456", 6), ("123456한", 7)), "\n한");
    }

    #[test]
    fn invisible_parts_of_a_prompt_have_no_width() {
        let mut display = Display::new(80);
        let mut out = String::new();
        display.update("\x01\x1b[1m\x02ab\x01\x1b[0m\x02$ ", &chars("x"), 1, &mut out);
        assert_eq!(out, "\x1b[1mab\x1b[0m$ x");
        assert_eq!(display.column, 5);
    }
}
