//! GETBIT key offset

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "getbit",
    arity: 3,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::BITMAP | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns a bit value by offset.",
        since: "2.2.0",
        group: "bitmap",
        complexity: "O(1)",
        args: "key:k@0 offset:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let offset = super::bitmap::offset(cx, 2, false, 0)?;
    let bytes = super::bitmap::bytes(cx.s, cx.db, cx.arg(1))?;
    let bit = bytes.get((offset >> 3) as usize).is_some_and(|b| b & (1 << (7 - (offset & 7))) != 0);
    cx.out.int(i64::from(bit));
    Ok(())
}
