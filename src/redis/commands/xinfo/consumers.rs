//! XINFO CONSUMERS key group

use super::super::prelude::*;
use crate::commands::stream::no_such_group;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xinfo|consumers",
    arity: 4,
    flags: flag::READONLY,
    acl: acl::READ | acl::STREAM | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns a list of the consumers in a consumer group.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1)",
        args: "key:k@0 group:s",
        history: &[("7.2.0", "Added the `inactive` field, and changed the meaning of `idle`.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, name, now) = (cx.arg(2), cx.arg(3), cx.s.now_ms);
    // The stream is borrowed from the server alone, so that the reply can be written beside it.
    let Some(stream) = cx.s.stream(cx.db, key)? else { return Err(err::NO_KEY.into()) };
    let Some(group) = stream.groups.get(name) else { return Err(no_such_group(key, name)) };
    cx.out.array(group.consumers_len());
    for consumer in group.consumers() {
        cx.out.map(4);
        cx.out.text("name");
        cx.out.bulk(&consumer.name);
        super::number(cx.out, "pending", Some(consumer.pending.len() as i64));
        super::number(cx.out, "idle", Some(now.saturating_sub(consumer.seen).max(0)));
        let inactive = if consumer.active == -1 { -1 } else { now.saturating_sub(consumer.active) };
        super::number(cx.out, "inactive", Some(inactive));
    }
    Ok(())
}
