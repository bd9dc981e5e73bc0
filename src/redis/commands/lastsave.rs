//! LASTSAVE

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lastsave",
    arity: 1,
    flags: flag::LOADING | flag::STALE | flag::FAST,
    acl: acl::ADMIN | acl::FAST | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the Unix timestamp of the last successful save to disk.",
        since: "1.0.0",
        group: "server",
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
    cx.out.int(cx.s.persist.last_save);
    Ok(())
}
