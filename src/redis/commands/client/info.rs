//! CLIENT INFO

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|info",
    arity: 2,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns information about the connection.",
        since: "6.2.0",
        group: "connection",
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
    super::list::note_words(cx);
    let mut line = cx.s.describe_client(cx.client);
    cx.me().words = (0, 0);
    line.push('\n');
    cx.out.verbatim("txt", line.as_bytes());
    Ok(())
}
