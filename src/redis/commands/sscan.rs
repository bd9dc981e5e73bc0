//! SSCAN key cursor [MATCH pattern] [COUNT count]

use super::generic::{ScanOptions, empty_scan, scan_cursor};
use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sscan",
    arity: -3,
    flags: flag::READONLY,
    acl: acl::READ | acl::SET | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Iterates over members of a set.",
        since: "2.8.0",
        group: "set",
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
    let mut found: Vec<Vec<u8>> = Vec::new();
    let Some(set) = cx.s.set(cx.db, cx.arg(1))? else { return empty_scan(cx) };
    let options = options?;
    let (mut rounds, mut seen) = (options.count.saturating_mul(10), 0);
    loop {
        cursor = set.scan(cursor, &mut |member| {
            seen += 1;
            if options.matches(member) {
                found.push(member.to_vec());
            }
        });
        rounds -= 1;
        if cursor == 0 || rounds <= 0 || seen >= options.count {
            break;
        }
    }
    cx.out.array(2);
    cx.out.text(&cursor.to_string());
    cx.out.array(found.len());
    for member in &found {
        cx.out.bulk(member);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn options_are_looked_at_where_there_is_a_key_of_that_type() {
        let mut bench = Bench::start("");
        for line in ["SET s x", "SADD set a", "ZADD z 1 a", "HSET h f v"] {
            bench.run(line);
        }
        for command in ["SSCAN", "ZSCAN", "HSCAN"] {
            assert_eq!(bench.run(&format!("{command} none +1 COUNT")), "(0 ())");
            assert!(bench.run(&format!("{command} s 0 COUNT 0")).starts_with("WRONGTYPE"));
            assert_eq!(bench.run(&format!("{command} s -1 COUNT 0")), "ERR invalid cursor");
        }
        assert_eq!(bench.run("SSCAN set 0 COUNT 0"), "ERR syntax error");
        assert_eq!(bench.run("SSCAN set -0"), "(0 (a))");
    }
}
