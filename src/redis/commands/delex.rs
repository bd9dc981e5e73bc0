//! DELEX key [IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]

use super::prelude::*;
use super::string::Comparison;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "delex",
    arity: -2,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::DELETE | key::VARIABLE_FLAGS,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Conditionally removes the specified key based on value or digest comparison.",
        since: "8.4.0",
        group: "string",
        complexity: "O(1) for IFEQ/IFNE, O(N) for IFDEQ/IFDNE where N is the length of the string value.",
        args: "key:k@0 condition:o?(ifeq-value:s=IFEQ ifne-value:s=IFNE ifdeq-digest:i=IFDEQ ifdne-digest:i=IFDNE)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let holds = match cx.argc() {
        2 => cx.s.exists(cx.db, key),
        4 => holds(cx, key)?,
        _ => return Err(crate::server::errors::arity("delex").into()),
    };
    if holds {
        cx.s.delete(cx.db, key);
        cx.changed(notify::GENERIC, "del", key, 1);
        if cx.argc() > 2 {
            cx.propagate_as(&[b"DEL", key]);
        }
    }
    cx.out.int(i64::from(holds));
    Ok(())
}

/// Whether there is a value that satisfies the condition.
fn holds(cx: &mut Cx<'_>, key: &[u8]) -> Result<bool, Fail> {
    let word = cx.arg(2).to_ascii_uppercase();
    let Some(value) = cx.s.read(cx.db, key) else { return Ok(false) };
    let Some(bytes) = value.bytes() else {
        return Err("ERR Key should be of string type if conditions are specified".into());
    };
    if !matches!(word.as_slice(), b"IFEQ" | b"IFNE" | b"IFDEQ" | b"IFDNE") {
        return Err("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE".into());
    }
    Comparison { word, text: cx.argv[3].to_vec() }.holds(&bytes)
}
