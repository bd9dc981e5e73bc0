//! Commands of the normal mode.

use super::buffer::Place;
use super::motion::Motion;
use super::{Key, Mode, Vi};
use crate::context::Context;

/// Repetitions of a command at most.
const MOST: usize = 10_000;

impl Vi {
    /// Runs the command that a key begins.
    pub async fn command(&mut self, cx: &mut Context, first: Key) {
        let (mut key, mut count) = (first, None::<usize>);
        while let Key::Char(digit @ '0'..='9') = key
            && (digit != '0' || count.is_some())
        {
            let value = digit as usize - '0' as usize;
            count = Some((count.unwrap_or(0) * 10 + value).min(MOST));
            let Some(next) = self.key(cx).await else { return };
            key = next;
        }
        match key {
            Key::Char(operator @ ('d' | 'c' | 'y' | '<' | '>')) => self.operate(cx, operator, count).await,
            Key::Char('i' | 'a' | 'I' | 'A' | 'o' | 'O' | 'R' | 's' | 'S' | 'C') | Key::Insert => {
                self.begin_insert(cx, key, count.unwrap_or(1)).await;
            }
            Key::Char('x' | 'X' | 'D' | 'r' | '~' | 'J' | 'p' | 'P' | 'Y') | Key::Delete => {
                self.change(cx, key, count.unwrap_or(1)).await;
            }
            Key::Char('.') => {
                if let Some(count) = count {
                    self.again.extend(count.to_string().chars().map(Key::Char));
                }
                let keys = self.last_change.clone();
                self.again.extend(keys);
            }
            Key::Char(':') => self.command_line(cx).await,
            Key::Char('Z') => match self.key(cx).await {
                Some(Key::Char('Z')) => self.execute(cx, "x").await,
                Some(Key::Char('Q')) => self.execute(cx, "q!").await,
                _ => {}
            },
            Key::Char('u') | Key::Control('R') => {
                let back = key == Key::Char('u');
                let place = if back { self.buffer.undo(self.at) } else { self.buffer.redo(self.at) };
                match place {
                    Some(place) => self.at = place,
                    None if back => self.message = "Already at oldest change".into(),
                    None => self.message = "Already at newest change".into(),
                }
            }
            Key::Control('F' | 'B' | 'D' | 'U' | 'E' | 'Y') | Key::PageUp | Key::PageDown => {
                self.scroll(key, count.unwrap_or(1));
            }
            Key::Control('L') => self.screen.forget(),
            Key::Control('G') => {
                let (row, rows) = (self.at.row + 1, self.buffer.len());
                let name = self.path.clone().unwrap_or_else(|| "[No Name]".into());
                self.message = format!("\"{name}\" {rows} lines --{}%-- {row},{}", row * 100 / rows, self.at.col + 1);
            }
            Key::Control('C') => self.message = "Type  :q  and press <Enter> to exit".into(),
            _ => {
                if let Some(motion) = self.motion(cx, key, count).await {
                    self.at = motion.to;
                    let vertical = matches!(key, Key::Char('j' | 'k') | Key::Up | Key::Down);
                    if !vertical {
                        self.wanted = if key == Key::Char('$') { usize::MAX } else { self.at.col };
                    }
                }
            }
        }
    }

    fn scroll(&mut self, key: Key, times: usize) {
        let page = self.screen.page();
        let (down, amount) = match key {
            Key::Control('F') | Key::PageDown => (true, page.saturating_sub(2).max(1) * times),
            Key::Control('B') | Key::PageUp => (false, page.saturating_sub(2).max(1) * times),
            Key::Control('D') => (true, page / 2),
            Key::Control('U') => (false, page / 2),
            Key::Control('E') => (true, times),
            _ => (false, times),
        };
        let last = self.buffer.len() - 1;
        let top = self.screen.top;
        self.screen.top = if down { (top + amount).min(last) } else { top.saturating_sub(amount) };
        let moved = if matches!(key, Key::Control('E' | 'Y')) { 0 } else { amount };
        self.at.row = if down { (self.at.row + moved).min(last) } else { self.at.row.saturating_sub(moved) };
        self.at.row = self.at.row.clamp(self.screen.top, (self.screen.top + page - 1).min(last).max(self.screen.top));
    }

    async fn operate(&mut self, cx: &mut Context, operator: char, count: Option<usize>) {
        let Some(mut key) = self.key(cx).await else { return };
        let mut inner = None::<usize>;
        while let Key::Char(digit @ '0'..='9') = key
            && (digit != '0' || inner.is_some())
        {
            inner = Some((inner.unwrap_or(0) * 10 + digit as usize - '0' as usize).min(MOST));
            let Some(next) = self.key(cx).await else { return };
            key = next;
        }
        let both = match (count, inner) {
            (None, None) => None,
            (a, b) => Some((a.unwrap_or(1) * b.unwrap_or(1)).min(MOST)),
        };
        if key == Key::Char(operator) {
            let last = (self.at.row + both.unwrap_or(1)).min(self.buffer.len()) - 1;
            let motion = Motion { to: Place { row: last, col: 0 }, lines: true, inclusive: true };
            return self.apply(cx, operator, motion).await;
        }
        // `cw` leaves the blanks behind the word.
        let on_word = self.buffer.line(self.at.row).get(self.at.col).is_some_and(|c| !c.is_whitespace());
        let key = match (operator, key) {
            ('c', Key::Char('w')) if on_word => Key::Char('e'),
            ('c', Key::Char('W')) if on_word => Key::Char('E'),
            (_, key) => key,
        };
        let Some(mut motion) = self.motion(cx, key, both).await else { return };
        // A word motion of an operator stays on the line where it would leave it.
        if matches!(key, Key::Char('w' | 'W')) && motion.to.row > self.at.row && both.is_none() {
            motion.to = Place { row: self.at.row, col: self.buffer.line(self.at.row).len() };
        }
        self.apply(cx, operator, motion).await;
    }

    async fn apply(&mut self, cx: &mut Context, operator: char, motion: Motion) {
        let (mut from, mut to) = (self.at.min(motion.to), self.at.max(motion.to));
        if operator != 'y' {
            self.buffer.checkpoint(self.at);
        }
        if motion.lines || matches!(operator, '<' | '>') {
            return self.apply_to_lines(cx, operator, from.row, to.row).await;
        }
        if motion.inclusive {
            to.col += 1;
        }
        from.col = from.col.min(self.buffer.line(from.row).len());
        self.register = (self.buffer.copy(from, to), false);
        self.at = from;
        if operator != 'y' {
            self.buffer.remove(from, to);
        }
        if operator == 'c' {
            self.insert_mode(cx, Mode::Insert, 1).await;
        }
    }

    async fn apply_to_lines(&mut self, cx: &mut Context, operator: char, from: usize, to: usize) {
        let rows = to - from + 1;
        match operator {
            'y' => {
                let copied = (from..=to).map(|row| self.buffer.line(row).to_vec()).collect();
                self.register = (copied, true);
                self.at.row = from;
                if rows > 2 {
                    self.message = format!("{rows} lines yanked");
                }
            }
            'd' => {
                self.register = (self.buffer.remove_lines(from, to + 1), true);
                self.at = Place { row: from.min(self.buffer.len() - 1), col: 0 };
                if rows > 2 {
                    self.message = format!("{rows} fewer lines");
                }
            }
            'c' => {
                let removed = self.buffer.remove_lines(from + 1, to + 1);
                let first = self.buffer.line(from).to_vec();
                self.register = (std::iter::once(first).chain(removed).collect(), true);
                self.buffer.set_line(from, Vec::new());
                self.at = Place { row: from, col: 0 };
                self.insert_mode(cx, Mode::Insert, 1).await;
            }
            _ => {
                for row in from..=to {
                    let mut line = self.buffer.line(row).to_vec();
                    if operator == '>' && !line.is_empty() {
                        line.splice(0..0, [' '; 8]);
                    } else {
                        let blanks = line.iter().take(8).take_while(|c| **c == ' ').count();
                        let tab = usize::from(line.first() == Some(&'\t'));
                        line.drain(..blanks.max(tab));
                    }
                    self.buffer.set_line(row, line);
                }
                self.at.row = from;
            }
        }
    }

    async fn change(&mut self, cx: &mut Context, key: Key, times: usize) {
        let (at, length) = (self.at, self.buffer.line(self.at.row).len());
        if key == Key::Char('Y') {
            let to = (at.row + times).min(self.buffer.len()) - 1;
            return self.apply_to_lines(cx, 'y', at.row, to).await;
        }
        let replacement = if key == Key::Char('r') { self.key(cx).await } else { None };
        self.buffer.checkpoint(at);
        let end = |col: usize| Place { col: col.min(length), ..at };
        match key {
            Key::Char('x') | Key::Delete if length > 0 => {
                self.register = (self.buffer.remove(at, end(at.col + times)), false);
            }
            Key::Char('X') if at.col > 0 => {
                let from = Place { col: at.col.saturating_sub(times), ..at };
                self.register = (self.buffer.remove(from, at), false);
                self.at = from;
            }
            Key::Char('D') => self.register = (self.buffer.remove(at, end(length)), false),
            Key::Char('r') if at.col + times <= length => match replacement {
                Some(Key::Char(c)) => {
                    let mut line = self.buffer.line(at.row).to_vec();
                    line.splice(at.col..at.col + times, std::iter::repeat_n(c, times));
                    self.buffer.set_line(at.row, line);
                    self.at.col += times - 1;
                }
                Some(Key::Enter) => {
                    self.buffer.remove(at, end(at.col + times));
                    self.buffer.split(at);
                    self.at = Place { row: at.row + 1, col: 0 };
                }
                _ => {}
            },
            Key::Char('~') => {
                let mut line = self.buffer.line(at.row).to_vec();
                for c in line.iter_mut().skip(at.col).take(times) {
                    let mut turned =
                        if c.is_lowercase() { c.to_uppercase().to_string() } else { c.to_lowercase().to_string() };
                    *c = turned.pop().unwrap_or(*c);
                }
                self.buffer.set_line(at.row, line);
                self.at.col += times;
            }
            Key::Char('J') => {
                for _ in 0..times.max(2) - 1 {
                    self.join();
                }
            }
            Key::Char('p' | 'P') => self.put(key == Key::Char('p'), times),
            _ => {}
        }
    }

    fn join(&mut self) {
        let row = self.at.row;
        if row + 1 >= self.buffer.len() {
            return;
        }
        let removed = self.buffer.remove_lines(row + 1, row + 2).pop().unwrap_or_default();
        let mut line = self.buffer.line(row).to_vec();
        let rest: Vec<char> = removed.into_iter().skip_while(|c| c.is_whitespace()).collect();
        self.at.col = line.len();
        if !line.last().is_none_or(|c| c.is_whitespace()) && !rest.is_empty() && rest.first() != Some(&')') {
            line.push(' ');
        }
        line.extend(rest);
        self.buffer.set_line(row, line);
    }

    fn put(&mut self, behind: bool, times: usize) {
        let (pieces, lines) = self.register.clone();
        if pieces.is_empty() {
            return;
        }
        for _ in 0..times.min(1000) {
            if lines {
                let row = self.at.row + usize::from(behind);
                self.buffer.insert_lines(row, pieces.clone());
                self.at = Place { row, col: 0 };
                continue;
            }
            let filled = !self.buffer.line(self.at.row).is_empty();
            let at = Place { col: self.at.col + usize::from(behind && filled), ..self.at };
            self.buffer.insert_pieces(at, &pieces);
            if let [only] = &pieces[..] {
                self.at.col = (at.col + only.len()).saturating_sub(1);
            } else {
                self.at = at;
            }
        }
    }
}
