//! FUNCTION RESTORE serialized-value [FLUSH | APPEND | REPLACE]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|restore",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM | flag::NOSCRIPT,
    acl: acl::WRITE | acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Restores all libraries from a payload.",
        since: "7.0.0",
        group: "scripting",
        complexity: "O(N) where N is the number of functions on the payload",
        args: "serialized-value:s policy:o?(flush:t=FLUSH append:t=APPEND replace:t=REPLACE)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 4 {
        return Err(Fail::Bytes(crate::server::errors::subcommand_syntax(cx.argv)));
    }
    let policy = if cx.argc() == 4 { cx.arg(3) } else { b"append" };
    cx.s.restore_libraries(cx.arg(2), policy).map_err(Fail::Bytes)?;
    cx.s.dirty += 1;
    cx.out.ok();
    Ok(())
}
