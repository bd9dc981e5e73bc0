//! SET key value [NX | XX | IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]
//! Reads the options of SET; its older forms (SETNX, SETEX, PSETEX, GETSET) share the work.

use super::prelude::*;
use crate::commands::string::{self, Expiry};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "set",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::STRING | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE | key::VARIABLE_FLAGS,
        notes: "RW and ACCESS due to the optional `GET` argument",
    }],
    tips: &[],
    docs: Docs {
        summary: "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
        since: "1.0.0",
        group: "string",
        complexity: "O(1)",
        args: "key:k@0 value:s condition:o?^2.6.12(nx:t=NX xx:t=XX ifeq-value:s=IFEQ^8.4.0 ifne-value:s=IFNE^8.4.0 ifdeq-digest:i=IFDEQ^8.4.0 ifdne-digest:i=IFDNE^8.4.0) get:t=GET?^6.2.0 expiration:o?(seconds:i=EX^2.6.12 milliseconds:i=PX^2.6.12 unix-time-seconds:u=EXAT^6.2.0 unix-time-milliseconds:u=PXAT^6.2.0 keepttl:t=KEEPTTL^6.0.0)",
        history: &[
            ("2.6.12", "Added the `EX`, `PX`, `NX` and `XX` options."),
            ("6.0.0", "Added the `KEEPTTL` option."),
            ("6.2.0", "Added the `GET`, `EXAT` and `PXAT` option."),
            ("7.0.0", "Allowed the `NX` and `GET` options to be used together."),
            ("8.4.0", "Added 'IFEQ', 'IFNE', 'IFDEQ', 'IFDNE' options."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut options = Options::default();
    let mut at = 3;
    while at < cx.argc() {
        let word = cx.arg(at).to_ascii_uppercase();
        match word.as_slice() {
            // A condition on the value gives way to one on the key's presence.
            b"NX" if !matches!(options.condition, Some(Condition::Present)) => {
                options.condition = Some(Condition::Missing);
            }
            b"XX" if !matches!(options.condition, Some(Condition::Missing)) => {
                options.condition = Some(Condition::Present);
            }
            b"IFEQ" | b"IFNE" | b"IFDEQ" | b"IFDNE" if options.condition.is_none() && at + 1 < cx.argc() => {
                at += 1;
                options.condition = Some(Condition::Compare(string::Comparison::new(&word, cx.arg(at))));
            }
            b"GET" => options.get = true,
            b"KEEPTTL" if options.expiry.is_none() && !options.keep => options.keep = true,
            b"EX" | b"PX" | b"EXAT" | b"PXAT" if options.expiry.is_none() && !options.keep && at + 1 < cx.argc() => {
                at += 1;
                options.expiry = Some(Expiry::read(cx, &word, at)?);
            }
            _ => return Err(err::SYNTAX.into()),
        }
        at += 1;
    }
    set(cx, options)
}

#[derive(Default)]
struct Options {
    condition: Option<Condition>,
    get: bool,
    keep: bool,
    expiry: Option<Expiry>,
}

enum Condition {
    Missing,
    Present,
    Compare(string::Comparison),
}

fn set(cx: &mut Cx<'_>, options: Options) -> Res {
    let (key, value) = (cx.arg(1), cx.arg(2));
    if options.get {
        string::reply_string(cx, key)?;
    }
    let holds = match &options.condition {
        None => true,
        Some(Condition::Missing) => !cx.s.exists(cx.db, key),
        Some(Condition::Present) => cx.s.exists(cx.db, key),
        Some(Condition::Compare(wanted)) => string::compares(cx, key, wanted)?.unwrap_or(wanted.is_negative()),
    };
    if !holds {
        if !options.get {
            cx.out.null();
        }
        return Ok(());
    }
    string::store(cx, key, value, options.expiry, options.keep);
    match options.expiry {
        Some(expiry) if expiry.when <= cx.s.now_ms => {}
        Some(expiry) => {
            let when = expiry.when.to_string();
            cx.propagate_as(&[b"SET", key, value, b"PXAT", when.as_bytes()]);
        }
        None if options.get => {
            let is_get = |n: usize, word: &[u8]| n >= 3 && word.eq_ignore_ascii_case(b"get");
            let words: Vec<&[u8]> =
                cx.argv.iter().enumerate().filter(|(n, w)| !is_get(*n, w)).map(|(_, w)| *w).collect();
            cx.propagate_as(&words);
        }
        None => {}
    }
    if !options.get {
        cx.out.ok();
    }
    Ok(())
}
