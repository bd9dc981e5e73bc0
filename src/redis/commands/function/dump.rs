//! FUNCTION DUMP

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|dump",
    arity: 2,
    flags: flag::NOSCRIPT,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Dumps all libraries into a serialized binary payload.",
        since: "7.0.0",
        group: "scripting",
        complexity: "O(N) where N is the number of functions",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let payload = cx.s.dump_libraries();
    cx.out.bulk(&payload);
    Ok(())
}
