//! INFO [section [...]]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "info",
    arity: -1,
    flags: flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    docs: Docs {
        summary: "Returns information and statistics about the server.",
        since: "1.0.0",
        group: "server",
        complexity: "O(1)",
        args: "section:s?*",
        history: &[("7.0.0", "Added support for taking multiple section arguments.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let text = cx.s.info(&cx.argv[1..]);
    if cx.s.sentinel_mode {
        cx.out.bulk(text.as_bytes());
        return Ok(());
    }
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}
