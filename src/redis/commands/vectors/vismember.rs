//! VISMEMBER key element

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vismember",
    arity: 3,
    flags: flag::READONLY | flag::MODULE,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Check if an element exists in a vector set",
        since: "8.2.0",
        group: "module",
        complexity: "",
        args: "key:k@0 element:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let name = cx.arg(2);
    let there = cx.s.vectors(cx.db, cx.arg(1))?.is_some_and(|set| set.place(name).is_some());
    cx.out.boolean(there);
    Ok(())
}
