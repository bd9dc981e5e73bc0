//! RANDOMKEY

use super::prelude::*;
use crate::data::text::Text;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "randomkey",
    arity: 1,
    flags: flag::READONLY | flag::TOUCHES_ARBITRARY_KEYS,
    acl: acl::KEYSPACE | acl::READ | acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
    docs: Docs {
        summary: "Returns a random key name from the database.",
        since: "1.0.0",
        group: "generic",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    // Where nothing may expire now, a key that has had its time is better than none.
    let mut late = None;
    for _ in 0..100 {
        let random = cx.s.random();
        let Some(key) = cx.s.dbs[cx.db].random(random).map(|r| Text::new(r.key())) else { break };
        if cx.s.hot.cluster && !cx.s.shows_slot(crate::keyspace::slots::slot_of(&key)) {
            continue;
        }
        if !cx.s.expire_if_needed(cx.db, &key) {
            cx.out.bulk(&key);
            return Ok(());
        }
        late = Some(key);
    }
    let db = &cx.s.dbs[cx.db];
    match late.filter(|key| db.len() == db.volatile() && db.find(key).is_some()) {
        Some(key) => cx.out.bulk(&key),
        None => cx.out.null(),
    }
    Ok(())
}
