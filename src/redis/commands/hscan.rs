//! HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]

use super::generic::{ScanOptions, empty_scan, scan_cursor};
use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hscan",
    arity: -3,
    flags: flag::READONLY,
    acl: acl::READ | acl::HASH | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Iterates over fields and values of a hash.",
        since: "2.8.0",
        group: "hash",
        complexity: "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.",
        args: "key:k@0 cursor:i pattern:p=MATCH? count:i=COUNT? novalues:t=NOVALUES?",
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
    let key = cx.arg(1);
    let now = cx.s.field_clock();
    let mut found: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let Some(hash) = cx.s.hash(cx.db, key)? else { return empty_scan(cx) };
    let options = options?;
    let (mut rounds, mut seen) = (options.count.saturating_mul(10), 0);
    loop {
        cursor = hash.scan(cursor, &mut |field, value| {
            seen += 1;
            if options.matches(field) && !hash.is_over(field, now) {
                found.push((field.to_vec(), value.to_vec()));
            }
        });
        rounds -= 1;
        if cursor == 0 || rounds <= 0 || seen >= options.count {
            break;
        }
    }
    cx.out.array(2);
    cx.out.text(&cursor.to_string());
    cx.out.array(found.len() * if options.no_values { 1 } else { 2 });
    for (field, value) in &found {
        cx.out.bulk(field);
        if !options.no_values {
            cx.out.bulk(value);
        }
    }
    Ok(())
}
