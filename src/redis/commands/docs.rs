//! The notation of a command's arguments, and the replies of COMMAND that describe commands.
//!
//! An argument is `name:kind`, then in this order, each if it applies: `@N` (number of its key
//! specification), `=TOKEN` (`_` for a space), `?` (optional), `*` (several), `+` (the token too),
//! `^version` (since), `~version` (deprecated), `!text` (how it is shown), and for blocks and choices
//! the arguments they consist of in parentheses.

use super::{Begin, Command, Find, KeySpec, acl, flag, key};
use resp::Reply;

/// One argument.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arg<'a> {
    /// Its name.
    pub name: &'a str,
    /// The letter of its kind.
    pub kind: u8,
    key: Option<i64>,
    token: Option<&'a str>,
    optional: bool,
    multiple: bool,
    multiple_token: bool,
    since: Option<&'a str>,
    deprecated: Option<&'a str>,
    display: Option<&'a str>,
    children: Vec<Arg<'a>>,
}

/// Reads the notation.
pub fn parse(text: &str) -> Vec<Arg<'_>> {
    list(text).0
}

fn list(mut text: &str) -> (Vec<Arg<'_>>, &str) {
    let mut args = Vec::new();
    loop {
        text = text.trim_start_matches(' ');
        if text.is_empty() || text.starts_with(')') {
            return (args, text.strip_prefix(')').unwrap_or(text));
        }
        let (arg, rest) = one(text);
        args.push(arg);
        text = rest;
    }
}

fn word<'a>(text: &mut &'a str) -> &'a str {
    let end = text.find(['?', '*', '+', '^', '~', '!', '(', ')', ' ', '@', '=']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    *text = rest;
    word
}

fn one(text: &str) -> (Arg<'_>, &str) {
    let (name, mut rest) = text.split_once(':').unwrap_or((text, ""));
    let mut arg = Arg { name, kind: rest.bytes().next().unwrap_or(b's'), ..Arg::default() };
    rest = rest.get(1..).unwrap_or("");
    while let Some(mark) = rest.bytes().next() {
        let before = rest;
        rest = &rest[1..];
        match mark {
            b'@' => arg.key = word(&mut rest).parse().ok(),
            b'=' if rest.starts_with("\"\"") => {
                arg.token = Some("");
                rest = &rest[2..];
            }
            b'=' if rest.starts_with(['*', '=', '~', '+']) => {
                arg.token = Some(&rest[..1]);
                rest = &rest[1..];
            }
            b'=' => arg.token = Some(word(&mut rest)),
            b'?' => arg.optional = true,
            b'*' => arg.multiple = true,
            b'+' => arg.multiple_token = true,
            b'^' => arg.since = Some(word(&mut rest)),
            b'~' => arg.deprecated = Some(word(&mut rest)),
            b'!' => arg.display = Some(word(&mut rest)),
            b'(' => (arg.children, rest) = list(rest),
            _ => return (arg, before),
        }
    }
    (arg, rest)
}

fn kind_name(kind: u8) -> &'static str {
    match kind {
        b'i' => "integer",
        b'd' => "double",
        b'k' => "key",
        b'p' => "pattern",
        b'u' => "unix-time",
        b't' => "pure-token",
        b'o' => "oneof",
        b'b' => "block",
        _ => "string",
    }
}

fn reply_arg(arg: &Arg<'_>, out: &mut Reply) {
    let flags: Vec<&str> =
        [(arg.optional, "optional"), (arg.multiple, "multiple"), (arg.multiple_token, "multiple_token")]
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, name)| *name)
            .collect();
    let plain = arg.children.is_empty();
    let mark = out.later();
    let mut fields = 2;
    let text = |out: &mut Reply, name: &str, value: &str| {
        out.text(name);
        out.text(value);
    };
    text(out, "name", arg.name);
    text(out, "type", kind_name(arg.kind));
    if plain {
        text(out, "display_text", &arg.display.unwrap_or(arg.name).replace('_', " "));
        fields += 1;
    }
    if let Some(n) = arg.key {
        out.text("key_spec_index");
        out.int(n);
        fields += 1;
    }
    for (name, value) in [("token", arg.token), ("since", arg.since), ("deprecated_since", arg.deprecated)] {
        if let Some(value) = value {
            if name == "token" {
                text(out, name, &value.replace('_', " "));
            } else {
                text(out, name, value);
            }
            fields += 1;
        }
    }
    if !flags.is_empty() {
        out.text("flags");
        out.set(flags.len());
        for flag in flags {
            out.simple(flag);
        }
        fields += 1;
    }
    if !plain {
        out.text("arguments");
        out.array(arg.children.len());
        for child in &arg.children {
            reply_arg(child, out);
        }
        fields += 1;
    }
    out.map_at(mark, fields);
}

/// A command's part of COMMAND DOCS: the map without the name.
pub fn reply_docs(command: &Command, sentinel: bool, out: &mut Reply) {
    let docs = &command.docs;
    let mark = out.later();
    let mut fields = 3;
    for (name, value) in [("summary", docs.summary), ("since", docs.since), ("group", docs.group)] {
        out.text(name);
        out.text(value);
    }
    if !docs.complexity.is_empty() {
        out.text("complexity");
        out.text(docs.complexity);
        fields += 1;
    }
    if !docs.flags.is_empty() {
        out.text("doc_flags");
        out.set(docs.flags.len());
        for flag in docs.flags {
            out.simple(flag);
        }
        fields += 1;
    }
    if let Some((since, instead)) = docs.deprecated {
        out.text("deprecated_since");
        out.text(since);
        fields += 1;
        if !instead.is_empty() {
            out.text("replaced_by");
            out.text(instead);
            fields += 1;
        }
    }
    if !docs.history.is_empty() {
        out.text("history");
        out.set(docs.history.len());
        for (version, change) in docs.history {
            out.array(2);
            out.text(version);
            out.text(change);
        }
        fields += 1;
    }
    let args = parse(docs.args);
    if !args.is_empty() {
        out.text("arguments");
        out.array(args.len());
        for arg in &args {
            reply_arg(arg, out);
        }
        fields += 1;
    }
    let subs = command.subs_in(sentinel);
    if !subs.is_empty() {
        out.text("subcommands");
        out.map(subs.len());
        for sub in subs {
            out.text(sub.name);
            reply_docs(sub, sentinel, out);
        }
        fields += 1;
    }
    out.map_at(mark, fields);
}

fn names(out: &mut Reply, bits: u32, all: &[&str], prefix: &str) {
    let set: Vec<String> = all
        .iter()
        .enumerate()
        .filter(|(n, _)| bits & (1 << n) != 0)
        .map(|(_, name)| format!("{prefix}{name}"))
        .collect();
    out.set(set.len());
    for name in set {
        out.simple(&name);
    }
}

/// A command's part of COMMAND INFO.
pub fn reply_info(command: &Command, sentinel: bool, out: &mut Reply) {
    out.array(10);
    out.text(&command.shown_name());
    out.int(i64::from(command.arity));
    // These are not told.
    let hidden = flag::MAY_REPLICATE | flag::PROTECTED | flag::TOUCHES_ARBITRARY_KEYS;
    names(out, command.flags & !hidden, &flag::NAMES, "");
    out.int(i64::from(command.first.0));
    out.int(i64::from(command.first.1));
    out.int(i64::from(command.first.2));
    names(out, command.acl, &acl::NAMES, "@");
    out.set(command.tips.len());
    for tip in command.tips {
        out.text(tip);
    }
    out.set(command.keys.len());
    for spec in command.keys {
        reply_keys(spec, out);
    }
    let subs = command.subs_in(sentinel);
    out.array(subs.len());
    for sub in subs {
        reply_info(sub, sentinel, out);
    }
}

fn reply_keys(spec: &KeySpec, out: &mut Reply) {
    out.map(if spec.notes.is_empty() { 3 } else { 4 });
    if !spec.notes.is_empty() {
        out.text("notes");
        out.text(spec.notes);
    }
    out.text("flags");
    names(out, spec.flags, &key::NAMES, "");
    out.text("begin_search");
    let numbers = |out: &mut Reply, kind: &str, values: &[(&str, i32)]| {
        out.map(2);
        out.text("type");
        out.text(kind);
        out.text("spec");
        out.map(values.len());
        for (name, value) in values {
            out.text(name);
            out.int(i64::from(*value));
        }
    };
    match spec.begin {
        Begin::Index(n) => numbers(out, "index", &[("index", n)]),
        Begin::Keyword(word, from) => {
            out.map(2);
            out.text("type");
            out.text("keyword");
            out.text("spec");
            out.map(2);
            out.text("keyword");
            out.text(word);
            out.text("startfrom");
            out.int(i64::from(from));
        }
        Begin::Unknown => numbers(out, "unknown", &[]),
    }
    out.text("find_keys");
    match spec.find {
        Find::Range(last, step, limit) => {
            numbers(out, "range", &[("lastkey", last), ("keystep", step), ("limit", limit)])
        }
        Find::KeyNum(place, first, step) => {
            numbers(out, "keynum", &[("keynumidx", place), ("firstkey", first), ("keystep", step)])
        }
        Find::Unknown => numbers(out, "unknown", &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_notation() {
        let args = parse("key:k@0 condition:o?^2.6.12(nx:t=NX xx:t=XX) data:b*(score:d member:s) id:s=*");
        assert_eq!(args.len(), 4);
        assert_eq!((args[0].kind, args[0].key), (b'k', Some(0)));
        assert_eq!(args[1].since, Some("2.6.12"));
        assert_eq!(args[1].children[1].token, Some("XX"));
        assert!(args[2].multiple && args[2].children.len() == 2);
        assert_eq!(args[3].token, Some("*"));
    }
}
