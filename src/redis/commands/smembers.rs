//! SMEMBERS key

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "smembers",
    arity: 2,
    flags: flag::READONLY,
    acl: acl::READ | acl::SET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns all members of a set.",
        since: "1.0.0",
        group: "set",
        complexity: "O(N) where N is the set cardinality.",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    match cx.s.set(cx.db, cx.arg(1))? {
        None => cx.out.set(0),
        Some(set) => {
            cx.out.set(set.len());
            for member in set.iter() {
                cx.out.bulk(&member);
            }
        }
    }
    Ok(())
}
