//! HKEYS key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hkeys",
    arity: 2,
    flags: flag::READONLY,
    acl: acl::READ | acl::HASH | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns all fields in a hash.",
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
        None => cx.out.array(0),
        Some(hash) => {
            cx.out.array(hash.len_at(now));
            for (field, _) in hash.iter_at(now) {
                cx.out.bulk(&field);
            }
        }
    }
    Ok(())
}
