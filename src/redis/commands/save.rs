//! SAVE

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "save",
    arity: 1,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::NO_ASYNC_LOADING | flag::NO_MULTI,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Synchronously saves the database(s) to disk.",
        since: "1.0.0",
        group: "server",
        complexity: "O(N) where N is the total number of keys in all databases",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.child_saves() {
        return Err("ERR Background save already in progress".into());
    }
    match cx.s.save_now() {
        Ok(()) => cx.out.ok(),
        Err(_) => return Err("ERR".into()),
    }
    Ok(())
}
