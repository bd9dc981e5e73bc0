//! BITFIELD_RO key [GET encoding offset [...]]
//!
//! The same for readers: only GET.

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "bitfield_ro",
    arity: -2,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::BITMAP | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Performs arbitrary read-only bitfield integer operations on strings.",
        since: "6.0.0",
        group: "bitmap",
        complexity: "O(1) for each subcommand specified",
        args: "key:k@0 get-block:b=GET?*+(encoding:s offset:i)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::bitfield::generic(cx, true)
}
