//! XGROUP DELCONSUMER key group consumer

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xgroup|delconsumer",
    arity: 5,
    flags: flag::WRITE,
    acl: acl::WRITE | acl::STREAM | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Deletes a consumer from a consumer group.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1)",
        args: "key:k@0 group:s consumer:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let name = cx.arg(4);
    let pending = super::existing_group(cx)?.remove_consumer(name);
    if pending.is_some() {
        super::tell(cx, "xgroup-delconsumer");
    }
    cx.out.len(pending.unwrap_or(0));
    Ok(())
}
