//! MEMORY USAGE key [SAMPLES count]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "memory|usage",
    arity: -3,
    flags: flag::READONLY,
    acl: acl::READ | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Estimates the memory usage of a key.",
        since: "4.0.0",
        group: "server",
        complexity: "O(N) where N is the number of samples.",
        args: "key:k@0 count:i=SAMPLES?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut at = 3;
    while at < cx.argc() {
        if !cx.is(at, "SAMPLES") || at + 1 >= cx.argc() {
            return Err(err::SYNTAX.into());
        }
        if cx.int(at + 1)? < 0 {
            return Err(err::SYNTAX.into());
        }
        at += 2;
    }
    let key = cx.arg(2);
    if !cx.s.exists(cx.db, key) {
        cx.out.null();
        return Ok(());
    }
    let bytes = cx.s.dbs[cx.db].get(key).map_or(0, |r| r.memory() + counted_twice(&r.value));
    cx.out.len(bytes);
    Ok(())
}

/// The command counts an entry of the hash table for every element, whether there is one or not.
fn counted_twice(value: &Value) -> usize {
    match value {
        Value::Set(set) if set.encoding() == "hashtable" => 19 * set.len(),
        Value::Hash(hash) if hash.encoding() == "hashtable" => 19 * hash.len(),
        Value::ZSet(zset) if zset.encoding() == "skiplist" => 19 * zset.len(),
        _ => 0,
    }
}
