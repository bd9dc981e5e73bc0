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
    let count = super::look(cx)?.map(|r| match r.value {
        Value::Int(0..=9999) => i64::from(i32::MAX),
        _ => 1,
    });
    match count {
        Some(n) => cx.out.int(n),
        None => cx.out.null(),
    }
    Ok(())
}
