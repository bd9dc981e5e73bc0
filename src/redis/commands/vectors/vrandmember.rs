//! VRANDMEMBER key [count]

use super::super::prelude::*;
use crate::server::Server;
use std::collections::BTreeSet;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vrandmember",
    arity: -2,
    flags: flag::READONLY | flag::MODULE,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Return one or multiple random members from a vector set",
        since: "8.0.0",
        group: "module",
        complexity: "",
        args: "key:k@0 count:i?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 3 {
        return Err(crate::server::errors::arity(&cx.cmd.shown_name()).into());
    }
    let count = if cx.argc() == 3 { Some(cx.int_or(2, "ERR COUNT value is not an integer")?) } else { None };
    if count == Some(0) {
        cx.out.array(0);
        return Ok(());
    }
    let key = cx.arg(1);
    let len = cx.s.vectors(cx.db, key)?.map_or(0, |set| set.len());
    let Some(count) = count.filter(|_| len > 0) else {
        match (len, count) {
            (0, Some(_)) => cx.out.array(0),
            (0, None) => cx.out.null(),
            _ => one(cx, key),
        }
        return Ok(());
    };
    let many = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if count < 0 {
        cx.out.array(many);
        for _ in 0..many {
            one(cx, key);
            if cx.reply_is_too_long() {
                break;
            }
        }
        return Ok(());
    }
    cx.out.array(many.min(len));
    super::super::hash::random_places(cx, len, count, |cx, places| {
        let places: BTreeSet<&usize> = places.iter().collect();
        if let Some(Value::Vectors(set)) = cx.s.peek(cx.db, key) {
            set.names().enumerate().filter(|(at, _)| places.contains(at)).for_each(|(_, name)| cx.out.bulk(name));
        }
    });
    Ok(())
}

/// An element on a random way through the graph.
fn one(cx: &mut Cx<'_>, key: &[u8]) {
    let Server { dbs, rng, .. } = &mut *cx.s;
    let node = match dbs.get(cx.db).and_then(|db| db.get(key)).map(|record| &record.value) {
        Some(Value::Vectors(set)) => set.graph().random(|below| rng.below(below)),
        _ => None,
    };
    match node {
        Some(node) => cx.out.bulk(&node.name),
        None => cx.out.null(),
    }
}
