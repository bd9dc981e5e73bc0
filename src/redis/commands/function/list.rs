//! FUNCTION LIST [LIBRARYNAME library-name-pattern] [WITHCODE]

use super::super::prelude::*;
use crate::scripting::functions;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|list",
    arity: -2,
    flags: flag::NOSCRIPT,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns information about all libraries.",
        since: "7.0.0",
        group: "scripting",
        complexity: "O(N) where N is the number of functions",
        args: "library-name-pattern:s=LIBRARYNAME? withcode:t=WITHCODE?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    functions::list(cx)
}
