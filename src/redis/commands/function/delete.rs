//! FUNCTION DELETE library-name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|delete",
    arity: 3,
    flags: flag::WRITE | flag::NOSCRIPT,
    acl: acl::WRITE | acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Deletes a library and its functions.",
        since: "7.0.0",
        group: "scripting",
        complexity: "O(1)",
        args: "library-name:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if !cx.s.scripting.functions.delete(cx.arg(2)) {
        return Err("ERR Library not found".into());
    }
    cx.s.dirty += 1;
    cx.out.ok();
    Ok(())
}
