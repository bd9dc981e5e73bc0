//! Where the cursor can go.

use super::buffer::Place;
use super::{Key, Vi};
use crate::context::Context;

/// Where a motion leads, and what an operator takes on the way.
#[derive(Clone, Copy, Debug)]
pub struct Motion {
    /// The end.
    pub to: Place,
    /// Whole lines.
    pub lines: bool,
    /// The character at the end too.
    pub inclusive: bool,
}

impl Motion {
    fn new(to: Place, lines: bool, inclusive: bool) -> Motion {
        Motion { to, lines, inclusive }
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    Blank,
    Word,
    Other,
}

fn class(c: char, big: bool) -> Class {
    match c {
        c if c.is_whitespace() => Class::Blank,
        c if big || c.is_alphanumeric() || c == '_' => Class::Word,
        _ => Class::Other,
    }
}

impl Vi {
    /// Reads the rest of a motion and says where it leads; `None` if the key is none or it leads nowhere.
    pub async fn motion(&mut self, cx: &mut Context, key: Key, count: Option<usize>) -> Option<Motion> {
        let (at, times) = (self.at, count.unwrap_or(1));
        let last = self.buffer.len() - 1;
        let row = |row: usize| Motion::new(Place { row: row.min(last), col: self.wanted }, true, true);
        let page = self.screen.page();
        Some(match key {
            Key::Char('h') | Key::Left | Key::Backspace => {
                Motion::new(Place { col: at.col.saturating_sub(times), ..at }, false, false)
            }
            Key::Char('l' | ' ') | Key::Right => {
                let length = self.buffer.line(at.row).len();
                Motion::new(Place { col: (at.col + times).min(length), ..at }, false, false)
            }
            Key::Char('j') | Key::Down | Key::Control('J' | 'N') if at.row + times <= last => row(at.row + times),
            Key::Char('k') | Key::Up | Key::Control('P') if at.row >= times => row(at.row - times),
            Key::Enter | Key::Char('+') if at.row + times <= last => self.first_of(at.row + times),
            Key::Char('-') if at.row >= times => self.first_of(at.row - times),
            Key::Char('_') => self.first_of(at.row + times - 1),
            Key::Char('0') | Key::Home => Motion::new(Place { col: 0, ..at }, false, false),
            Key::Char('^') => Motion::new(self.first_of(at.row).to, false, false),
            Key::Char('$') | Key::End => {
                let row = (at.row + times - 1).min(last);
                Motion::new(Place { row, col: self.buffer.line(row).len().saturating_sub(1) }, false, true)
            }
            Key::Char('w' | 'W') => {
                Motion::new(self.words(times, |vi, p| vi.next_word(p, key == Key::Char('W'))), false, false)
            }
            Key::Char('b' | 'B') => {
                Motion::new(self.words(times, |vi, p| vi.word_before(p, key == Key::Char('B'))), false, false)
            }
            Key::Char('e' | 'E') => {
                Motion::new(self.words(times, |vi, p| vi.word_end(p, key == Key::Char('E'))), false, true)
            }
            Key::Char('G') => self.first_of(count.map_or(last, |n| n.max(1) - 1)),
            Key::Char('g') => match self.key(cx).await? {
                Key::Char('g') => self.first_of(count.map_or(0, |n| n.max(1) - 1)),
                _ => return None,
            },
            Key::Char('H') => self.first_of(self.screen.top + times - 1),
            Key::Char('M') => self.first_of(self.screen.top + page.min(self.buffer.len() - self.screen.top) / 2),
            Key::Char('L') => self.first_of((self.screen.top + page).min(self.buffer.len()).saturating_sub(times)),
            Key::Char('f' | 'F' | 't' | 'T') => {
                let (Key::Char(how), Key::Char(what)) = (key, self.key(cx).await?) else { return None };
                self.found = Some((how, what));
                self.find_char(how, what, times)?
            }
            Key::Char(';' | ',') => {
                let (how, what) = self.found?;
                let turned = if how.is_lowercase() { how.to_ascii_uppercase() } else { how.to_ascii_lowercase() };
                self.find_char(if key == Key::Char(',') { turned } else { how }, what, times)?
            }
            Key::Char('%') => Motion::new(self.matching()?, false, true),
            Key::Char('{') => Motion::new(self.paragraph(false), false, false),
            Key::Char('}') => Motion::new(self.paragraph(true), false, false),
            Key::Char('n' | 'N') => {
                let (text, forward) = self.search.clone()?;
                Motion::new(self.find(&text, forward == (key == Key::Char('n')))?, false, false)
            }
            Key::Char(sign @ ('/' | '?')) => {
                let text = self.line_of_text(cx, sign).await?;
                let text = if text.is_empty() { self.search.clone()?.0 } else { text };
                self.search = Some((text.clone(), sign == '/'));
                Motion::new(self.find(&text, sign == '/')?, false, false)
            }
            _ => return None,
        })
    }

    /// The first character of a line that is not blank.
    fn first_of(&self, row: usize) -> Motion {
        let row = row.min(self.buffer.len() - 1);
        let line = self.buffer.line(row);
        let col = line.iter().position(|c| !c.is_whitespace()).unwrap_or(line.len().saturating_sub(1));
        Motion::new(Place { row, col }, true, true)
    }

    fn words(&self, times: usize, step: impl Fn(&Vi, Place) -> Place) -> Place {
        (0..times.min(10_000)).fold(self.at, |place, _| step(self, place))
    }

    /// The next place, over ends of lines; none at the end of the text.
    fn after(&self, p: Place) -> Option<Place> {
        if p.col + 1 < self.buffer.line(p.row).len() {
            return Some(Place { col: p.col + 1, ..p });
        }
        (p.row + 1 < self.buffer.len()).then_some(Place { row: p.row + 1, col: 0 })
    }

    fn before(&self, p: Place) -> Option<Place> {
        if p.col > 0 {
            return Some(Place { col: p.col - 1, ..p });
        }
        let row = p.row.checked_sub(1)?;
        Some(Place { row, col: self.buffer.line(row).len().saturating_sub(1) })
    }

    /// An empty line counts as a word of its own.
    fn class_at(&self, p: Place, big: bool) -> Class {
        self.buffer.line(p.row).get(p.col).map_or(Class::Blank, |c| class(*c, big))
    }

    fn next_word(&self, from: Place, big: bool) -> Place {
        let (start, mut p) = (self.class_at(from, big), from);
        let mut changed = false;
        loop {
            let Some(next) = self.after(p) else {
                return Place { col: self.buffer.line(p.row).len(), ..p };
            };
            let here = self.class_at(next, big);
            changed |= here != start || next.row != p.row;
            p = next;
            if (changed && here != Class::Blank) || self.buffer.line(p.row).is_empty() {
                return p;
            }
        }
    }

    fn word_before(&self, from: Place, big: bool) -> Place {
        let Some(mut p) = self.before(from) else { return from };
        while self.class_at(p, big) == Class::Blank && !self.buffer.line(p.row).is_empty() {
            let Some(next) = self.before(p) else { return p };
            p = next;
        }
        let here = self.class_at(p, big);
        while p.col > 0 && self.class_at(Place { col: p.col - 1, ..p }, big) == here {
            p.col -= 1;
        }
        p
    }

    fn word_end(&self, from: Place, big: bool) -> Place {
        let Some(mut p) = self.after(from) else { return from };
        while self.class_at(p, big) == Class::Blank {
            let Some(next) = self.after(p) else { return p };
            p = next;
        }
        let here = self.class_at(p, big);
        while p.col + 1 < self.buffer.line(p.row).len() && self.class_at(Place { col: p.col + 1, ..p }, big) == here {
            p.col += 1;
        }
        p
    }

    fn find_char(&self, how: char, what: char, times: usize) -> Option<Motion> {
        let line = self.buffer.line(self.at.row);
        let forward = how.is_ascii_lowercase();
        let hits: Vec<usize> = if forward {
            (self.at.col + 1..line.len()).filter(|c| line.get(*c) == Some(&what)).collect()
        } else {
            (0..self.at.col.min(line.len())).rev().filter(|c| line.get(*c) == Some(&what)).collect()
        };
        let hit = *hits.get(times.checked_sub(1)?)?;
        let col = match how {
            't' => hit - 1,
            'T' => hit + 1,
            _ => hit,
        };
        Some(Motion::new(Place { col, ..self.at }, false, forward))
    }

    /// The bracket that belongs to the next one on this line.
    fn matching(&self) -> Option<Place> {
        const PAIRS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];
        let line = self.buffer.line(self.at.row);
        let col = (self.at.col..line.len()).find(|c| "()[]{}".contains(line[*c]))?;
        let (open, close) = *PAIRS.iter().find(|(o, c)| line[col] == *o || line[col] == *c)?;
        let forward = line[col] == open;
        let (mut p, mut depth) = (Place { col, ..self.at }, 0i32);
        loop {
            match self.buffer.line(p.row).get(p.col) {
                Some(c) if *c == open => depth += if forward { 1 } else { -1 },
                Some(c) if *c == close => depth += if forward { -1 } else { 1 },
                _ => {}
            }
            if depth == 0 {
                return Some(p);
            }
            p = if forward { self.after(p)? } else { self.before(p)? };
        }
    }

    fn paragraph(&self, forward: bool) -> Place {
        let empty = |row: &usize| self.buffer.line(*row).is_empty();
        let row = if forward {
            (self.at.row + 1..self.buffer.len()).find(empty).unwrap_or(self.buffer.len() - 1)
        } else {
            (0..self.at.row).rev().find(empty).unwrap_or(0)
        };
        let col = if forward && !empty(&row) { self.buffer.line(row).len() } else { 0 };
        Place { row, col }
    }

    /// The next match of a pattern, around the end of the text.
    fn find(&mut self, text: &str, forward: bool) -> Option<Place> {
        let regex = self.pattern(text)?;
        let rows = self.buffer.len();
        for step in 0..=rows {
            let row = if forward { (self.at.row + step) % rows } else { (self.at.row + rows * 2 - step) % rows };
            let line: String = self.buffer.line(row).iter().collect();
            let (mut hits, mut from) = (Vec::new(), 0);
            while let Some((start, end)) = regex.find_at(&line, from).and_then(|c| c.first().copied().flatten()) {
                hits.push(line.get(..start).map_or(0, |l| l.chars().count()));
                from = if end > start { end } else { end + line.get(end..)?.chars().next().map_or(1, char::len_utf8) };
                if from > line.len() {
                    break;
                }
            }
            let here = step == 0;
            let hit = if forward {
                hits.into_iter().find(|c| !here || *c > self.at.col)
            } else {
                hits.into_iter().rev().find(|c| !here || *c < self.at.col)
            };
            if let Some(col) = hit {
                return Some(Place { row, col });
            }
        }
        self.message =
            if self.busybox { "Pattern not found".into() } else { format!("E486: Pattern not found: {text}") };
        None
    }
}
