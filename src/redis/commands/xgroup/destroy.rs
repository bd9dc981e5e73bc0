//! XGROUP DESTROY key group

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xgroup|destroy",
    arity: 4,
    flags: flag::WRITE,
    acl: acl::WRITE | acl::STREAM | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Destroys a consumer group.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
        args: "key:k@0 group:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let name = cx.arg(3);
    let gone = super::existing(cx)?.groups.remove(name).is_some();
    cx.out.int(i64::from(gone));
    if gone {
        super::tell(cx, "xgroup-destroy");
        // Whoever waits for the group learns that it is gone.
        cx.s.signal_ready(cx.db, cx.arg(2));
    }
    Ok(())
}
