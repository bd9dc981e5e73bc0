//! XREVRANGE key end start [COUNT count]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xrevrange",
    arity: -4,
    flags: flag::READONLY,
    acl: acl::READ | acl::STREAM | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the messages from a stream within a range of IDs in reverse order.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).",
        args: "key:k@0 end:s start:s count:i=COUNT?",
        history: &[("6.2.0", "Added exclusive ranges.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::xrange::reply(cx, true)
}
