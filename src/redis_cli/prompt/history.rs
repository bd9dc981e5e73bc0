//! The lines typed before, and the search among them.

/// How many lines are kept.
const MOST: usize = 100;

/// The lines, oldest first. While a line is edited, the last entry stands for it.
#[derive(Debug, Default)]
pub struct History {
    lines: Vec<(Vec<u8>, bool)>,
}

impl History {
    /// Adds a line unless it equals the last; a sensitive one does not go to the file.
    pub fn add(&mut self, line: &[u8], sensitive: bool) {
        if self.lines.last().is_some_and(|(last, _)| last == line) {
            return;
        }
        if self.lines.len() == MOST {
            self.lines.remove(0);
        }
        self.lines.push((line.to_vec(), sensitive));
    }

    /// Takes the entry that stood for the edited line away.
    pub fn drop_last(&mut self) {
        self.lines.pop();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// The line `back` steps before the last.
    pub fn get(&self, back: usize) -> Option<&[u8]> {
        self.lines.len().checked_sub(back + 1).and_then(|i| self.lines.get(i)).map(|(line, _)| line.as_slice())
    }

    /// Replaces the line `back` steps before the last.
    pub fn set(&mut self, back: usize, line: &[u8]) {
        if let Some((old, _)) = self.lines.len().checked_sub(back + 1).and_then(|i| self.lines.get_mut(i)) {
            *old = line.to_vec();
        }
    }

    /// What the file holds.
    pub fn to_file(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (line, _) in self.lines.iter().filter(|(_, sensitive)| !sensitive) {
            out.extend_from_slice(line);
            out.push(b'\n');
        }
        out
    }

    /// Adds the lines of a file.
    pub fn load(&mut self, file: &[u8]) {
        let body = file.strip_suffix(b"\n").unwrap_or(file);
        if body.is_empty() {
            return;
        }
        for line in body.split(|&b| b == b'\n') {
            self.add(line.split(|&b| b == b'\r').next().unwrap_or_default(), false);
        }
    }
}

/// An incremental search (Ctrl-R, Ctrl-S).
#[derive(Debug)]
pub struct Search {
    /// towards older lines
    pub backwards: bool,
    /// the next refresh looks for another line
    pub cycle: bool,
    at: usize,
    found: Option<Found>,
}

/// A line that contains what is searched.
#[derive(Clone, Debug)]
pub struct Found {
    /// the line
    pub line: Vec<u8>,
    /// where in it
    pub offset: usize,
    /// how long the searched text is
    pub length: usize,
}

impl Search {
    /// A search that has found nothing yet.
    pub fn new(backwards: bool) -> Self {
        Self { backwards, cycle: false, at: 0, found: None }
    }

    /// The prompt meanwhile.
    pub fn prompt(&self) -> &'static [u8] {
        if self.backwards { b"(reverse-i-search): " } else { b"(i-search): " }
    }

    /// What is found now.
    pub fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// Looks for `term`. When cycling finds nothing further, the last finding stays.
    pub fn refresh(&mut self, history: &History, term: &[u8]) {
        let found = self.look(history, term);
        if !self.cycle || found.is_some() {
            self.found = found;
        }
        self.cycle = false;
    }

    fn look(&mut self, history: &History, term: &[u8]) -> Option<Found> {
        if history.lines.is_empty() || term.is_empty() {
            return None;
        }
        let last = history.lines.len() - 1;
        let mut i = match (self.cycle, self.backwards) {
            (true, _) => self.at.min(last),
            (false, true) => last,
            (false, false) => 0,
        };
        loop {
            let (line, _) = history.lines.get(i)?;
            let same = self.cycle && history.lines.get(self.at).is_some_and(|(other, _)| other == line);
            if !same && let Some(offset) = line.windows(term.len()).position(|w| w == term) {
                self.at = i;
                return Some(Found { line: line.clone(), offset, length: term.len() });
            }
            i = if self.backwards { i.checked_sub(1)? } else { (i < last).then_some(i + 1)? };
        }
    }
}
