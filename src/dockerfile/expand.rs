//! Variables in arguments: `$a`, `${a}`, `${a:-b}`, `${a:+b}`, `${a:?e}`, `${a#p}`, `${a%p}`, `${a/p/s}`, with quotes and escapes.

use std::cell::RefCell;

/// Nested so deep at most.
const MAX_DEPTH: usize = 32;

/// Expands words.
pub struct Expander<'a> {
    /// The escape character.
    pub escape: char,
    /// The variables.
    pub lookup: &'a dyn Fn(&str) -> Option<String>,
    /// Quotes and escapes stay as they are.
    pub raw: bool,
    /// A variable that is not set stays as it is.
    pub keep_unset: bool,
    /// Names that were used without being set.
    pub unset: RefCell<Vec<String>>,
}

impl<'a> Expander<'a> {
    /// An expander that removes quotes.
    pub fn new(escape: char, lookup: &'a dyn Fn(&str) -> Option<String>) -> Expander<'a> {
        Expander { escape, lookup, raw: false, keep_unset: false, unset: RefCell::default() }
    }

    /// An expander for texts to be shown: it changes known variables only.
    pub fn shown(escape: char, lookup: &'a dyn Fn(&str) -> Option<String>) -> Expander<'a> {
        Expander { raw: true, keep_unset: true, ..Expander::new(escape, lookup) }
    }

    /// One word; white space stays.
    pub fn word(&self, text: &str) -> Result<String, String> {
        let chars: Vec<char> = text.chars().collect();
        let mut scan = Scan { of: self, chars: &chars, at: 0, depth: 0 };
        scan.until(None)
    }

    /// Several words: white space outside quotes parts them, also where it came out of a variable.
    pub fn words(&self, text: &str) -> Result<Vec<String>, String> {
        crate::words::split(text, self.escape).iter().map(|w| self.word(w)).collect()
    }
}

struct Scan<'a, 'b> {
    of: &'b Expander<'a>,
    chars: &'b [char],
    at: usize,
    depth: usize,
}

impl Scan<'_, '_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    /// Up to a character that ends it, which is taken.
    fn until(&mut self, stop: Option<char>) -> Result<String, String> {
        let mut out = String::new();
        loop {
            let Some(c) = self.next() else {
                return match stop {
                    Some(stop) => {
                        Err(format!("unexpected end of statement while looking for matching {}", shown(stop)))
                    }
                    None => Ok(out),
                };
            };
            match c {
                c if Some(c) == stop => return Ok(out),
                '\'' => {
                    let start = self.at - 1;
                    while self.peek().is_some_and(|c| c != '\'') {
                        self.at += 1;
                    }
                    if self.next().is_none() {
                        return Err("unexpected end of statement while looking for matching single-quote".into());
                    }
                    let range = if self.of.raw { start..self.at } else { start + 1..self.at - 1 };
                    out.extend(&self.chars[range]);
                }
                '"' => self.double(&mut out)?,
                '$' => out.push_str(&self.dollar()?),
                c if c == self.of.escape => {
                    if self.of.raw {
                        out.push(c);
                    }
                    match self.next() {
                        Some(next) => out.push(next),
                        // An escape at the very end stands for itself.
                        None if !self.of.raw => out.push(c),
                        None => {}
                    }
                }
                c => out.push(c),
            }
        }
    }

    fn double(&mut self, out: &mut String) -> Result<(), String> {
        if self.of.raw {
            out.push('"');
        }
        loop {
            match self.next() {
                None => return Err("unexpected end of statement while looking for matching double-quote".into()),
                Some('"') => break,
                Some('$') => out.push_str(&self.dollar()?),
                Some(c) if c == self.of.escape => match self.next() {
                    None => return Err("unexpected end of statement while looking for matching double-quote".into()),
                    Some(next) => {
                        let special = matches!(next, '"' | '$') || next == self.of.escape;
                        if self.of.raw || !special {
                            out.push(c);
                        }
                        out.push(next);
                    }
                },
                Some(c) => out.push(c),
            }
        }
        if self.of.raw {
            out.push('"');
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        let special = |c: char| matches!(c, '@' | '*' | '#' | '?' | '-' | '$' | '!' | '0');
        if let Some(c) = self.peek().filter(|c| special(*c)) {
            self.at += 1;
            return c.to_string();
        }
        let mut name = String::new();
        let digits = self.peek().is_some_and(|c| c.is_ascii_digit());
        while let Some(c) = self.peek() {
            let fits = if digits { c.is_ascii_digit() } else { c.is_ascii_alphanumeric() || c == '_' };
            if !fits {
                break;
            }
            name.push(c);
            self.at += 1;
        }
        name
    }

    fn get(&self, name: &str) -> Option<String> {
        let value = (self.of.lookup)(name);
        if value.is_none() {
            let mut unset = self.of.unset.borrow_mut();
            if !unset.iter().any(|n| n == name) {
                unset.push(name.to_string());
            }
        }
        value
    }

    fn dollar(&mut self) -> Result<String, String> {
        let start = self.at - 1;
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".into());
            }
            let value = self.get(&name);
            return Ok(match value {
                Some(value) => value,
                None if self.of.keep_unset => self.chars[start..self.at].iter().collect(),
                None => String::new(),
            });
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("syntax error: variables are nested too deep".into());
        }
        self.at += 1;
        let result = self.braces(start);
        self.depth -= 1;
        result
    }

    fn braces(&mut self, start: usize) -> Result<String, String> {
        if self.peek() == Some('}') {
            return Err("syntax error: bad substitution".into());
        }
        let name = self.name();
        let value = self.get(&name);
        let whole = |scan: &Self| scan.chars[start..scan.at].iter().collect::<String>();
        let first = self.next().ok_or("syntax error: missing '}'")?;
        let (colon, op) = match first {
            '}' => {
                return Ok(match value {
                    Some(value) => value,
                    None if self.of.keep_unset => whole(self),
                    None => String::new(),
                });
            }
            ':' => (true, self.next().ok_or("syntax error: missing ':' in substitution")?),
            c => (false, c),
        };
        let is_set = value.as_ref().is_some_and(|v| !colon || !v.is_empty());
        let unset = value.is_none();
        let value = value.unwrap_or_default();
        match op {
            '+' | '-' | '?' => {
                let word = self.until(Some('}'))?;
                if unset && self.of.keep_unset {
                    return Ok(whole(self));
                }
                match (op, is_set) {
                    ('+', true) => Ok(word),
                    ('+', false) => Ok(String::new()),
                    ('?', false) => {
                        let text = if word.is_empty() { "is not allowed to be unset".to_string() } else { word };
                        Err(format!("{name}: {text}"))
                    }
                    (_, true) => Ok(value),
                    (_, false) => Ok(word),
                }
            }
            '%' | '#' if !colon => {
                let greedy = self.peek() == Some(op);
                self.at += usize::from(greedy);
                let pattern = self.until(Some('}'))?;
                if unset && self.of.keep_unset {
                    return Ok(whole(self));
                }
                Ok(if op == '#' { trim_start(&value, &pattern, greedy) } else { trim_end(&value, &pattern, greedy) })
            }
            '/' if !colon => {
                let all = self.peek() == Some('/');
                self.at += usize::from(all);
                let pattern = self.until(Some('/'))?;
                let by = self.until(Some('}'))?;
                if unset && self.of.keep_unset {
                    return Ok(whole(self));
                }
                Ok(replace(&value, &pattern, &by, all))
            }
            c => Err(format!(
                "unsupported modifier ({}) in substitution",
                if colon { format!(":{c}") } else { c.to_string() }
            )),
        }
    }
}

fn shown(stop: char) -> String {
    stop.to_string()
}

/// `*` and `?` against a whole text.
fn glob(pattern: &[char], text: &[char]) -> bool {
    let (mut i, mut j, mut star) = (0, 0, None);
    while j < text.len() {
        match pattern.get(i) {
            Some('*') => {
                star = Some((i, j));
                i += 1;
            }
            Some('?') => (i, j) = (i + 1, j + 1),
            Some(c) if *c == text[j] => (i, j) = (i + 1, j + 1),
            _ => match star {
                Some((si, sj)) => {
                    star = Some((si, sj + 1));
                    (i, j) = (si + 1, sj + 1);
                }
                None => return false,
            },
        }
    }
    pattern[i.min(pattern.len())..].iter().all(|c| *c == '*')
}

fn trim_start(value: &str, pattern: &str, greedy: bool) -> String {
    let (v, p): (Vec<char>, Vec<char>) = (value.chars().collect(), pattern.chars().collect());
    let mut cuts: Vec<usize> = (0..=v.len()).filter(|n| glob(&p, &v[..*n])).collect();
    let cut = if greedy { cuts.pop() } else { cuts.first().copied() };
    v[cut.unwrap_or(0)..].iter().collect()
}

fn trim_end(value: &str, pattern: &str, greedy: bool) -> String {
    let (v, p): (Vec<char>, Vec<char>) = (value.chars().collect(), pattern.chars().collect());
    let mut cuts: Vec<usize> = (0..=v.len()).filter(|n| glob(&p, &v[*n..])).collect();
    let cut = if greedy { cuts.first().copied() } else { cuts.pop() };
    v[..cut.unwrap_or(v.len())].iter().collect()
}

fn replace(value: &str, pattern: &str, by: &str, all: bool) -> String {
    let (v, p): (Vec<char>, Vec<char>) = (value.chars().collect(), pattern.chars().collect());
    let mut out = String::new();
    let (mut at, mut done) = (0, false);
    while at < v.len() {
        let hit = (at + 1..=v.len()).rev().find(|end| glob(&p, &v[at..*end])).filter(|_| all || !done);
        match hit {
            Some(end) => {
                out.push_str(by);
                at = end;
                done = true;
            }
            None => {
                out.push(v[at]);
                at += 1;
            }
        }
    }
    out
}
