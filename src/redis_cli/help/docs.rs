//! The help that a server gives: the reply of COMMAND DOCS.

use resp::reply::Reply;

use super::Entry;
use super::arguments::{self, Argument, Kind};

/// One entry for each command and subcommand of the reply.
pub fn entries(reply: &Reply) -> Vec<Entry> {
    let mut found = Vec::new();
    for (name, specs) in reply.pairs() {
        command(&mut found, &[name.text().unwrap_or_default()], specs);
    }
    found
}

fn command(found: &mut Vec<Entry>, words: &[String], specs: &Reply) {
    let mut entry = Entry {
        words: words.iter().map(|w| w.to_uppercase()).collect(),
        params: None,
        arguments: Vec::new(),
        summary: String::new(),
        since: None,
        group: String::new(),
    };
    let mut subcommands = Vec::new();
    for (key, value) in specs.pairs() {
        match key.bytes().unwrap_or_default() {
            b"summary" => entry.summary = value.text().unwrap_or_default(),
            b"since" => entry.since = value.text(),
            b"group" => entry.group = value.text().unwrap_or_default(),
            b"arguments" => {
                entry.arguments = list(value);
                entry.params = Some(arguments::hint(&entry.arguments, &[]));
            }
            b"subcommands" if words.len() == 1 => subcommands = value.pairs(),
            _ => {}
        }
    }
    found.push(entry);
    for (name, specs) in subcommands {
        let full = name.text().unwrap_or_default();
        let own = full.split_once('|').map_or(full.as_str(), |(_, own)| own);
        command(found, &[words.first().cloned().unwrap_or_default(), own.into()], specs);
    }
}

fn list(reply: &Reply) -> Vec<Argument> {
    reply.elements().unwrap_or_default().iter().map(argument).collect()
}

fn argument(specs: &Reply) -> Argument {
    let (mut name, mut token, mut kind, mut inner) = (String::new(), None, String::new(), Vec::new());
    let mut display = None;
    let mut flags = Vec::new();
    for (key, value) in specs.pairs() {
        match key.bytes().unwrap_or_default() {
            b"name" => name = value.text().unwrap_or_default(),
            b"display_text" => display = value.text(),
            b"token" => token = value.text(),
            b"type" => kind = value.text().unwrap_or_default(),
            b"arguments" => inner = list(value),
            b"flags" => flags = value.elements().unwrap_or_default().iter().filter_map(Reply::text).collect(),
            _ => {}
        }
    }
    let kind = match kind.as_str() {
        "integer" | "unix-time" => Kind::Integer,
        "double" => Kind::Double,
        "pure-token" => Kind::Token,
        "oneof" => Kind::OneOf(inner),
        "block" => Kind::Block(inner),
        _ => Kind::Text,
    };
    let mut made = Argument::new(display.as_deref().unwrap_or(&name), token.as_deref(), kind);
    let has = |flag: &str| flags.iter().any(|f| f == flag);
    made.optional = has("optional");
    made.multiple = has("multiple");
    made.multiple_token = has("multiple_token");
    made
}
