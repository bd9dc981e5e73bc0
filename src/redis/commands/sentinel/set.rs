//! SENTINEL SET name option value [option value ...]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|set",
    arity: -5,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Changes the configuration of a monitored Redis master.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "O(1)",
        args: "master-name:s data:b*(option:s value:s)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::on_master(cx, |watch, master, words, out| watch.set(master, words.get(3..).unwrap_or_default(), out))
}
