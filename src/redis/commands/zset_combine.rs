//! ZUNION, ZINTER, ZDIFF and their STORE forms.

use super::prelude::*;
use super::zset::store as store_zset;
use crate::data::zset::ZSet;

/// The three ways to combine sorted sets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Members of any.
    Union,
    /// Members of all.
    Inter,
    /// Members of the first and no other.
    Diff,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Aggregate {
    Sum,
    Min,
    Max,
}

impl Aggregate {
    fn join(self, a: f64, b: f64) -> f64 {
        match self {
            Aggregate::Sum => {
                let sum = a + b;
                // The sum of opposite infinities counts as nothing.
                if sum.is_nan() { 0.0 } else { sum }
            }
            Aggregate::Min => a.min(b),
            Aggregate::Max => a.max(b),
        }
    }
}

struct Request<'a> {
    keys: &'a [&'a [u8]],
    weights: Vec<f64>,
    aggregate: Aggregate,
    with_scores: bool,
}

fn read<'a>(cx: &mut Cx<'a>, at: usize, op: Op, store: bool) -> Result<Request<'a>, Fail> {
    let count = cx.int(at)?;
    if count < 1 {
        return Err(format!("ERR at least 1 input key is needed for '{}' command", cx.cmd.name).into());
    }
    let end = usize::try_from(count).ok().and_then(|n| n.checked_add(at + 1)).filter(|e| *e <= cx.argc());
    let Some(end) = end else { return Err(err::SYNTAX.into()) };
    let keys = &cx.argv[at + 1..end];
    check_types(cx, keys)?;
    let mut request = Request { keys, weights: vec![1.0; keys.len()], aggregate: Aggregate::Sum, with_scores: false };
    let mut n = end;
    while n < cx.argc() {
        if op != Op::Diff && cx.is(n, "WEIGHTS") && n + keys.len() < cx.argc() {
            for (k, weight) in request.weights.iter_mut().enumerate() {
                *weight = cx.float_or(n + 1 + k, "ERR weight value is not a float")?;
            }
            n += keys.len() + 1;
        } else if op != Op::Diff && cx.is(n, "AGGREGATE") && n + 1 < cx.argc() {
            request.aggregate = match cx.arg(n + 1).to_ascii_uppercase().as_slice() {
                b"SUM" => Aggregate::Sum,
                b"MIN" => Aggregate::Min,
                b"MAX" => Aggregate::Max,
                _ => return Err(err::SYNTAX.into()),
            };
            n += 2;
        } else if !store && cx.is(n, "WITHSCORES") {
            request.with_scores = true;
            n += 1;
        } else {
            return Err(err::SYNTAX.into());
        }
    }
    Ok(request)
}

fn check_types(cx: &mut Cx<'_>, keys: &[&[u8]]) -> Res {
    let fits = keys.iter().all(|key| matches!(cx.s.read(cx.db, key), None | Some(Value::ZSet(_) | Value::Set(_))));
    if fits { Ok(()) } else { Err(err::WRONG_TYPE.into()) }
}

/// The members of a set or sorted set with their scores; plain members score 1.
fn members(cx: &Cx<'_>, key: &[u8]) -> Result<Vec<(Vec<u8>, f64)>, Fail> {
    match cx.s.peek(cx.db, key) {
        None => Ok(Vec::new()),
        Some(Value::ZSet(z)) => Ok(z.iter().map(|(m, s)| (m.into_owned(), s)).collect()),
        Some(Value::Set(s)) => Ok(s.iter().map(|m| (m.into_owned(), 1.0)).collect()),
        Some(_) => Err(err::WRONG_TYPE.into()),
    }
}

fn score_in(cx: &Cx<'_>, key: &[u8], member: &[u8]) -> Option<f64> {
    match cx.s.peek(cx.db, key)? {
        Value::ZSet(z) => z.score(member),
        Value::Set(s) => s.contains(member).then_some(1.0),
        _ => None,
    }
}

fn size_of(cx: &Cx<'_>, key: &[u8]) -> usize {
    match cx.s.peek(cx.db, key) {
        Some(Value::ZSet(z)) => z.len(),
        Some(Value::Set(s)) => s.len(),
        _ => 0,
    }
}

fn combine(cx: &mut Cx<'_>, op: Op, r: &Request<'_>) -> Result<ZSet, Fail> {
    let limits = cx.s.hot.zset;
    let mut result = ZSet::Skip(Box::default());
    let weighed = |score: f64, n: usize| {
        let value = score * r.weights[n];
        if value.is_nan() { 0.0 } else { value }
    };
    // The smallest first: the order in which scores are added shows in their last digits.
    let mut order: Vec<usize> = (0..r.keys.len()).collect();
    if op != Op::Diff {
        order.sort_by_key(|n| size_of(cx, r.keys[*n]));
    }
    match op {
        Op::Union => {
            for n in order {
                for (member, score) in members(cx, r.keys[n])? {
                    let score = weighed(score, n);
                    let joined = result.score(&member).map_or(score, |old| r.aggregate.join(old, score));
                    result.insert(&member, joined, limits);
                }
            }
        }
        Op::Inter => {
            let first = order[0];
            'members: for (member, score) in members(cx, r.keys[first])? {
                let mut joined = weighed(score, first);
                for n in order.iter().skip(1) {
                    let Some(score) = score_in(cx, r.keys[*n], &member) else { continue 'members };
                    joined = r.aggregate.join(joined, weighed(score, *n));
                }
                result.insert(&member, joined, limits);
            }
        }
        Op::Diff => {
            for (member, score) in members(cx, r.keys[0])? {
                if !r.keys[1..].iter().any(|k| score_in(cx, k, &member).is_some()) {
                    result.insert(&member, score, limits);
                }
            }
        }
    }
    Ok(result)
}

/// The forms that reply.
pub fn reply(cx: &mut Cx<'_>, op: Op) -> Res {
    let request = read(cx, 1, op, false)?;
    let result = combine(cx, op, &request)?;
    let nested = request.with_scores && cx.out.resp3;
    cx.out.array(if request.with_scores && !nested { result.len() * 2 } else { result.len() });
    for (member, score) in result.iter() {
        if nested {
            cx.out.array(2);
        }
        cx.out.bulk(&member);
        if request.with_scores {
            cx.out.double(score);
        }
    }
    Ok(())
}

/// The forms that store.
pub fn store(cx: &mut Cx<'_>, op: Op, event: &str) -> Res {
    let request = read(cx, 2, op, true)?;
    let result = combine(cx, op, &request)?;
    let len = store_zset(cx, cx.arg(1), result, event);
    cx.out.len(len);
    Ok(())
}

/// ZINTERCARD.
pub fn count(cx: &mut Cx<'_>) -> Res {
    let count = cx.int(1)?;
    if count < 1 {
        return Err(format!("ERR at least 1 input key is needed for '{}' command", cx.cmd.name).into());
    }
    let end = usize::try_from(count).ok().and_then(|n| n.checked_add(2)).filter(|e| *e <= cx.argc());
    let Some(end) = end else { return Err(err::SYNTAX.into()) };
    let keys = &cx.argv[2..end];
    check_types(cx, keys)?;
    let (mut limit, mut n) = (0, end);
    while n < cx.argc() {
        if !cx.is(n, "LIMIT") || n + 1 >= cx.argc() {
            return Err(err::SYNTAX.into());
        }
        limit = cx.int_or(n + 1, "ERR LIMIT can't be negative")?;
        if limit < 0 {
            return Err("ERR LIMIT can't be negative".into());
        }
        n += 2;
    }
    let request = Request { keys, weights: vec![1.0; keys.len()], aggregate: Aggregate::Sum, with_scores: false };
    let len = combine(cx, Op::Inter, &request)?.len();
    cx.out.len(if limit > 0 { len.min(limit as usize) } else { len });
    Ok(())
}
