//! XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [...] id [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xreadgroup",
    arity: -7,
    flags: flag::WRITE | flag::BLOCKING | flag::MOVABLEKEYS,
    acl: acl::WRITE | acl::STREAM | acl::SLOW | acl::BLOCKING,
    first: (0, 0, 0),
    keys: &[KeySpec {
        begin: Begin::Keyword("STREAMS", 4),
        find: Find::Range(-1, 1, 2),
        flags: key::RO | key::ACCESS,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is available otherwise.",
        since: "5.0.0",
        group: "stream",
        complexity: "For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.",
        args: "group-block:b=GROUP(group:s consumer:s) count:i=COUNT? milliseconds:i=BLOCK? min-idle-time:i=CLAIM? noack:t=NOACK? streams:b=STREAMS(key:k@0* id:s*)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::stream_read::run(cx, true)
}
