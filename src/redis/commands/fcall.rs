//! FCALL function numkeys [key [...]] [arg [...]]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "fcall",
    arity: -3,
    flags: flag::MAY_REPLICATE
        | flag::NOSCRIPT
        | flag::STALE
        | flag::SKIP_MONITOR
        | flag::NO_MANDATORY_KEYS
        | flag::MOVABLEKEYS,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[KeySpec {
        begin: Begin::Index(2),
        find: Find::KeyNum(0, 1, 1),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE",
    }],
    tips: &[],
    docs: Docs {
        summary: "Invokes a function.",
        since: "7.0.0",
        group: "scripting",
        complexity: "Depends on the function that is executed.",
        args: "function:s numkeys:i key:k@0?* arg:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::scripts::fcall(cx, false)
}
