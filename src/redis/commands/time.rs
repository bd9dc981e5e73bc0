//! TIME

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "time",
    arity: 1,
    flags: flag::LOADING | flag::STALE | flag::FAST,
    acl: acl::FAST,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the server time.",
        since: "2.6.0",
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
    // Time stands still in a script until it is slow: then the server serves others in between and looks at its clock.
    let now = if cx.s.script_busy().is_some() { cx.s.host.wall_us() } else { cx.s.now_us };
    cx.out.array(2);
    cx.out.bulk_int(now / 1_000_000);
    cx.out.bulk_int(now % 1_000_000);
    Ok(())
}
