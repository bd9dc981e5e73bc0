//! ZSCAN key cursor [MATCH pattern] [COUNT count]

use super::generic::{ScanOptions, empty_scan, scan_cursor};
use super::prelude::*;
use crate::data::zset::ZSet;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "zscan",
    arity: -3,
    flags: flag::READONLY,
    acl: acl::READ | acl::SORTEDSET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Iterates over members and scores of a sorted set.",
        since: "2.8.0",
        group: "sorted-set",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        args: "key:k@0 cursor:i pattern:p=MATCH? count:i=COUNT?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut cursor = scan_cursor(cx, 2)?;
    // What is wrong with them is told where there is such a key.
    let options = ScanOptions::read(cx, 2);
    let mut found: Vec<(Vec<u8>, f64)> = Vec::new();
    let Some(zset) = cx.s.zset(cx.db, cx.arg(1))? else { return empty_scan(cx) };
    let options = options?;
    // Scores in a listpack are text already; those of a skip list are shown with 17 digits here, and only here.
    let skip_list = matches!(zset, ZSet::Skip(_));
    let (mut rounds, mut seen) = (options.count.saturating_mul(10), 0);
    loop {
        cursor = zset.scan(cursor, &mut |member, score| {
            seen += 1;
            if options.matches(member) {
                found.push((member.to_vec(), score));
            }
        });
        rounds -= 1;
        if cursor == 0 || rounds <= 0 || seen >= options.count {
            break;
        }
    }
    cx.out.array(2);
    cx.out.text(&cursor.to_string());
    cx.out.array(found.len() * 2);
    for (member, score) in &found {
        cx.out.bulk(member);
        cx.out.text(&if skip_list { resp::format_double_17(*score) } else { resp::format_double(*score) });
    }
    Ok(())
}
