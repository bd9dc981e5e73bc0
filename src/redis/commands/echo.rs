//! ECHO message

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "echo",
    arity: 2,
    flags: flag::LOADING | flag::STALE | flag::FAST,
    acl: acl::FAST | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the given string.",
        since: "1.0.0",
        group: "connection",
        complexity: "O(1)",
        args: "message:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    cx.out.bulk(cx.arg(1));
    Ok(())
}
