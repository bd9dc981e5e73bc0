//! What the sorted set commands share: ranges of scores and of members.

use super::prelude::*;
use crate::data::zset::ZSet;
use crate::server::number::parse_limit;

/// An end of a range: a value, and whether it belongs to the range.
#[derive(Clone, Debug)]
pub enum Bound<T> {
    /// Before everything.
    Min,
    /// After everything.
    Max,
    /// This one; `true` if it does not belong.
    At(T, bool),
}

/// A range of a sorted set.
#[derive(Clone, Debug)]
pub enum Range {
    /// By score.
    Scores((f64, bool), (f64, bool)),
    /// By member.
    Members(Bound<Vec<u8>>, Bound<Vec<u8>>),
}

fn score(word: &[u8]) -> Result<(f64, bool), Fail> {
    let (text, open) = match word.strip_prefix(b"(") {
        Some(rest) => (rest, true),
        None => (word, false),
    };
    parse_limit(text).map(|v| (v, open)).ok_or(Fail::from("ERR min or max is not a float"))
}

fn member(word: &[u8]) -> Result<Bound<Vec<u8>>, Fail> {
    match word {
        b"-" => Ok(Bound::Min),
        b"+" => Ok(Bound::Max),
        [b'(', rest @ ..] => Ok(Bound::At(rest.to_vec(), true)),
        [b'[', rest @ ..] => Ok(Bound::At(rest.to_vec(), false)),
        _ => Err("ERR min or max not valid string range item".into()),
    }
}

impl Range {
    /// A range of scores.
    pub fn scores(min: &[u8], max: &[u8]) -> Result<Range, Fail> {
        Ok(Range::Scores(score(min)?, score(max)?))
    }

    /// A range of members.
    pub fn members(min: &[u8], max: &[u8]) -> Result<Range, Fail> {
        Ok(Range::Members(member(min)?, member(max)?))
    }

    /// The ranks that belong to it.
    pub fn places(&self, zset: &ZSet) -> std::ops::Range<usize> {
        let (from, to) = match self {
            Range::Scores((min, min_open), (max, max_open)) => (
                zset.partition_point(&|_, s| s < *min || (*min_open && s == *min)),
                zset.partition_point(&|_, s| s < *max || (!*max_open && s == *max)),
            ),
            Range::Members(min, max) => (
                zset.partition_point(&|m, _| match min {
                    Bound::Min => false,
                    Bound::Max => true,
                    Bound::At(v, open) => m < v.as_slice() || (*open && m == v.as_slice()),
                }),
                zset.partition_point(&|m, _| match max {
                    Bound::Min => false,
                    Bound::Max => true,
                    Bound::At(v, open) => m < v.as_slice() || (!*open && m == v.as_slice()),
                }),
            ),
        };
        from..to.max(from)
    }
}

/// ZRANK and ZREVRANK.
pub fn reply_rank(cx: &mut Cx<'_>, back: bool) -> Res {
    let with_score = cx.argc() == 4;
    if cx.argc() > 4 {
        return Err(crate::server::errors::arity(cx.cmd.name).into());
    }
    if with_score && !cx.is(3, "WITHSCORE") {
        return Err(err::SYNTAX.into());
    }
    let member = cx.arg(2);
    let zset = cx.s.zset(cx.db, cx.arg(1))?;
    let len = zset.map_or(0, |z| z.len());
    match zset.and_then(|z| z.rank(member)) {
        Some((rank, score)) => {
            let rank = if back { len - 1 - rank } else { rank };
            if with_score {
                cx.out.array(2);
            }
            cx.out.len(rank);
            if with_score {
                cx.out.double(score);
            }
        }
        None if with_score => cx.out.null_array(),
        None => cx.out.null(),
    }
    Ok(())
}

/// ZREMRANGEBY…
pub fn remove_places(cx: &mut Cx<'_>, event: &str, places: impl Fn(&ZSet) -> std::ops::Range<usize>) -> Res {
    let key = cx.arg(1);
    let Some(zset) = cx.s.zset_mut(cx.db, key)? else {
        cx.out.int(0);
        return Ok(());
    };
    let range = places(zset);
    zset.remove_range(range.start, range.len());
    if !range.is_empty() {
        cx.changed(notify::ZSET, event, key, range.len() as u64);
        cx.s.delete_if_empty(cx.db, key);
    }
    cx.out.len(range.len());
    Ok(())
}

/// Puts a sorted set at a key, or removes the key if it is empty; how many members it has.
pub fn store(cx: &mut Cx<'_>, target: &[u8], mut zset: ZSet, event: &str) -> usize {
    let len = zset.len();
    if len == 0 {
        if cx.s.exists(cx.db, target) && cx.s.delete(cx.db, target) {
            cx.changed(notify::GENERIC, "del", target, 1);
        }
        return 0;
    }
    zset.compact(cx.s.hot.zset);
    cx.s.set_key(cx.db, target, Value::ZSet(zset), false);
    cx.s.signal_ready(cx.db, target);
    cx.changed(notify::ZSET, event, target, 1);
    len
}
