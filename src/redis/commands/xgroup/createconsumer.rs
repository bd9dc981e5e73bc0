//! XGROUP CREATECONSUMER key group consumer

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xgroup|createconsumer",
    arity: 5,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::STREAM | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Creates a consumer in a consumer group.",
        since: "6.2.0",
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
    let (name, now) = (cx.arg(4), cx.s.now_ms);
    let made = super::existing_group(cx)?.add_consumer(name, now).is_some();
    if made {
        super::tell(cx, "xgroup-createconsumer");
    }
    cx.out.int(i64::from(made));
    Ok(())
}
