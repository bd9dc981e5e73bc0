//! `.dockerignore`: patterns with `*`, `?`, `**`, `!`. The last one that matches decides.

/// The patterns of a file.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    patterns: Vec<(bool, Vec<String>)>,
}

impl Ignore {
    /// Reads the file.
    pub fn parse(text: &str) -> Ignore {
        let mut patterns = Vec::new();
        for line in text.trim_start_matches('\u{feff}').lines() {
            if line.starts_with('#') {
                continue;
            }
            let line = line.trim();
            let (negated, line) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let mut parts: Vec<String> = Vec::new();
            for part in line.split('/') {
                match part {
                    "" | "." => {}
                    ".." => drop(parts.pop()),
                    part => parts.push(part.to_string()),
                }
            }
            if !parts.is_empty() {
                patterns.push((negated, parts));
            }
        }
        Ignore { patterns }
    }

    /// Whether a path of the context is left out.
    pub fn excludes(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        let mut out = false;
        for (negated, pattern) in &self.patterns {
            // A pattern also means all that is below what it names.
            let hit = (1..=parts.len()).any(|n| matches(pattern, &parts[..n]));
            if hit {
                out = !negated;
            }
        }
        out
    }
}

fn matches(pattern: &[String], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((first, rest)) if first == "**" => (0..=path.len()).any(|n| matches(rest, &path[n..])),
        Some((first, rest)) => match path.split_first() {
            Some((part, below)) => segment(first, part) && matches(rest, below),
            None => false,
        },
    }
}

/// Go's `filepath.Match` for one part of a path.
pub fn segment(pattern: &str, text: &str) -> bool {
    let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut i, mut j, mut star) = (0, 0, None);
    while j < t.len() {
        let step = match p.get(i) {
            Some('*') => {
                star = Some((i, j));
                i += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => class(&p[i..], t[j]),
            Some('\\') if p.get(i + 1) == Some(&t[j]) => Some(2),
            Some(c) if *c == t[j] => Some(1),
            _ => None,
        };
        match (step, star) {
            (Some(n), _) => (i, j) = (i + n, j + 1),
            (None, Some((si, sj))) => {
                star = Some((si, sj + 1));
                (i, j) = (si + 1, sj + 1);
            }
            (None, None) => return false,
        }
    }
    p[i.min(p.len())..].iter().all(|c| *c == '*')
}

/// `[a-z]`: how long it is, if it matches.
fn class(pattern: &[char], c: char) -> Option<usize> {
    let end = pattern.iter().skip(2).position(|x| *x == ']')? + 2;
    let inner = &pattern[1..end];
    let (negated, inner) = match inner.first() {
        Some('^' | '!') => (true, &inner[1..]),
        _ => (false, inner),
    };
    let (mut hit, mut at) = (false, 0);
    while at < inner.len() {
        if at + 2 < inner.len() && inner[at + 1] == '-' {
            hit |= (inner[at]..=inner[at + 2]).contains(&c);
            at += 3;
        } else {
            hit |= inner[at] == c;
            at += 1;
        }
    }
    (hit != negated).then_some(end + 1)
}
