//! BITOP <AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE> destkey key [...]

use super::prelude::*;
use crate::data::bits::{Combination, Operation};

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
    let word = cx.arg(1).to_ascii_uppercase();
    let Some(operation) = operation(&word) else { return Err(err::SYNTAX.into()) };
    let sources = &cx.argv[3..];
    if operation == Operation::Not && sources.len() != 1 {
        return Err("ERR BITOP NOT must be called with a single source key.".into());
    }
    if matches!(operation, Operation::Diff | Operation::Diff1 | Operation::AndOr) && sources.len() < 2 {
        let word = String::from_utf8_lossy(&word);
        return Err(format!("ERR BITOP {word} must be called with at least two source keys.").into());
    }
    let mut all = Combination::new(operation);
    for key in sources {
        all.add(&super::bitmap::bytes(cx.s, cx.db, key)?);
    }
    let result = all.result();
    let longest = result.len();
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

fn operation(word: &[u8]) -> Option<Operation> {
    Some(match word {
        b"AND" => Operation::And,
        b"OR" => Operation::Or,
        b"XOR" => Operation::Xor,
        b"NOT" => Operation::Not,
        b"DIFF" => Operation::Diff,
        b"DIFF1" => Operation::Diff1,
        b"ANDOR" => Operation::AndOr,
        b"ONE" => Operation::One,
        _ => return None,
    })
}
