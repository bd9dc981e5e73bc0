//! SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]

use super::prelude::*;
use crate::data::text::Text;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "scan",
    arity: -2,
    flags: flag::READONLY | flag::TOUCHES_ARBITRARY_KEYS,
    acl: acl::KEYSPACE | acl::READ | acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:special", "response_policy:special"],
    docs: Docs {
        summary: "Iterates over the key names in the database.",
        since: "2.8.0",
        group: "generic",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        args: "cursor:i pattern:p=MATCH? count:i=COUNT? type:s=TYPE?^6.0.0",
        history: &[("6.0.0", "Added the `TYPE` subcommand.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let options = super::generic::ScanOptions::read(cx, 1)?;
    let only = if cx.s.hot.cluster { options.pattern.and_then(super::generic::pattern_slot) } else { None };
    let (mut cursor, mut found, mut rounds) = (options.cursor, Vec::new(), options.count.saturating_mul(10));
    let mut seen = 0;
    loop {
        cursor = cx.s.dbs[cx.db].scan(cursor, only, &mut |record| {
            seen += 1;
            if options.matches(record.key()) {
                let name = record.value.kind().name().as_bytes();
                found.push((Text::new(record.key()), options.kind.is_none_or(|k| name.eq_ignore_ascii_case(k))));
            }
        });
        rounds -= 1;
        if cursor == 0 || rounds <= 0 || seen >= options.count {
            break;
        }
    }
    // Keys of other types expire here too.
    let visible =
        |s: &crate::server::Server, key: &[u8]| !s.hot.cluster || s.shows_slot(crate::keyspace::slots::slot_of(key));
    found.retain(|(key, shown)| visible(cx.s, key) && !cx.s.expire_if_needed(cx.db, key) && *shown);
    cx.out.array(2);
    cx.out.text(&cursor.to_string());
    cx.out.array(found.len());
    for (key, _) in found {
        cx.out.bulk(&key);
    }
    Ok(())
}
