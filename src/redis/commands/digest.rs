//! DIGEST key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "digest",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the XXH3 hash of a string value.",
        since: "8.4.0",
        group: "string",
        complexity: "O(N) where N is the length of the string value.",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let Some(value) = cx.s.read(cx.db, cx.arg(1)) else {
        cx.out.null();
        return Ok(());
    };
    let Some(bytes) = value.bytes() else { return Err(err::WRONG_TYPE.into()) };
    let digest = super::string::digest(&bytes);
    cx.out.text(&digest);
    Ok(())
}
