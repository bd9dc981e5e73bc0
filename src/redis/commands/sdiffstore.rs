//! SDIFFSTORE destination key [...]

use super::prelude::*;
use crate::commands::set_ops::{Op, store};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sdiffstore",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::SET | acl::SLOW,
    first: (1, -1, 1),
    keys: &[
        KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" },
        KeySpec { begin: Begin::Index(2), find: Find::Range(-1, 1, 0), flags: key::RO | key::ACCESS, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Stores the difference of multiple sets in a key.",
        since: "1.0.0",
        group: "set",
        complexity: "O(N) where N is the total number of elements in all given sets.",
        args: "destination:k@0 key:k@1*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    store(cx, Op::Diff, "sdiffstore")
}
