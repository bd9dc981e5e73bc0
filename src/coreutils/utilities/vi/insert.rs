//! Typing text.

use super::buffer::Place;
use super::{Key, Mode, Vi};
use crate::context::Context;

/// What one insertion is repeated at most.
const MOST: usize = 1000;

impl Vi {
    /// Goes to where a command inserts and takes what is typed.
    pub async fn begin_insert(&mut self, cx: &mut Context, key: Key, times: usize) {
        self.buffer.checkpoint(self.at);
        let (at, length) = (self.at, self.buffer.line(self.at.row).len());
        let mut mode = Mode::Insert;
        match key {
            Key::Char('a') => self.at.col = (at.col + 1).min(length),
            Key::Char('A') => self.at.col = length,
            Key::Char('I') => {
                self.at.col = self.buffer.line(at.row).iter().position(|c| !c.is_whitespace()).unwrap_or(length);
            }
            Key::Char('o' | 'O') => {
                let row = at.row + usize::from(key == Key::Char('o'));
                self.buffer.insert_lines(row, vec![Vec::new()]);
                self.at = Place { row, col: 0 };
            }
            Key::Char('R') => mode = Mode::Replace,
            Key::Char('s') => {
                let end = Place { col: (at.col + times).min(length), ..at };
                self.register = (self.buffer.remove(at, end), false);
                return self.insert_mode(cx, mode, 1).await;
            }
            Key::Char('S') => {
                self.register = (vec![self.buffer.line(at.row).to_vec()], true);
                self.buffer.set_line(at.row, Vec::new());
                self.at.col = 0;
                return self.insert_mode(cx, mode, 1).await;
            }
            Key::Char('C') => {
                let end = Place { col: length, ..at };
                self.register = (self.buffer.remove(at, end), false);
            }
            _ => {}
        }
        self.insert_mode(cx, mode, times).await;
    }

    /// Takes keys until Escape; what was typed is put in `times` times.
    pub async fn insert_mode(&mut self, cx: &mut Context, mode: Mode, times: usize) {
        let start = self.at;
        self.mode = mode;
        let mut plain = true;
        loop {
            self.clamp();
            if self.typed.is_empty() && self.again.is_empty() {
                self.draw(cx).await;
            }
            let Some(key) = self.key(cx).await else { break };
            match key {
                Key::Escape | Key::Control('C') => break,
                Key::Char(c) => self.type_char(c),
                Key::Enter => {
                    self.buffer.split(self.at);
                    self.at = Place { row: self.at.row + 1, col: 0 };
                }
                Key::Backspace | Key::Control('H') => self.backspace(),
                Key::Control('U') => {
                    let begin = Place { col: 0, ..self.at };
                    self.buffer.remove(begin, self.at);
                    self.at = begin;
                }
                Key::Control('W') => {
                    let line = self.buffer.line(self.at.row);
                    let mut col = self.at.col.min(line.len());
                    while col > 0 && line[col - 1].is_whitespace() {
                        col -= 1;
                    }
                    while col > 0 && !line[col - 1].is_whitespace() {
                        col -= 1;
                    }
                    let begin = Place { col, ..self.at };
                    self.buffer.remove(begin, self.at);
                    self.at = begin;
                }
                Key::Delete => {
                    let end = Place { col: (self.at.col + 1).min(self.buffer.line(self.at.row).len()), ..self.at };
                    self.buffer.remove(self.at, end);
                }
                Key::Up | Key::Down | Key::Left | Key::Right | Key::Home | Key::End => {
                    plain = false;
                    self.wander(key);
                }
                _ => {}
            }
            cx.sys.tick(5_000).await;
        }
        self.mode = Mode::Normal;
        if plain && times > 1 && self.at > start {
            let pieces = self.buffer.copy(start, self.at);
            for _ in 1..times.min(MOST) {
                self.buffer.insert_pieces(self.at, &pieces);
                self.at.col += pieces.last().map_or(0, Vec::len);
                self.at.row += pieces.len() - 1;
            }
        }
        self.at.col = self.at.col.saturating_sub(1);
        self.wanted = self.at.col;
    }

    fn type_char(&mut self, c: char) {
        if self.mode == Mode::Replace && self.at.col < self.buffer.line(self.at.row).len() {
            let end = Place { col: self.at.col + 1, ..self.at };
            self.buffer.remove(self.at, end);
        }
        self.buffer.insert(self.at, c);
        self.at.col += 1;
    }

    fn backspace(&mut self) {
        if self.at.col > 0 {
            let from = Place { col: self.at.col - 1, ..self.at };
            self.buffer.remove(from, self.at);
            self.at = from;
        } else if self.at.row > 0 {
            let row = self.at.row - 1;
            let end = Place { row, col: self.buffer.line(row).len() };
            self.buffer.remove(end, self.at);
            self.at = end;
        }
    }

    fn wander(&mut self, key: Key) {
        let length = self.buffer.line(self.at.row).len();
        match key {
            Key::Up => self.at.row = self.at.row.saturating_sub(1),
            Key::Down => self.at.row = (self.at.row + 1).min(self.buffer.len() - 1),
            Key::Left => self.at.col = self.at.col.saturating_sub(1),
            Key::Right => self.at.col = (self.at.col + 1).min(length),
            Key::Home => self.at.col = 0,
            _ => self.at.col = length,
        }
    }
}
