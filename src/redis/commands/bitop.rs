//! BITOP <AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE> destkey key [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "bitop",
    arity: -4,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::BITMAP | acl::SLOW,
    first: (2, -1, 1),
    keys: &[
        KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" },
        KeySpec { begin: Begin::Index(3), find: Find::Range(-1, 1, 0), flags: key::RO | key::ACCESS, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Performs bitwise operations on multiple strings, and stores the result.",
        since: "2.6.0",
        group: "bitmap",
        complexity: "O(N)",
        args: "operation:o(and:t=AND or:t=OR xor:t=XOR not:t=NOT diff:t=DIFF diff1:t=DIFF1 andor:t=ANDOR one:t=ONE) destkey:k@0 key:k@1*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let op = cx.arg(1).to_ascii_uppercase();
    let known = matches!(op.as_slice(), b"AND" | b"OR" | b"XOR" | b"NOT" | b"DIFF" | b"DIFF1" | b"ANDOR" | b"ONE");
    if !known {
        return Err(err::SYNTAX.into());
    }
    let sources = &cx.argv[3..];
    if op == b"NOT" && sources.len() != 1 {
        return Err("ERR BITOP NOT must be called with a single source key.".into());
    }
    if matches!(op.as_slice(), b"DIFF" | b"DIFF1" | b"ANDOR") && sources.len() < 2 {
        return Err(format!(
            "ERR BITOP {} must be called with at least two source keys.",
            String::from_utf8_lossy(&op)
        )
        .into());
    }
    let mut inputs = Vec::new();
    for key in sources {
        inputs.push(super::bitmap::bytes(cx.s, cx.db, key)?.into_owned());
    }
    let longest = inputs.iter().map(Vec::len).max().unwrap_or(0);
    let at = |n: usize, i: usize| inputs[n].get(i).copied().unwrap_or(0);
    let count = inputs.len();
    let others = |i: usize| (1..count).fold(0, |acc, n| acc | at(n, i));
    let result: Vec<u8> = (0..longest)
        .map(|i| match op.as_slice() {
            b"AND" => (0..count).fold(0xff, |acc, n| acc & at(n, i)),
            b"OR" => (0..count).fold(0, |acc, n| acc | at(n, i)),
            b"XOR" => (0..count).fold(0, |acc, n| acc ^ at(n, i)),
            b"NOT" => !at(0, i),
            b"DIFF" => at(0, i) & !others(i),
            b"DIFF1" => !at(0, i) & others(i),
            b"ANDOR" => at(0, i) & others(i),
            _ => {
                let (mut one, mut more) = (0, 0);
                for n in 0..count {
                    let b = at(n, i);
                    more |= one & b;
                    one |= b;
                }
                one & !more
            }
        })
        .collect();
    let target = cx.arg(2);
    if longest > 0 {
        cx.s.set_key(cx.db, target, Value::Raw(Box::new(result)), false);
        cx.changed(notify::STRING, "set", target, 1);
    } else if cx.s.exists(cx.db, target) && cx.s.delete(cx.db, target) {
        cx.changed(notify::GENERIC, "del", target, 1);
    }
    cx.out.len(longest);
    Ok(())
}
