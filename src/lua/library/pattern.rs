//! Lua's patterns.

/// Captures at most.
const MAX_CAPTURES: usize = 32;
/// Nested matches at most; one for each quantified item and capture of a pattern.
const MAX_DEPTH: usize = 200;
/// Steps of one call at most: beyond, a pattern would stop everything else.
const MAX_STEPS: u64 = 50_000_000;

/// A match that cannot go on.
pub type Problem = &'static str;

#[derive(Clone, Copy, Debug)]
enum Length {
    Open,
    Position,
    Bytes(usize),
}

/// What a capture is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Capture {
    /// These bytes of the subject.
    Bytes(usize, usize),
    /// A place, counted from 1.
    Position(usize),
    /// It never ended.
    Unfinished,
}

/// Matches one pattern against one subject.
#[derive(Debug)]
pub struct Matcher<'a> {
    subject: &'a [u8],
    pattern: &'a [u8],
    captures: Vec<(usize, Length)>,
    depth: usize,
    steps: u64,
}

impl<'a> Matcher<'a> {
    /// Nothing matched yet.
    pub fn new(subject: &'a [u8], pattern: &'a [u8]) -> Matcher<'a> {
        Matcher { subject, pattern, captures: Vec::new(), depth: 0, steps: 0 }
    }

    /// The first match at or after a place: where it begins and ends. `anchored`: at this place only, and the pattern
    /// begins behind its `^`.
    pub fn seek(&mut self, mut start: usize, anchored: bool) -> Result<Option<(usize, usize)>, Problem> {
        let pattern = usize::from(anchored);
        let first = self.first().filter(|_| !anchored);
        loop {
            if let Some(c) = first {
                let rest = self.subject.get(start..).unwrap_or_default();
                let skipped = rest.iter().position(|other| *other == c);
                self.steps += skipped.unwrap_or(rest.len()) as u64;
                let Some(skipped) = skipped else { return Ok(None) };
                start += skipped;
            }
            match self.at(start, pattern)? {
                Some(end) => return Ok(Some((start, end))),
                None if anchored || start >= self.subject.len() => return Ok(None),
                None => start += 1,
            }
        }
    }

    /// The byte that every match begins with, where the pattern begins with one that stands for itself.
    fn first(&self) -> Option<u8> {
        let c = self.byte(0).filter(|c| !b"^$*+?.()[%-".contains(c))?;
        if matches!(self.byte(1), Some(b'?' | b'*' | b'-')) { None } else { Some(c) }
    }

    /// Matches the pattern from a place of it on at a place of the subject; where the match ends.
    fn at(&mut self, start: usize, pattern: usize) -> Result<Option<usize>, Problem> {
        self.captures.clear();
        self.depth = 0;
        self.run(start, pattern)
    }

    /// Steps taken since somebody asked.
    pub fn take_steps(&mut self) -> u64 {
        std::mem::take(&mut self.steps)
    }

    /// How many captures the pattern had.
    pub fn count(&self) -> usize {
        self.captures.len()
    }

    /// One of the pattern's captures, counted from 0.
    pub fn capture(&self, n: usize) -> Option<Capture> {
        self.captures.get(n).map(|(from, length)| match length {
            Length::Open => Capture::Unfinished,
            Length::Position => Capture::Position(from + 1),
            Length::Bytes(n) => Capture::Bytes(*from, from + n),
        })
    }

    fn byte(&self, p: usize) -> Option<u8> {
        self.pattern.get(p).copied()
    }

    fn run(&mut self, mut s: usize, mut p: usize) -> Result<Option<usize>, Problem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("pattern too complex");
        }
        let result = loop {
            self.step()?;
            let Some(c) = self.byte(p) else { break Some(s) };
            match c {
                b'(' => {
                    break if self.byte(p + 1) == Some(b')') {
                        self.begin_capture(s, p + 2, Length::Position)?
                    } else {
                        self.begin_capture(s, p + 1, Length::Open)?
                    };
                }
                b')' => break self.end_capture(s, p + 1)?,
                b'$' if p + 1 == self.pattern.len() => break (s == self.subject.len()).then_some(s),
                b'%' if self.byte(p + 1) == Some(b'b') => match self.balance(s, p + 2)? {
                    Some(end) => (s, p) = (end, p + 4),
                    None => break None,
                },
                b'%' if self.byte(p + 1) == Some(b'f') => {
                    p += 2;
                    if self.byte(p) != Some(b'[') {
                        return Err("missing '[' after '%f' in pattern");
                    }
                    let end = self.class_end(p)?;
                    let before = s.checked_sub(1).and_then(|n| self.subject.get(n)).copied().unwrap_or(0);
                    let here = self.subject.get(s).copied().unwrap_or(0);
                    if self.in_set(before, p, end - 1) || !self.in_set(here, p, end - 1) {
                        break None;
                    }
                    p = end;
                }
                b'%' if self.byte(p + 1).is_some_and(|c| c.is_ascii_digit()) => {
                    match self.back_reference(s, self.byte(p + 1).unwrap_or(0))? {
                        Some(end) => (s, p) = (end, p + 2),
                        None => break None,
                    }
                }
                _ => {
                    let end = self.class_end(p)?;
                    match self.byte(end) {
                        Some(b'?') => {
                            if self.single(s, p, end)
                                && let Some(found) = self.run(s + 1, end + 1)?
                            {
                                break Some(found);
                            }
                            p = end + 1;
                        }
                        Some(b'*') => break self.longest(s, p, end, 0)?,
                        Some(b'+') => break self.longest(s, p, end, 1)?,
                        Some(b'-') => break self.shortest(s, p, end)?,
                        _ if self.single(s, p, end) => (s, p) = (s + 1, end),
                        _ => break None,
                    }
                }
            }
        };
        self.depth -= 1;
        Ok(result)
    }

    fn step(&mut self) -> Result<(), Problem> {
        self.steps += 1;
        if self.steps > MAX_STEPS { Err("pattern too complex") } else { Ok(()) }
    }

    fn class_end(&self, p: usize) -> Result<usize, Problem> {
        let mut p = p + 1;
        match self.byte(p - 1) {
            Some(b'%') => {
                if self.byte(p).is_none() {
                    return Err("malformed pattern (ends with '%')");
                }
                Ok(p + 1)
            }
            Some(b'[') => {
                if self.byte(p) == Some(b'^') {
                    p += 1;
                }
                loop {
                    let Some(c) = self.byte(p) else {
                        return Err("malformed pattern (missing ']')");
                    };
                    p += 1;
                    if c == b'%' && self.byte(p).is_some() {
                        p += 1;
                    }
                    if self.byte(p) == Some(b']') {
                        return Ok(p + 1);
                    }
                }
            }
            _ => Ok(p),
        }
    }

    fn single(&self, s: usize, p: usize, end: usize) -> bool {
        let Some(c) = self.subject.get(s).copied() else { return false };
        match self.byte(p) {
            Some(b'.') => true,
            Some(b'%') => in_class(c, self.byte(p + 1).unwrap_or(0)),
            Some(b'[') => self.in_set(c, p, end - 1),
            other => other == Some(c),
        }
    }

    /// Whether `[…]` from `p` to its bracket at `last` has a byte.
    fn in_set(&self, c: u8, p: usize, last: usize) -> bool {
        let mut p = p + 1;
        let negated = self.byte(p) == Some(b'^');
        if negated {
            p += 1;
        }
        while p < last {
            let item = self.byte(p).unwrap_or(0);
            if item == b'%' {
                p += 1;
                if in_class(c, self.byte(p).unwrap_or(0)) {
                    return !negated;
                }
                p += 1;
            } else if self.byte(p + 1) == Some(b'-') && p + 2 < last {
                if (item..=self.byte(p + 2).unwrap_or(0)).contains(&c) {
                    return !negated;
                }
                p += 3;
            } else {
                if item == c {
                    return !negated;
                }
                p += 1;
            }
        }
        negated
    }

    fn balance(&mut self, s: usize, p: usize) -> Result<Option<usize>, Problem> {
        let (Some(open), Some(close)) = (self.byte(p), self.byte(p + 1)) else {
            return Err("unbalanced pattern");
        };
        if self.subject.get(s) != Some(&open) {
            return Ok(None);
        }
        let mut depth = 1;
        for (n, c) in self.subject.iter().enumerate().skip(s + 1) {
            if *c == close {
                depth -= 1;
                if depth == 0 {
                    self.steps += (n - s) as u64;
                    return Ok(Some(n + 1));
                }
            } else if *c == open {
                depth += 1;
            }
        }
        self.steps += (self.subject.len() - s) as u64;
        Ok(None)
    }

    fn longest(&mut self, s: usize, p: usize, end: usize, least: usize) -> Result<Option<usize>, Problem> {
        let mut n = 0;
        while self.single(s + n, p, end) {
            n += 1;
        }
        self.steps += n as u64;
        while n >= least {
            self.step()?;
            if let Some(found) = self.run(s + n, end + 1)? {
                return Ok(Some(found));
            }
            if n == 0 {
                break;
            }
            n -= 1;
        }
        Ok(None)
    }

    fn shortest(&mut self, mut s: usize, p: usize, end: usize) -> Result<Option<usize>, Problem> {
        loop {
            self.step()?;
            if let Some(found) = self.run(s, end + 1)? {
                return Ok(Some(found));
            }
            if !self.single(s, p, end) {
                return Ok(None);
            }
            s += 1;
        }
    }

    fn begin_capture(&mut self, s: usize, p: usize, length: Length) -> Result<Option<usize>, Problem> {
        if self.captures.len() >= MAX_CAPTURES {
            return Err("too many captures");
        }
        let level = self.captures.len();
        self.captures.push((s, length));
        let found = self.run(s, p)?;
        if found.is_none() {
            self.captures.truncate(level);
        }
        Ok(found)
    }

    fn end_capture(&mut self, s: usize, p: usize) -> Result<Option<usize>, Problem> {
        let open = self.captures.iter().rposition(|c| matches!(c.1, Length::Open));
        let Some(at) = open else { return Err("invalid pattern capture") };
        self.captures[at].1 = Length::Bytes(s - self.captures[at].0);
        let found = self.run(s, p)?;
        if found.is_none()
            && let Some(capture) = self.captures.get_mut(at)
        {
            capture.1 = Length::Open;
        }
        Ok(found)
    }

    fn back_reference(&mut self, s: usize, digit: u8) -> Result<Option<usize>, Problem> {
        let n = usize::from(digit).wrapping_sub(usize::from(b'1'));
        let Some((from, Length::Bytes(length))) = self.captures.get(n).copied() else {
            return Err("invalid capture index");
        };
        self.steps += length as u64;
        let wanted = &self.subject[from..from + length];
        Ok(self.subject[s..].starts_with(wanted).then_some(s + length))
    }
}

fn in_class(c: u8, class: u8) -> bool {
    let holds = match class.to_ascii_lowercase() {
        b'a' => c.is_ascii_alphabetic(),
        b'c' => c.is_ascii_control(),
        b'd' => c.is_ascii_digit(),
        b'l' => c.is_ascii_lowercase(),
        b'p' => c.is_ascii_punctuation(),
        b's' => c.is_ascii_whitespace() || c == 11,
        b'u' => c.is_ascii_uppercase(),
        b'w' => c.is_ascii_alphanumeric(),
        b'x' => c.is_ascii_hexdigit(),
        b'z' => c == 0,
        _ => return class == c,
    };
    holds != class.is_ascii_uppercase()
}
