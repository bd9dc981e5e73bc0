//! HGETALL key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hgetall",
    arity: 2,
    flags: flag::READONLY,
    acl: acl::READ | acl::HASH | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns all fields and values in a hash.",
        since: "2.0.0",
        group: "hash",
        complexity: "O(N) where N is the size of the hash.",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let now = cx.s.field_clock();
    match cx.s.hash(cx.db, key)? {
        None => cx.out.map(0),
        Some(hash) => {
            cx.out.map(hash.len_at(now));
            for (field, value) in hash.iter_at(now) {
                cx.out.bulk(&field);
                cx.out.bulk(&value);
            }
        }
    }
    Ok(())
}
