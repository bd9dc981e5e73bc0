//! The help that redis-cli knows without a server: `table.tsv`, one command a line (name, group, since,
//! arguments, summary), made from COMMAND DOCS of Redis 8.6.3.
//!
//! Arguments in short: `?` optional, `*` repeated, `+` repeated with its token, `=TOKEN`, `TOKEN=name`,
//! `(a|b)` one of, `{a b}` in a row, `:i` integer, `:d` double. A dash for no arguments at all.

use super::arguments::{Argument, Kind};
use super::{Entry, arguments};

const TABLE: &str = include_str!("table.tsv");

/// Every command of the table.
pub fn entries() -> Vec<Entry> {
    TABLE.lines().filter_map(entry).collect()
}

fn entry(line: &str) -> Option<Entry> {
    let mut fields = line.split('\t');
    let (name, group, since, syntax, summary) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let arguments = parse(syntax);
    Some(Entry {
        words: name.split(' ').map(Into::into).collect(),
        params: (!arguments.is_empty()).then(|| arguments::hint(&arguments, &[])),
        arguments,
        summary: summary.into(),
        since: Some(since.into()),
        group: group.into(),
    })
}

fn parse(syntax: &str) -> Vec<Argument> {
    let mut rest = syntax;
    list(&mut rest, ' ')
}

fn list(rest: &mut &str, separator: char) -> Vec<Argument> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        found.push(argument(rest));
        match rest.strip_prefix(separator) {
            Some(after) => *rest = after,
            None => break,
        }
    }
    found
}

fn eat(rest: &mut &str, mark: char) -> bool {
    match rest.strip_prefix(mark) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

fn argument(rest: &mut &str) -> Argument {
    let optional = eat(rest, '?');
    let multiple_token = eat(rest, '+');
    let multiple = eat(rest, '*') || multiple_token;
    let pure = eat(rest, '=');
    // A pure token may itself be "=", "*" or nothing at all.
    let end = rest.find([' ', '|', ')', '}', '(', '{']).unwrap_or(rest.len());
    let (atom, after) = rest.split_at(end);
    *rest = after;
    let mut made = if pure {
        Argument::new("", Some(atom), Kind::Token)
    } else {
        let (token, name) = match atom.split_once('=') {
            Some((token, name)) => (Some(token), name),
            None => (None, atom),
        };
        let (name, kind) = if eat(rest, '(') {
            (name, Kind::OneOf(list(rest, '|')))
        } else if eat(rest, '{') {
            (name, Kind::Block(list(rest, ' ')))
        } else if let Some(name) = name.strip_suffix(":i") {
            (name, Kind::Integer)
        } else if let Some(name) = name.strip_suffix(":d") {
            (name, Kind::Double)
        } else {
            (name, Kind::Text)
        };
        match kind {
            Kind::OneOf(_) => _ = eat(rest, ')'),
            Kind::Block(_) => _ = eat(rest, '}'),
            _ => {}
        }
        Argument::new(name, token, kind)
    };
    made.optional = optional;
    made.multiple = multiple;
    made.multiple_token = multiple_token;
    made
}
