//! MODULE LIST

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "module|list",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns all loaded modules.",
        since: "4.0.0",
        group: "server",
        complexity: "O(N) where N is the number of loaded modules.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::loaded(cx.out);
    Ok(())
}
