//! STRLEN key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "strlen",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the length of a string value.",
        since: "2.2.0",
        group: "string",
        complexity: "O(1)",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let len = match cx.s.read(cx.db, cx.arg(1)) {
        None => 0,
        Some(value) if value.kind() == Kind::Str => value.str_len(),
        Some(_) => return Err(err::WRONG_TYPE.into()),
    };
    cx.out.len(len);
    Ok(())
}
