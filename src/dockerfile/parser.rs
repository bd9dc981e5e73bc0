//! Lines to nodes: directives, comments, continuations, here-documents, flags.

use crate::error::ParseError;
use crate::flags;
use crate::node::{Lines, Node};
use crate::words;

/// `# syntax=…`, `# escape=…`, `# check=…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directives {
    /// The frontend that is asked for, and its line.
    pub syntax: Option<(String, u32)>,
    /// The character that continues lines and escapes.
    pub escape: Option<char>,
    /// Options of the checks.
    pub check: Option<String>,
}

impl Directives {
    /// The escape character.
    pub fn escape_char(&self) -> char {
        self.escape.unwrap_or('\\')
    }
}

/// The result.
#[derive(Debug)]
pub struct Parsed {
    /// What stands at the top.
    pub directives: Directives,
    /// The instructions.
    pub nodes: Vec<Node>,
    /// Lines behind an empty continuation line.
    pub empty_continuations: Vec<u32>,
}

/// Reads a whole file.
pub fn parse(text: &str) -> Result<Parsed, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let all: Vec<&str> = text.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).collect();
    let directives = directives(&all)?;
    let escape = directives.escape_char();
    let mut parsed = Parsed { directives, nodes: Vec::new(), empty_continuations: Vec::new() };
    let mut at = 0;
    while at < all.len() {
        let line = all[at].trim_start();
        if line.is_empty() || line.starts_with('#') {
            at += 1;
            continue;
        }
        let start = at;
        let (mut joined, mut goes_on) = cut_continuation(line, escape);
        let mut empty = false;
        at += 1;
        while goes_on && at < all.len() {
            let next = all[at];
            at += 1;
            if next.trim_start().starts_with('#') {
                continue;
            }
            if next.trim().is_empty() {
                // What the last line of the file leaves behind is no line.
                empty |= at < all.len();
                continue;
            }
            let (more, further) = cut_continuation(next, escape);
            joined.push_str(&more);
            goes_on = further;
        }
        if empty {
            parsed.empty_continuations.push(at as u32);
        }
        let mut node = node(joined.trim_end(), escape, (start as u32 + 1, at as u32))?;
        for mut heredoc in words::heredocs(&node) {
            let mut ended = false;
            while at < all.len() && !ended {
                let raw = all[at];
                let line = if heredoc.chomp { raw.trim_start_matches('\t') } else { raw };
                at += 1;
                ended = line == heredoc.name;
                if !ended {
                    heredoc.content.push_str(line);
                    heredoc.content.push('\n');
                }
            }
            if !ended {
                return Err(ParseError::at((start as u32 + 1, at as u32), "unterminated heredoc"));
            }
            node.heredocs.push(heredoc);
        }
        node.lines.1 = at.max(start + 1) as u32;
        // Blank and comment lines that a continuation swallowed do not count.
        while node.lines.1 > node.lines.0 && all.get(node.lines.1 as usize - 1).is_some_and(|l| l.trim().is_empty()) {
            node.lines.1 -= 1;
        }
        parsed.nodes.push(node);
    }
    if parsed.nodes.is_empty() {
        let last = all.iter().rposition(|l| !l.trim().is_empty()).map_or(1, |n| n as u32 + 1);
        return Err(ParseError::at((1, last), "file with no instructions"));
    }
    Ok(parsed)
}

/// A line without the escape character at its end, and whether there was one.
fn cut_continuation(line: &str, escape: char) -> (String, bool) {
    let bare = line.trim_end_matches([' ', '\t']);
    match bare.strip_suffix(escape) {
        Some(before) if !before.ends_with(escape) => (before.to_string(), true),
        _ => (line.to_string(), false),
    }
}

fn directives(all: &[&str]) -> Result<Directives, ParseError> {
    let mut found = Directives::default();
    for (i, line) in all.iter().enumerate() {
        let Some((name, value)) = directive(line) else { break };
        let lines = (i as u32 + 1, i as u32 + 1);
        let twice = || ParseError::at(lines, format!("only one {name} parser directive can be used"));
        match name.as_str() {
            "syntax" if found.syntax.is_some() => return Err(twice()),
            "syntax" => found.syntax = Some((value, lines.0)),
            "escape" if found.escape.is_some() => return Err(twice()),
            "escape" => {
                found.escape = match value.as_str() {
                    "\\" => Some('\\'),
                    "`" => Some('`'),
                    other => {
                        return Err(ParseError::at(
                            lines,
                            format!("invalid escape token '{other}' does not match ` or \\"),
                        ));
                    }
                }
            }
            "check" => found.check = Some(value),
            _ => break,
        }
    }
    Ok(found)
}

fn directive(line: &str) -> Option<(String, String)> {
    let (name, value) = line.trim_start().strip_prefix('#')?.split_once('=')?;
    let name = name.trim().to_lowercase();
    let ok = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    ok.then(|| (name, value.trim().to_string()))
}

fn node(line: &str, escape: char, lines: Lines) -> Result<Node, ParseError> {
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    let (flags, rest) = flags::extract(rest.trim(), escape);
    Ok(Node {
        keyword: keyword.to_string(),
        original: line.to_string(),
        rest,
        flags,
        lines,
        heredocs: Vec::new(),
        escape,
    })
}
