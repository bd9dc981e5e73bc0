//! HSET key field value [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hset",
    arity: -4,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::HASH | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Creates or modifies the value of a field in a hash.",
        since: "2.0.0",
        group: "hash",
        complexity: "O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.",
        args: "key:k@0 data:b*(field:s value:s)",
        history: &[("4.0.0", "Accepts multiple `field` and `value` arguments.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

pub(super) fn run(cx: &mut Cx<'_>) -> Res {
    if !cx.argc().is_multiple_of(2) {
        return Err(crate::server::errors::arity(cx.cmd.name).into());
    }
    let key = cx.arg(1);
    let created = super::hash::set_pairs(cx, key, &cx.argv[2..])?;
    cx.changed(notify::HASH, "hset", key, (cx.argc() as u64 - 2) / 2);
    if cx.cmd.name == "hmset" {
        cx.out.ok();
    } else {
        cx.out.len(created);
    }
    Ok(())
}
