//! EVAL script numkeys [key [...]] [arg [...]]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "eval",
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
        summary: "Executes a server-side Lua script.",
        since: "2.6.0",
        group: "scripting",
        complexity: "Depends on the script that is executed.",
        args: "script:s numkeys:i key:k@0?* arg:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::scripts::eval(cx, false)
}
