//! What `${name…}` does to a value.

use super::pattern::Pattern;
use super::{Field, Kind};
use crate::syntax::ast::{CaseKind, ReplaceKind};
use crate::text::{Escapes, reusable_quote, unescape};

/// `${x#pattern}`.
pub fn remove_prefix(text: &str, pattern: &Pattern, long: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut steps = 0;
    let fits = |end: &usize| pattern.matches_within(chars.get(..*end).unwrap_or(&[]), &mut steps);
    let end = if long { (0..=chars.len()).rev().find(fits) } else { (0..=chars.len()).find(fits) };
    chars.iter().skip(end.unwrap_or(0)).collect()
}

/// `${x%pattern}`.
pub fn remove_suffix(text: &str, pattern: &Pattern, long: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut steps = 0;
    let fits = |start: &usize| pattern.matches_within(chars.get(*start..).unwrap_or(&[]), &mut steps);
    let start = if long { (0..=chars.len()).find(fits) } else { (0..=chars.len()).rev().find(fits) };
    chars.iter().take(start.unwrap_or(chars.len())).collect()
}

/// The replacement of `${x/…/…}`: text in which an unquoted `&` stands for what matched.
pub struct Replacement {
    /// Texts between the ampersands.
    pieces: Vec<String>,
}

impl Replacement {
    /// From the expanded word.
    pub fn new(fields: &[Field], ampersand: bool) -> Replacement {
        let mut pieces = vec![String::new()];
        for (i, field) in fields.iter().enumerate() {
            if i > 0 {
                add(&mut pieces, " ");
            }
            for piece in field {
                if piece.kind == Kind::Quoted || !ampersand {
                    add(&mut pieces, &piece.text);
                    continue;
                }
                let mut chars = piece.text.chars().peekable();
                while let Some(c) = chars.next() {
                    match c {
                        '\\' if chars.peek() == Some(&'&') => {
                            chars.next();
                            add(&mut pieces, "&");
                        }
                        '&' => pieces.push(String::new()),
                        c => add(&mut pieces, c.encode_utf8(&mut [0; 4])),
                    }
                }
            }
        }
        Replacement { pieces }
    }

    fn text(&self, matched: &[char]) -> String {
        let matched: String = matched.iter().collect();
        self.pieces.join(&matched)
    }
}

fn add(pieces: &mut Vec<String>, text: &str) {
    match pieces.last_mut() {
        Some(last) => last.push_str(text),
        None => pieces.push(text.to_string()),
    }
}

/// `${x/pattern/replacement}`; `None` where the result is longer than `most` bytes.
pub fn replace(
    text: &str,
    pattern: &Pattern,
    kind: ReplaceKind,
    replacement: &Replacement,
    most: usize,
) -> Option<String> {
    if let (Some(literal), true) = (pattern.as_literal(), kind == ReplaceKind::All) {
        if literal.is_empty() {
            return Some(text.to_string());
        }
        let with = replacement.text(&literal.chars().collect::<Vec<_>>());
        let longer = text.matches(&literal).count().saturating_mul(with.len().saturating_sub(literal.len()));
        return (text.len().saturating_add(longer) <= most).then(|| text.replace(&literal, &with));
    }
    let chars: Vec<char> = text.chars().collect();
    let slice = |from: usize, to: usize| chars.get(from..to).unwrap_or(&[]);
    let mut out = String::new();
    let mut at = 0;
    let mut steps = 0;
    while at <= chars.len() {
        let from = match kind {
            ReplaceKind::Prefix if at > 0 => break,
            _ => at,
        };
        let end = match kind {
            ReplaceKind::Suffix => pattern.matches_within(slice(from, chars.len()), &mut steps).then_some(chars.len()),
            _ => match pattern.fixed_length() {
                Some(length) => Some(from + length)
                    .filter(|end| *end <= chars.len() && pattern.matches_within(slice(from, *end), &mut steps)),
                None => (from..=chars.len()).rev().find(|end| pattern.matches_within(slice(from, *end), &mut steps)),
            },
        };
        match end {
            Some(end) if end > from || (kind == ReplaceKind::Prefix || kind == ReplaceKind::Suffix) => {
                let with = replacement.text(slice(from, end));
                if out.len() + with.len() > most {
                    return None;
                }
                out.push_str(&with);
                at = end;
                if kind != ReplaceKind::All {
                    break;
                }
                if end == chars.len() {
                    break;
                }
            }
            _ => {
                let Some(c) = chars.get(at) else { break };
                out.push(*c);
                at += 1;
            }
        }
    }
    out.extend(chars.iter().skip(at));
    Some(out)
}

/// `${x^pattern}` and its kin.
pub fn change_case(text: &str, pattern: &Pattern, kind: CaseKind) -> String {
    let all = matches!(kind, CaseKind::UpperAll | CaseKind::LowerAll | CaseKind::ToggleAll);
    let any = pattern.as_literal().is_some_and(|text| text.is_empty());
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        let fits = (i == 0 || all) && (any || pattern.matches_chars(&[c]));
        match kind {
            _ if !fits => out.push(c),
            CaseKind::UpperFirst | CaseKind::UpperAll => out.extend(c.to_uppercase()),
            CaseKind::LowerFirst | CaseKind::LowerAll => out.extend(c.to_lowercase()),
            CaseKind::ToggleFirst | CaseKind::ToggleAll if c.is_uppercase() => out.extend(c.to_lowercase()),
            CaseKind::ToggleFirst | CaseKind::ToggleAll => out.extend(c.to_uppercase()),
        }
    }
    out
}

/// `${x@Q}` and its kin.
pub fn transform(text: &str, op: char) -> String {
    match op {
        'Q' | 'K' | 'k' => reusable_quote(text),
        'E' => unescape(text, Escapes::AnsiC).0,
        'U' => text.to_uppercase(),
        'L' => text.to_lowercase(),
        'u' => {
            let mut chars = text.chars();
            chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
        }
        _ => text.to_string(),
    }
}

/// The range that an offset and a length cut out of `count` things; none where the length is below zero.
pub fn cut(count: usize, offset: i64, length: Option<i64>) -> Option<std::ops::Range<usize>> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let start = if offset < 0 { count + offset } else { offset };
    if start < 0 || start > count {
        return Some(0..0);
    }
    let end = match length {
        None => count,
        Some(length) if length < 0 => count + length,
        Some(length) => start.saturating_add(length).min(count),
    };
    (end >= start).then_some(start as usize..end as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expand::Piece;
    use crate::expand::pattern::MatchOptions;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text, MatchOptions::default())
    }

    #[test]
    fn values_are_cut_and_replaced() {
        assert_eq!(remove_prefix("/usr/local/bin", &pattern("*/"), true), "bin");
        assert_eq!(remove_prefix("/usr/local/bin", &pattern("*/"), false), "usr/local/bin");
        assert_eq!(remove_suffix("a.tar.gz", &pattern(".*"), false), "a.tar");
        assert_eq!(remove_suffix("a.tar.gz", &pattern(".*"), true), "a");
        let with = |text: &str| Replacement::new(&[vec![Piece { kind: Kind::Literal, text: text.into() }]], true);
        let replaced =
            |text: &str, of: &str, kind, by: &str| replace(text, &pattern(of), kind, &with(by), 100).expect("short");
        assert_eq!(replaced("banana", "an", ReplaceKind::All, "X"), "bXXa");
        assert_eq!(replaced("banana", "a*", ReplaceKind::First, "<&>"), "b<anana>");
        assert_eq!(replaced("banana", "?a", ReplaceKind::Suffix, "!"), "bana!");
        assert_eq!(replaced("banana", "", ReplaceKind::Prefix, "x"), "xbanana");
        for of in ["a", "[a]"] {
            assert_eq!(replace(&"a".repeat(50), &pattern(of), ReplaceKind::All, &with("bbb"), 100), None);
        }
        assert_eq!(change_case("hello", &pattern(""), CaseKind::UpperFirst), "Hello");
        assert_eq!(cut(5, -3, Some(2)), Some(2..4));
        assert_eq!(cut(5, 1, Some(-1)), Some(1..4));
        assert_eq!(cut(5, 3, Some(-4)), None);
    }
}
