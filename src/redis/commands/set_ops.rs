//! What the set commands share.

use super::prelude::*;
use crate::data::set::Set;

/// The three ways to combine sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Members of all.
    Inter,
    /// Members of any.
    Union,
    /// Members of the first and no other.
    Diff,
}

/// A number whose sign can be turned: of 64 bits all but the least.
pub fn symmetric(cx: &Cx<'_>, at: usize) -> Result<i64, Fail> {
    match cx.int(at)? {
        i64::MIN => {
            Err("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807".into())
        }
        n => Ok(n),
    }
}

/// The count of SRANDMEMBER and its like.
pub fn random_count(cx: &Cx<'_>, at: usize) -> Result<i64, Fail> {
    let count = symmetric(cx, at)?;
    // A reply this long is more than a script can hold.
    if count < -(1 << 24) && cx.s.scripting.in_call {
        return Err("ERR value is out of range".into());
    }
    Ok(count)
}

/// The members of a combination, at most so many.
pub fn combine(cx: &mut Cx<'_>, op: Op, keys: &[&[u8]], most: usize) -> Result<Vec<Vec<u8>>, Fail> {
    let db = cx.db;
    let mut lens = Vec::with_capacity(keys.len());
    for key in keys {
        lens.push(cx.s.set(db, key)?.map(|s| s.len()));
    }
    let look = |key: &[u8]| match cx.s.peek(db, key) {
        Some(Value::Set(set)) => Some(set),
        _ => None,
    };
    let mut result = Vec::new();
    match op {
        Op::Inter => {
            if lens.iter().any(Option::is_none) {
                return Ok(result);
            }
            let mut order: Vec<usize> = (0..keys.len()).collect();
            order.sort_by_key(|n| lens[*n]);
            let sets: Vec<&Set> = order.iter().filter_map(|n| look(keys[*n])).collect();
            let Some((first, others)) = sets.split_first() else { return Ok(result) };
            for member in first.iter() {
                if result.len() >= most {
                    break;
                }
                if others.iter().all(|s| s.contains(&member)) {
                    result.push(member.into_owned());
                }
            }
        }
        Op::Union => {
            let mut union = Set::new();
            let limits = cx.s.hot.set;
            for key in keys {
                for member in look(key).into_iter().flat_map(Set::iter) {
                    union.insert(&member, limits);
                }
            }
            result = union.iter().map(|m| m.into_owned()).collect();
        }
        Op::Diff => {
            let Some(first) = look(keys[0]) else { return Ok(result) };
            let others: Vec<&Set> = keys[1..].iter().filter_map(|k| look(k)).collect();
            result = first.iter().filter(|m| !others.iter().any(|s| s.contains(m))).map(|m| m.into_owned()).collect();
        }
    }
    Ok(result)
}

/// Replies with members.
pub fn reply(cx: &mut Cx<'_>, members: &[Vec<u8>]) {
    cx.out.set(members.len());
    for member in members {
        cx.out.bulk(member);
    }
}

/// The STORE forms.
pub fn store(cx: &mut Cx<'_>, op: Op, event: &str) -> Res {
    let target = cx.arg(1);
    let members = combine(cx, op, &cx.argv[2..], usize::MAX)?;
    store_members(cx, target, &members, event);
    cx.out.len(members.len());
    Ok(())
}

/// Puts a set of these members at a key, or removes the key if there are none.
pub fn store_members(cx: &mut Cx<'_>, target: &[u8], members: &[Vec<u8>], event: &str) {
    if members.is_empty() {
        if cx.s.exists(cx.db, target) && cx.s.delete(cx.db, target) {
            cx.changed(notify::GENERIC, "del", target, 1);
        }
        return;
    }
    let limits = cx.s.hot.set;
    let mut set = Set::new();
    for member in members {
        set.insert(member, limits);
    }
    cx.s.set_key(cx.db, target, Value::Set(set), false);
    cx.changed(notify::SET, event, target, 1);
}
