//! SINTERCARD numkeys key [...] [LIMIT limit]

use super::prelude::*;
use crate::commands::set_ops::{Op, combine};
use crate::server::blocking::numbered_keys;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sintercard",
    arity: -3,
    flags: flag::READONLY | flag::MOVABLEKEYS,
    acl: acl::READ | acl::SET | acl::SLOW,
    first: (0, 0, 0),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::KeyNum(0, 1, 1), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the number of members of the intersect of multiple sets.",
        since: "7.0.0",
        group: "set",
        complexity: "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.",
        args: "numkeys:i key:k@0* limit:i=LIMIT?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (keys, at) = match numbered_keys(cx, 1) {
        Ok(found) => found,
        Err(_) if resp::parse_i64(cx.arg(1)).is_some_and(|n| n > 0) => {
            return Err("ERR Number of keys can't be greater than number of args".into());
        }
        Err(error) => return Err(error),
    };
    let (mut limit, mut at) = (0, at);
    while at < cx.argc() {
        if !cx.is(at, "LIMIT") || at + 1 == cx.argc() {
            return Err(err::SYNTAX.into());
        }
        limit = cx.int_or(at + 1, "ERR LIMIT can't be negative")?;
        if limit < 0 {
            return Err("ERR LIMIT can't be negative".into());
        }
        at += 2;
    }
    let most = if limit == 0 { usize::MAX } else { limit as usize };
    let members = combine(cx, Op::Inter, &keys, most)?;
    cx.out.len(members.len());
    Ok(())
}
