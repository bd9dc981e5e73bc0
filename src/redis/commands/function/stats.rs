//! FUNCTION STATS

use super::super::prelude::*;
use crate::scripting::functions;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|stats",
    arity: 2,
    flags: flag::NOSCRIPT | flag::ALLOW_BUSY,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    docs: Docs {
        summary: "Returns information about a function during execution.",
        since: "7.0.0",
        group: "scripting",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    functions::stats(cx)
}
