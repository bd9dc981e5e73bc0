//! OBJECT

mod encoding;
mod freq;
mod help;
mod idletime;
mod refcount;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "object",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for object introspection commands.",
        since: "2.2.3",
        group: "generic",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[&encoding::COMMAND, &freq::COMMAND, &help::COMMAND, &idletime::COMMAND, &refcount::COMMAND],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}

/// The record of the named key, without touching it; `None` where it is missing.
fn look<'a>(cx: &'a mut Cx<'_>) -> Result<Option<&'a crate::keyspace::Record>, Fail> {
    let key = cx.arg(2);
    if !cx.s.exists(cx.db, key) {
        return Ok(None);
    }
    Ok(cx.s.dbs[cx.db].get(key))
}
