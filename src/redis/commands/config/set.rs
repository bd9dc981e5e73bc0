//! CONFIG SET parameter value [...]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "config|set",
    arity: -4,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Sets configuration parameters in-flight.",
        since: "2.0.0",
        group: "server",
        complexity: "O(N) when N is the number of configuration parameters provided",
        args: "data:b*(parameter:s value:s)",
        history: &[("7.0.0", "Added the ability to set multiple parameters in one call.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::apply::set(cx)?;
    cx.out.ok();
    Ok(())
}
