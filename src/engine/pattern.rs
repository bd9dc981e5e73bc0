//! The patterns of `name` filters: regular expressions without groups. Source: RE2's syntax.

/// How many steps one comparison may take.
const MAX_STEPS: usize = 100_000;

/// One character of a pattern.
enum Atom {
    Any,
    One(char),
    /// Ranges, and whether they are what it may not be.
    Class(Vec<(char, char)>, bool),
}

impl Atom {
    fn fits(&self, c: char) -> bool {
        match self {
            Atom::Any => c != '\n',
            Atom::One(own) => *own == c,
            Atom::Class(ranges, negated) => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated,
        }
    }
}

/// An atom and how often it may stand.
struct Piece {
    atom: Atom,
    least: usize,
    most: usize,
}

/// Whether some part of `text` fits a pattern; one that cannot be read fits nothing.
pub fn name_fits(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    pattern.split('|').any(|branch| fits(branch, &text).unwrap_or(false))
}

fn fits(branch: &str, text: &[char]) -> Option<bool> {
    let (from_start, rest) = branch.strip_prefix('^').map_or((false, branch), |rest| (true, rest));
    let (to_end, rest) = match rest.strip_suffix('$') {
        Some(rest) if !rest.ends_with('\\') => (true, rest),
        _ => (false, rest),
    };
    let pieces = parse(rest)?;
    let mut steps = 0;
    let starts = if from_start { 0..=0 } else { 0..=text.len() };
    Some(starts.into_iter().any(|at| matches(&pieces, text, at, to_end, &mut steps)))
}

fn matches(pieces: &[Piece], text: &[char], at: usize, to_end: bool, steps: &mut usize) -> bool {
    *steps += 1;
    let Some((piece, rest)) = pieces.split_first() else { return !to_end || at == text.len() };
    let here = text.get(at..).unwrap_or(&[]);
    let run = here.iter().take(piece.most).take_while(|c| piece.atom.fits(**c)).count();
    *steps < MAX_STEPS && (piece.least..=run).rev().any(|n| matches(rest, text, at + n, to_end, steps))
}

fn parse(pattern: &str) -> Option<Vec<Piece>> {
    let mut chars = pattern.chars().peekable();
    let mut pieces = Vec::new();
    while let Some(c) = chars.next() {
        let atom = match c {
            '.' => Atom::Any,
            '\\' => escaped(chars.next()?),
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                let mut ranges: Vec<(char, char)> = Vec::new();
                loop {
                    let low = match chars.next()? {
                        ']' if !ranges.is_empty() => break,
                        '\\' => chars.next()?,
                        c => c,
                    };
                    let mut ahead = chars.clone();
                    let range = ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']');
                    let high = if range { chars.nth(1)? } else { low };
                    ranges.push((low, high));
                }
                Atom::Class(ranges, negated)
            }
            '*' | '+' | '?' | '(' | ')' => return None,
            c => Atom::One(c),
        };
        let (least, most) = match chars.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            _ => (1, 1),
        };
        if (least, most) != (1, 1) {
            chars.next();
        }
        pieces.push(Piece { atom, least, most });
    }
    Some(pieces)
}

fn escaped(c: char) -> Atom {
    match c {
        'd' => Atom::Class(vec![('0', '9')], false),
        'w' => Atom::Class(vec![('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')], false),
        c => Atom::One(c),
    }
}

#[cfg(test)]
mod tests {
    use super::name_fits;

    #[test]
    fn name_filters_are_regular_expressions() {
        for (pattern, name) in [
            ("we", "web"),
            ("^web$", "web"),
            ("^w.*b", "web1"),
            ("a[12]", "a2"),
            ("b|c", "xc"),
            ("w?e+b", "eeb"),
            ("", "x"),
        ] {
            assert!(name_fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("^eb", "web"), ("we$", "web"), ("a[^12]$", "a2"), ("*", "a"), ("[", "["), (r"a\.b", "acb")]
        {
            assert!(!name_fits(pattern, name), "{pattern} {name}");
        }
        assert!(!name_fits(&format!("{}c", "a*".repeat(40)), &"a".repeat(60)));
    }
}
