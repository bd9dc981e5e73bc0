//! KEYS pattern

use super::prelude::*;
use crate::server::glob;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "keys",
    arity: 2,
    flags: flag::READONLY,
    acl: acl::KEYSPACE | acl::READ | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns all key names that match a pattern.",
        since: "1.0.0",
        group: "generic",
        complexity: "O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.",
        args: "pattern:p",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let pattern = cx.arg(1);
    let all = pattern == b"*";
    let now = cx.s.now_ms;
    let db = &cx.s.dbs[cx.db];
    let mark = cx.out.later();
    let mut count = 0;
    let slot = (cx.s.hot.cluster && !pattern.iter().take_while(|c| **c != b'{').any(|c| b"*?[\\".contains(c)))
        .then(|| super::generic::pattern_slot(pattern))
        .flatten();
    for record in db.iter() {
        let expired = record.expire() >= 0 && record.expire() < now && !cx.s.debug.allow_access_expired;
        if !expired
            && (all || glob::matches(pattern, record.key(), false))
            && (!cx.s.hot.cluster || cx.s.shows_slot(crate::keyspace::slots::slot_of(record.key())))
            && slot.is_none_or(|s| crate::keyspace::slots::slot_of(record.key()) == s)
        {
            cx.out.bulk(record.key());
            count += 1;
        }
    }
    cx.out.array_at(mark, count);
    Ok(())
}
