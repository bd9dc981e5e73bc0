//! SDIFF key [...]

use super::prelude::*;
use crate::commands::set_ops::{Op, combine, reply};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sdiff",
    arity: -2,
    flags: flag::READONLY,
    acl: acl::READ | acl::SET | acl::SLOW,
    first: (1, -1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(-1, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns the difference of multiple sets.",
        since: "1.0.0",
        group: "set",
        complexity: "O(N) where N is the total number of elements in all given sets.",
        args: "key:k@0*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let members = combine(cx, Op::Diff, &cx.argv[1..], usize::MAX)?;
    reply(cx, &members);
    Ok(())
}
