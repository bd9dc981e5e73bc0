//! COMMAND GETKEYS command [arg [...]]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "command|getkeys",
    arity: -3,
    flags: flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Extracts the key names from an arbitrary command.",
        since: "2.8.13",
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
    for key in keys {
        cx.out.bulk(cx.arg(key.at + 2));
    }
    Ok(())
}
