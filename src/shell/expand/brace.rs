//! Brace expansion: `a{b,c}d`, `{1..5}`, `{a..z..2}`. It works on a word's parts before anything else.

use crate::syntax::ast::{Part, Word};

/// Words that one brace expansion may give: for more the machine's memory would not do.
const MAX_WORDS: usize = 1_000_000;

/// Braces inside each other that are looked into.
const MAX_DEPTH: u32 = 32;

/// A character of unquoted text, or a part that braces do not look into.
#[derive(Clone)]
enum Item {
    Char(char),
    /// A word of a sequence.
    Made(String),
    Part(Part),
}

/// So many elements are more than there is memory for; the braces stay as they are.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMany(pub u64);

/// The words that a word stands for; the word itself where no brace expands.
pub fn expand(word: &Word) -> Result<Vec<Word>, TooMany> {
    let has_brace = word.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{')));
    if !has_brace {
        return Ok(vec![word.clone()]);
    }
    let mut items = Vec::new();
    for part in &word.parts {
        match part {
            Part::Literal(text) => items.extend(text.chars().map(Item::Char)),
            other => items.push(Item::Part(other.clone())),
        }
    }
    Ok(expand_items(&items, 0)?.into_iter().map(|items| to_word(&items)).collect())
}

fn to_word(items: &[Item]) -> Word {
    let mut parts: Vec<Part> = Vec::new();
    for item in items {
        match (item, parts.last_mut()) {
            (Item::Char(c), Some(Part::Literal(text))) => text.push(*c),
            (Item::Char(c), _) => parts.push(Part::Literal(c.to_string())),
            (Item::Made(made), Some(Part::Literal(text))) => text.push_str(made),
            (Item::Made(made), _) => parts.push(Part::Literal(made.clone())),
            (Item::Part(part), _) => parts.push(part.clone()),
        }
    }
    Word { parts, text: String::new() }
}

fn is_char(item: Option<&Item>, want: char) -> bool {
    matches!(item, Some(Item::Char(c)) if *c == want)
}

fn expand_items(items: &[Item], depth: u32) -> Result<Vec<Vec<Item>>, TooMany> {
    let mut from = 0;
    while let Some(open) = items.iter().skip(from).position(|item| is_char(Some(item), '{')).map(|i| i + from) {
        let Some((close, commas)) = find_close(items, open) else {
            from = open + 1;
            continue;
        };
        let inside = items.get(open + 1..close).unwrap_or(&[]);
        let choices =
            if commas.is_empty() { sequence(inside)? } else { alternatives(items, open, close, &commas, depth)? };
        let Some(choices) = choices else {
            from = open + 1;
            continue;
        };
        let head = items.get(..open).unwrap_or(&[]);
        let tails = expand_items(items.get(close + 1..).unwrap_or(&[]), depth)?;
        let count = choices.len() * tails.len();
        if count > MAX_WORDS {
            return Err(TooMany(count as u64));
        }
        let mut out = Vec::with_capacity(count);
        for choice in &choices {
            out.extend(tails.iter().map(|tail| [head, choice, tail].concat()));
        }
        return Ok(out);
    }
    Ok(vec![items.to_vec()])
}

/// The closing brace that belongs to the one at `open`, and the commas between them.
fn find_close(items: &[Item], open: usize) -> Option<(usize, Vec<usize>)> {
    let mut depth = 0;
    let mut commas = Vec::new();
    for (i, item) in items.iter().enumerate().skip(open + 1) {
        match item {
            Item::Char('{') => depth += 1,
            Item::Char('}') if depth == 0 => return Some((i, commas)),
            Item::Char('}') => depth -= 1,
            Item::Char(',') if depth == 0 => commas.push(i),
            _ => {}
        }
    }
    None
}

/// The words that a pair of braces gives; none where it is not one to expand.
type Choices = Result<Option<Vec<Vec<Item>>>, TooMany>;

fn alternatives(items: &[Item], open: usize, close: usize, commas: &[usize], depth: u32) -> Choices {
    if depth > MAX_DEPTH {
        return Ok(None);
    }
    let mut out = Vec::new();
    let mut start = open + 1;
    for &end in commas.iter().chain(&[close]) {
        out.extend(expand_items(items.get(start..end).unwrap_or(&[]), depth + 1)?);
        start = end + 1;
    }
    Ok(Some(out))
}

/// `1..5`, `a..e`, `1..10..2`.
fn sequence(inside: &[Item]) -> Choices {
    let text: Option<String> =
        inside.iter().map(|item| if let Item::Char(c) = item { Some(*c) } else { None }).collect();
    let words = match text.and_then(|text| words_of(&text)) {
        Some(words) => words?,
        None => return Ok(None),
    };
    Ok(Some(words.into_iter().map(|word| vec![Item::Made(word)]).collect()))
}

fn words_of(text: &str) -> Option<Result<Vec<String>, TooMany>> {
    let pieces: Vec<&str> = text.split("..").collect();
    let (first, last, step) = match pieces.as_slice() {
        [first, last] => (*first, *last, 1),
        [first, last, step] => (*first, *last, step.parse::<i64>().ok()?),
        _ => return None,
    };
    match (first.parse::<i64>(), last.parse::<i64>()) {
        (Ok(a), Ok(b)) => numbers(a, b, step, width(first).max(width(last))),
        _ => Some(Ok(letters(single(first)?, single(last)?, step))),
    }
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    let c = chars.next()?;
    (chars.next().is_none() && c.is_ascii_alphabetic()).then_some(c)
}

/// Leading zeros ask for numbers of equal width.
fn width(text: &str) -> usize {
    let digits = text.trim_start_matches('-');
    // Rust's formatting takes 65,535 columns at most.
    if digits.len() > 1 && digits.starts_with('0') { text.len().min(60_000) } else { 0 }
}

/// How many steps there are behind the first word.
fn count(a: i64, b: i64, step: i64) -> u64 {
    a.abs_diff(b) / step.unsigned_abs().max(1)
}

fn steps(a: i64, b: i64, step: i64) -> impl Iterator<Item = i64> {
    let size = step.unsigned_abs().max(1);
    let offset = move |i: u64| i64::try_from(i.saturating_mul(size)).unwrap_or(i64::MAX);
    (0..=count(a, b, step)).map(move |i| if a <= b { a.saturating_add(offset(i)) } else { a.saturating_sub(offset(i)) })
}

/// Beyond an `int` of them bash takes the braces for text (bash: braces.c).
fn numbers(a: i64, b: i64, step: i64, width: usize) -> Option<Result<Vec<String>, TooMany>> {
    let count = count(a, b, step).saturating_add(1);
    if count > i32::MAX as u64 - 3 {
        return None;
    }
    if count > MAX_WORDS as u64 {
        return Some(Err(TooMany(count)));
    }
    Some(Ok(steps(a, b, step).map(|n| format!("{n:0width$}")).collect()))
}

fn letters(a: char, b: char, step: i64) -> Vec<String> {
    let codes = steps(i64::from(u32::from(a)), i64::from(u32::from(b)), step);
    codes.filter_map(|code| u32::try_from(code).ok().and_then(char::from_u32)).map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let shown =
            |word: Word| word.parts.iter().map(|p| if let Part::Literal(t) = p { t.as_str() } else { "?" }).collect();
        expand(&Word::literal(text)).expect("few words").into_iter().map(shown).collect()
    }

    #[test]
    fn braces_expand_as_in_bash() {
        for (text, expected) in [
            ("a{b,c}d", "abd acd"),
            ("{1..3}", "1 2 3"),
            ("{3..1}", "3 2 1"),
            ("{01..3}", "01 02 03"),
            ("{a..e..2}", "a c e"),
            ("{a,b}{1,2}", "a1 a2 b1 b2"),
            ("{a,{b,c}}", "a b c"),
            ("{a}", "{a}"),
            ("{a,b", "{a,b"),
            ("x{,y}", "x xy"),
            ("{}", "{}"),
            ("a{b{1..2},c}", "ab1 ab2 ac"),
            ("{-1..1}", "-1 0 1"),
            ("{1..x}", "{1..x}"),
            ("{{a,b}", "{a {b"),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
        assert_eq!(words("{1..100000}").len(), 100_000);
        assert_eq!(words("{1..100000000000}"), ["{1..100000000000}"]);
        assert_eq!(expand(&Word::literal("{1..999999999}")), Err(TooMany(999_999_999)));
        assert_eq!(expand(&Word::literal("{1..9999}{1..9999}")), Err(TooMany(9999 * 9999)));
    }
}
