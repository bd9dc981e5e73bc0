//! SET key value [NX | XX | IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]
//! Reads the options of SET; its older forms (SETNX, SETEX, PSETEX, GETSET) share the work.

use super::prelude::*;
use crate::commands::string::{self, For, Options};

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
    let options = Options::read(cx, 3, For::Set)?;
    let (key, value) = (cx.arg(1), cx.arg(2));
    let when = options.when(cx)?;
    if options.get {
        string::reply_string(cx, key)?;
    }
    if !holds(cx, key, &options)? {
        if !options.get {
            cx.out.null();
        }
        return Ok(());
    }
    string::store(cx, key, value, when, options.keep);
    match (when, &options.expiry) {
        (Some(when), Some((word, _))) if word != b"PXAT" => {
            let when = when.to_string();
            cx.propagate_as(&[b"SET", key, value, b"PXAT", when.as_bytes()]);
        }
        (None, _) if options.get => {
            // GET is of no use to who hears of it.
            let told = |(n, word): &(usize, &&[u8])| *n < 3 || !word.eq_ignore_ascii_case(b"GET");
            let words: Vec<&[u8]> = cx.argv.iter().enumerate().filter(told).map(|(_, word)| *word).collect();
            cx.propagate_as(&words);
        }
        _ => {}
    }
    if !options.get {
        cx.out.ok();
    }
    Ok(())
}

/// Whether the conditions hold for the present value.
fn holds(cx: &mut Cx<'_>, key: &[u8], options: &Options) -> Result<bool, Fail> {
    if !options.missing && !options.present && options.comparison.is_none() {
        return Ok(true);
    }
    let needs_value = options.present || options.comparison.as_ref().is_some_and(|c| !c.is_negative());
    let Some(value) = cx.s.write(cx.db, key) else { return Ok(!needs_value) };
    if options.missing {
        return Ok(false);
    }
    let Some(comparison) = &options.comparison else { return Ok(true) };
    let Some(bytes) = value.bytes() else { return Err(err::WRONG_TYPE.into()) };
    comparison.holds(&bytes)
}
