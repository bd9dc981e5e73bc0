//! COMMAND GETKEYSANDFLAGS command [arg [...]]

use super::super::prelude::*;
use crate::commands::key as property;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "command|getkeysandflags",
    arity: -3,
    flags: flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Extracts the key names and access flags for an arbitrary command.",
        since: "7.0.0",
        group: "server",
        complexity: "O(N) where N is the number of arguments to the command",
        args: "command:s arg:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let keys = super::keys_of(cx)?;
    cx.out.array(keys.len());
    for found in keys {
        cx.out.array(2);
        cx.out.bulk(cx.arg(found.at + 2));
        let names: Vec<&str> =
            property::NAMES.iter().enumerate().filter(|(n, _)| found.flags & (1 << n) != 0).map(|(_, n)| *n).collect();
        cx.out.set(names.len());
        for name in names {
            cx.out.simple(name);
        }
    }
    Ok(())
}
