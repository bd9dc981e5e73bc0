//! The text: lines of characters, with what is needed to undo.

/// A place in the text, from 0.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    pub row: usize,
    pub col: usize,
}

/// Steps that can be undone.
const MOST_STEPS: usize = 200;
/// Characters that the kept states may have in all.
const MOST_KEPT: usize = 4 << 20;

type Lines = Vec<Vec<char>>;

/// The text; there is always a line.
pub struct Buffer {
    lines: Lines,
    undo: Vec<(Lines, Place)>,
    redo: Vec<(Lines, Place)>,
    version: u64,
    saved: u64,
    /// The file was empty: its one line is none.
    was_empty: bool,
}

impl Buffer {
    /// A text.
    pub fn new(text: &str) -> Buffer {
        let mut lines: Lines = text.lines().map(|l| l.chars().collect()).collect();
        if lines.is_empty() {
            lines.push(Vec::new());
        }
        Buffer { lines, undo: Vec::new(), redo: Vec::new(), version: 0, saved: 0, was_empty: text.is_empty() }
    }

    /// How many lines there are, at least one.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// How many lines a file of it would have.
    pub fn line_count(&self) -> usize {
        if self.is_empty() { 0 } else { self.len() }
    }

    fn is_empty(&self) -> bool {
        self.was_empty && self.version == 0
    }

    /// A line; an empty one beyond the end.
    pub fn line(&self, row: usize) -> &[char] {
        self.lines.get(row).map_or(&[], |l| l)
    }

    /// A number that grows with each change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether it is other than the file.
    pub fn is_modified(&self) -> bool {
        self.version != self.saved
    }

    /// It was written.
    pub fn set_saved(&mut self) {
        self.saved = self.version;
    }

    /// The whole text, as it is written.
    pub fn text(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        self.lines.iter().map(|l| l.iter().collect::<String>() + "\n").collect()
    }

    /// Keeps the state to come back to; called before each command that changes.
    pub fn checkpoint(&mut self, at: Place) {
        self.undo.push((self.lines.clone(), at));
        self.redo.clear();
        let size = |steps: &[(Lines, Place)]| steps.iter().flat_map(|s| &s.0).map(|l| l.len() + 1).sum::<usize>();
        while self.undo.len() > MOST_STEPS || (self.undo.len() > 1 && size(&self.undo) > MOST_KEPT) {
            self.undo.remove(0);
        }
    }

    /// Back to the last checkpoint; where the cursor was then.
    pub fn undo(&mut self, at: Place) -> Option<Place> {
        let (lines, place) = self.undo.pop()?;
        self.redo.push((std::mem::replace(&mut self.lines, lines), at));
        self.version += 1;
        Some(place)
    }

    /// What was undone again.
    pub fn redo(&mut self, at: Place) -> Option<Place> {
        let (lines, place) = self.redo.pop()?;
        self.undo.push((std::mem::replace(&mut self.lines, lines), at));
        self.version += 1;
        Some(place)
    }

    /// Puts a character in.
    pub fn insert(&mut self, at: Place, c: char) {
        self.version += 1;
        if let Some(line) = self.lines.get_mut(at.row) {
            line.insert(at.col.min(line.len()), c);
        }
    }

    /// Breaks a line.
    pub fn split(&mut self, at: Place) {
        self.version += 1;
        if let Some(line) = self.lines.get_mut(at.row) {
            let rest = line.split_off(at.col.min(line.len()));
            self.lines.insert(at.row + 1, rest);
        }
    }

    /// Puts lines in front of a line.
    pub fn insert_lines(&mut self, row: usize, lines: Lines) {
        self.version += 1;
        let row = row.min(self.lines.len());
        self.lines.splice(row..row, lines);
    }

    /// Takes lines out; an empty one stays if nothing else does.
    pub fn remove_lines(&mut self, from: usize, to: usize) -> Lines {
        self.version += 1;
        let to = to.min(self.lines.len());
        let removed = self.lines.splice(from.min(to)..to, []).collect();
        if self.lines.is_empty() {
            self.lines.push(Vec::new());
        }
        removed
    }

    /// The characters from one place to another, which is not among them.
    pub fn copy(&self, from: Place, to: Place) -> Lines {
        let piece = |row: usize| {
            let line = self.line(row);
            let start = if row == from.row { from.col } else { 0 };
            let end = if row == to.row { to.col } else { line.len() };
            line.get(start.min(line.len())..end.min(line.len())).unwrap_or_default().to_vec()
        };
        (from.row..=to.row).map(piece).collect()
    }

    /// Takes them out.
    pub fn remove(&mut self, from: Place, to: Place) -> Lines {
        let removed = self.copy(from, to);
        self.version += 1;
        let rest = self.line(to.row).get(to.col.min(self.line(to.row).len())..).unwrap_or_default().to_vec();
        if let Some(line) = self.lines.get_mut(from.row) {
            line.truncate(from.col);
            line.extend(rest);
        }
        let (first, last) = (from.row + 1, (to.row + 1).min(self.lines.len()));
        if first < last {
            self.lines.drain(first..last);
        }
        removed
    }

    /// Puts characters in, with line breaks between the pieces.
    pub fn insert_pieces(&mut self, at: Place, pieces: &[Vec<char>]) {
        let mut place = at;
        for (number, piece) in pieces.iter().enumerate() {
            if number > 0 {
                self.split(place);
                place = Place { row: place.row + 1, col: 0 };
            }
            for c in piece {
                self.insert(place, *c);
                place.col += 1;
            }
        }
    }

    /// Replaces a line.
    pub fn set_line(&mut self, row: usize, text: Vec<char>) {
        self.version += 1;
        if let Some(line) = self.lines.get_mut(row) {
            *line = text;
        }
    }
}
