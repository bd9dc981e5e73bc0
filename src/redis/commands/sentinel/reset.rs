//! SENTINEL RESET pattern

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|reset",
    arity: 3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Resets Redis masters by name matching a pattern.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "O(N) where N is the number of monitored masters",
        args: "pattern:p",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::work(cx, |watch, words, out| {
        let count = watch.reset_all(words.get(2).copied().unwrap_or_default());
        out.len(count);
        Ok(())
    })
}
