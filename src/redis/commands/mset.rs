//! MSET key value [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "mset",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::STRING | acl::SLOW,
    first: (1, -1, 2),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(-1, 2, 0), flags: key::OW | key::UPDATE, notes: "" }],
    tips: &["request_policy:multi_shard", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Atomically creates or modifies the string values of one or more keys.",
        since: "1.0.1",
        group: "string",
        complexity: "O(N) where N is the number of keys to set.",
        args: "data:b*(key:k@0 value:s)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::string::set_pairs(cx)?;
    cx.out.ok();
    Ok(())
}
