//! OBJECT REFCOUNT key

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "object|refcount",
    arity: 3,
    flags: flag::READONLY,
    acl: acl::KEYSPACE | acl::READ | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the reference count of a value of a key.",
        since: "2.2.3",
        group: "generic",
        complexity: "O(1)",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    // A value lies in its key's object: nothing is shared.
    match super::look(cx)? {
        Some(_) => cx.out.int(1),
        None => cx.out.null(),
    }
    Ok(())
}
