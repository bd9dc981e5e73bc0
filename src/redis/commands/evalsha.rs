//! EVALSHA sha1 numkeys [key [...]] [arg [...]]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "evalsha",
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
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Executes a server-side Lua script by SHA1 digest.",
        since: "2.6.0",
        group: "scripting",
        complexity: "Depends on the script that is executed.",
        args: "sha1:s numkeys:i key:k@0?* arg:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::scripts::evalsha(cx, false)
}
