//! XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [...] id [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xread",
    arity: -4,
    flags: flag::READONLY | flag::BLOCKING | flag::MOVABLEKEYS,
    acl: acl::READ | acl::STREAM | acl::SLOW | acl::BLOCKING,
    first: (0, 0, 0),
    keys: &[KeySpec {
        begin: Begin::Keyword("STREAMS", 1),
        find: Find::Range(-1, 1, 2),
        flags: key::RO | key::ACCESS,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is available otherwise.",
        since: "5.0.0",
        group: "stream",
        complexity: "",
        args: "count:i=COUNT? milliseconds:i=BLOCK? streams:b=STREAMS(key:k@0* id:s*)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::stream_read::run(cx, false)
}
