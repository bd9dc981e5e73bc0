//! XLEN key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xlen",
    arity: 2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Return the number of messages in a stream.",
        since: "5.0.0",
        group: "stream",
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
    let len = cx.s.stream(cx.db, cx.arg(1))?.map_or(0, |stream| stream.len());
    cx.out.int(len as i64);
    Ok(())
}
