//! Arguments: words, `NAME=value` pairs, JSON arrays, here-document marks.

use crate::node::{Heredoc, Node};

/// So many here-documents may one instruction have.
const MAX_HEREDOCS: usize = 32;

/// Splits at white space outside quotes; quotes and escapes stay.
pub fn split(text: &str, escape: char) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let (mut quote, mut inside) = (None, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            Some('\'') if c != '\'' => word.push(c),
            _ if c == escape => {
                word.push(c);
                word.extend(chars.next());
                inside = true;
            }
            Some(q) => {
                word.push(c);
                if c == q {
                    quote = None;
                }
            }
            None if c.is_whitespace() => {
                if inside {
                    out.push(std::mem::take(&mut word));
                }
                inside = false;
            }
            None => {
                if c == '"' || c == '\'' {
                    quote = Some(c);
                }
                inside = true;
                word.push(c);
            }
        }
    }
    if inside || !word.is_empty() {
        out.push(word);
    }
    out
}

/// The pairs of `ENV` and `LABEL`: `a=b c=d`, or the old `a b c`.
pub fn pairs(text: &str, escape: char, keyword: &str) -> Result<Vec<(String, String)>, String> {
    let words = split(text, escape);
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    if !first.contains('=') {
        let (name, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if value.trim().is_empty() {
            return Err(format!("{keyword} must have two arguments"));
        }
        return Ok(vec![(name.to_string(), value.trim_start().to_string())]);
    }
    words
        .iter()
        .map(|word| match word.split_once('=') {
            Some((name, value)) => Ok((name.to_string(), value.to_string())),
            None => Err(format!("Syntax error - can't find = in \"{word}\". Must be of the form: name=value")),
        })
        .collect()
}

/// A JSON array of strings; `None` if it is none.
pub fn json_array(text: &str) -> Option<Vec<String>> {
    let mut rest = text.trim().strip_prefix('[')?.trim_start();
    let mut out = Vec::new();
    if let Some(end) = rest.strip_prefix(']') {
        return end.trim().is_empty().then_some(out);
    }
    loop {
        let (item, after) = json_string(rest)?;
        out.push(item);
        let after = after.trim_start();
        match after.chars().next()? {
            ',' => rest = after[1..].trim_start(),
            ']' => return after[1..].trim().is_empty().then_some(out),
            _ => return None,
        }
    }
}

fn json_string(text: &str) -> Option<(String, &str)> {
    let body = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &body[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                'b' => out.push('\u{8}'),
                'f' => out.push('\u{c}'),
                'u' => {
                    let mut code = 0;
                    for _ in 0..4 {
                        code = code * 16 + chars.next()?.1.to_digit(16)?;
                    }
                    out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                }
                other @ ('"' | '\\' | '/') => out.push(other),
                _ => return None,
            },
            c if (c as u32) < 0x20 => return None,
            c => out.push(c),
        }
    }
    None
}

/// The here-documents that an instruction begins (`ADD`, `COPY`, `RUN` only), without their content.
pub fn heredocs(node: &Node) -> Vec<Heredoc> {
    let takes = ["ADD", "COPY", "RUN"].iter().any(|k| node.keyword.eq_ignore_ascii_case(k));
    if !takes || json_array(&node.rest).is_some() {
        return Vec::new();
    }
    split(&node.rest, node.escape).iter().filter_map(|w| mark(w)).take(MAX_HEREDOCS).collect()
}

/// `3<<-"EOF"`: the beginning of a here-document.
pub fn mark(word: &str) -> Option<Heredoc> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (chomp, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let name: String = rest.chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect();
    (!name.is_empty()).then(|| Heredoc { expand: name == rest, name, content: String::new(), chomp })
}
