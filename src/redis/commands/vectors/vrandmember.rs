//! VRANDMEMBER key [count]

use super::super::prelude::*;
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
    let places = sample(cx, len, many.min(len));
    cx.out.array(places.len());
    if let Some(Value::Vectors(set)) = cx.s.peek(cx.db, key) {
        set.names().enumerate().filter(|(at, _)| places.contains(at)).for_each(|(_, name)| cx.out.bulk(name));
    }
    Ok(())
}

/// An element on a random way through the graph.
fn one(cx: &mut Cx<'_>, key: &[u8]) {
    let mut state = cx.s.random();
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    match cx.s.peek(cx.db, key) {
        Some(Value::Vectors(set)) => match set.graph().random(&mut random) {
            Some(node) => cx.out.bulk(&node.name),
            None => cx.out.null(),
        },
        _ => cx.out.null(),
    }
}

/// So many different numbers below `len` (R. Floyd's algorithm).
fn sample(cx: &mut Cx<'_>, len: usize, many: usize) -> BTreeSet<usize> {
    let mut chosen = BTreeSet::new();
    for top in len - many..len {
        let any = cx.s.random_below(top + 1);
        if !chosen.insert(any) {
            chosen.insert(top);
        }
    }
    chosen
}
