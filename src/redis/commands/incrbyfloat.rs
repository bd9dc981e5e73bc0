//! INCRBYFLOAT key increment

use super::prelude::*;
use crate::server::decimal;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "incrbyfloat",
    arity: 3,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Increment the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
        since: "2.6.0",
        group: "string",
        complexity: "O(1)",
        args: "key:k@0 increment:d",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let old = match cx.s.write(cx.db, key) {
        None => b"0".to_vec(),
        Some(value) => value.bytes().ok_or(Fail::from(err::WRONG_TYPE))?.into_owned(),
    };
    let sum = decimal::add(&old, cx.arg(2))?;
    cx.s.replace_value(cx.db, key, Value::Str(sum.as_bytes().into()), true);
    cx.changed(notify::STRING, "incrbyfloat", key, 1);
    cx.propagate_as(&[b"SET", key, sum.as_bytes(), b"KEEPTTL"]);
    cx.out.text(&sum);
    Ok(())
}
