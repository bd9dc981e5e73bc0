//! SORT key [BY pattern] [LIMIT offset count] [GET pattern [...]] [ASC | DESC] [ALPHA] [STORE destination]
//!
//! What is sorted is put in order by itself or by other keys' values, and shown as itself or as
//! other keys' values.

use super::prelude::*;
use crate::data::list::List;
use crate::keyspace::slots::{slot_of, slot_of_pattern};
use crate::server::number::parse_double;
use std::cmp::Ordering;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sort",
    arity: -2,
    flags: flag::WRITE | flag::DENYOOM | flag::MOVABLEKEYS,
    acl: acl::WRITE | acl::SET | acl::SORTEDSET | acl::LIST | acl::SLOW | acl::DANGEROUS,
    first: (1, 1, 1),
    keys: &[
        KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" },
        KeySpec {
            begin: Begin::Unknown,
            find: Find::Unknown,
            flags: key::RO | key::ACCESS,
            notes: "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
        },
        KeySpec {
            begin: Begin::Unknown,
            find: Find::Unknown,
            flags: key::OW | key::UPDATE,
            notes: "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
        },
    ],
    tips: &[],
    docs: Docs {
        summary: "Sorts the elements in a list, a set, or a sorted set, optionally storing the result.",
        since: "1.0.0",
        group: "generic",
        complexity: "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).",
        args: "key:k@0 by-pattern:p@1=BY?!pattern limit:b=LIMIT?(offset:i count:i) get-pattern:p@1=GET?*+!pattern order:o?(asc:t=ASC desc:t=DESC) sorting:t=ALPHA? destination:k@2=STORE?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// What is asked for.
#[derive(Default)]
struct Query<'a> {
    descending: bool,
    alpha: bool,
    limit: Option<(i64, i64)>,
    /// BY, where it names different keys.
    by: Option<&'a [u8]>,
    /// BY names one key only: nothing is sorted.
    unsorted: bool,
    get: Vec<&'a [u8]>,
    store: Option<&'a [u8]>,
}

/// What an element is sorted by.
enum Weight {
    Number(f64),
    /// A text other than the element.
    Text(Option<Vec<u8>>),
    Itself,
}

fn run(cx: &mut Cx<'_>) -> Res {
    generic(cx, true)
}

/// SORT and SORT_RO.
pub(super) fn generic(cx: &mut Cx<'_>, may_store: bool) -> Res {
    let mut query = parse(cx, may_store)?;
    let key = cx.arg(1);
    let (kind, len) = kind_and_len(cx, key)?;
    if query.unsorted && kind == Kind::Set && (query.store.is_some() || cx.s.scripting.in_call) {
        // A set has no order of its own, and replicas and scripts must get the same list.
        (query.unsorted, query.alpha, query.by) = (false, true, None);
    }
    let range = range(query.limit, len);
    let shown = if query.unsorted {
        elements(cx, key, range, query.descending)
    } else {
        let all = elements(cx, key, 0..len, false);
        let mut sorted = sort(cx, &query, all)?;
        sorted.truncate(range.end);
        sorted.drain(..range.start);
        sorted
    };
    match query.store {
        Some(target) => store(cx, target, &query, &shown),
        None => reply(cx, &query, &shown),
    }
    Ok(())
}

fn parse<'a>(cx: &mut Cx<'a>, may_store: bool) -> Result<Query<'a>, Fail> {
    let mut q = Query::default();
    let mut at = 2;
    while at < cx.argc() {
        let left = cx.argc() - at - 1;
        match cx.arg(at).to_ascii_uppercase().as_slice() {
            b"ASC" => q.descending = false,
            b"DESC" => q.descending = true,
            b"ALPHA" => q.alpha = true,
            b"LIMIT" if left >= 2 => {
                q.limit = Some((cx.int(at + 1)?, cx.int(at + 2)?));
                at += 2;
            }
            b"STORE" if left >= 1 && may_store => {
                q.store = Some(cx.arg(at + 1));
                at += 1;
            }
            b"BY" if left >= 1 => {
                let pattern = cx.arg(at + 1);
                if pattern.contains(&b'*') {
                    check_pattern(cx, "BY", pattern)?;
                    q.by = Some(pattern);
                } else {
                    q.unsorted = true;
                }
                at += 1;
            }
            b"GET" if left >= 1 => {
                check_pattern(cx, "GET", cx.arg(at + 1))?;
                q.get.push(cx.arg(at + 1));
                at += 1;
            }
            _ => return Err(err::SYNTAX.into()),
        }
        at += 1;
    }
    Ok(q)
}

/// A pattern may name any key: it must be sure to stay in the slot, and the user must be allowed all.
fn check_pattern(cx: &mut Cx<'_>, option: &str, pattern: &[u8]) -> Res {
    // `#` is the element itself: no key.
    let looked_at = pattern != b"#" && (cx.s.hot.cluster || cx.s.draws_for_compatibility());
    if looked_at && slot_of_pattern(pattern) != Some(slot_of(cx.arg(1))) {
        if cx.s.hot.cluster {
            return Err(format!(
                "ERR {option} option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots."
            )
            .into());
        }
        cx.s.count_incompatible();
    }
    if !cx.s.acl_unnamed_keys(cx.client, cx.cmd, cx.argv, key::ACCESS) {
        return Err(format!("ERR {option} option of SORT denied due to insufficient ACL permissions.").into());
    }
    Ok(())
}

/// What is to be sorted, and how many elements it has.
fn kind_and_len(cx: &mut Cx<'_>, key: &[u8]) -> Result<(Kind, usize), Fail> {
    let found = match cx.s.read(cx.db, key) {
        None => (Kind::List, 0),
        Some(Value::List(list)) => (Kind::List, list.len()),
        Some(Value::Set(set)) => (Kind::Set, set.len()),
        Some(Value::ZSet(zset)) => (Kind::ZSet, zset.len()),
        Some(_) => return Err(err::WRONG_TYPE.into()),
    };
    // The original leaves a sorted set as a skip list.
    if let Some(Value::ZSet(zset)) = cx.s.peek_mut(cx.db, key) {
        zset.to_skiplist();
    }
    Ok(found)
}

/// A part of the elements of a list, a set or a sorted set, in its order or, but for a set, the other way round.
fn elements(cx: &Cx<'_>, key: &[u8], part: std::ops::Range<usize>, back: bool) -> Vec<Vec<u8>> {
    let (skip, count) = (part.start, part.len());
    match cx.s.peek(cx.db, key) {
        Some(Value::List(list)) if back => {
            list.iter_back().skip(skip).take(count).map(|e| e.bytes().into_owned()).collect()
        }
        Some(Value::List(list)) => list.iter_from(skip).take(count).map(|e| e.bytes().into_owned()).collect(),
        Some(Value::Set(set)) => set.iter().skip(skip).take(count).map(|m| m.into_owned()).collect(),
        Some(Value::ZSet(zset)) => {
            let first = if back { zset.len().saturating_sub(skip + 1) } else { skip };
            zset.iter_from(first, back).take(count).map(|(m, _)| m.into_owned()).collect()
        }
        _ => Vec::new(),
    }
}

fn sort(cx: &mut Cx<'_>, q: &Query<'_>, elements: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Fail> {
    let mut weighed = Vec::with_capacity(elements.len());
    let mut all_numbers = true;
    for element in elements {
        let by = q.by.map(|pattern| look_up(cx, pattern, &element));
        let weight = match (q.alpha, by) {
            (true, Some(text)) => Weight::Text(text),
            (true, None) => Weight::Itself,
            (false, Some(None)) => Weight::Number(0.0),
            (false, by) => {
                let number = score(by.flatten().as_deref().unwrap_or(&element));
                all_numbers &= number.is_some();
                Weight::Number(number.unwrap_or(0.0))
            }
        };
        weighed.push((weight, element));
    }
    if !all_numbers {
        return Err("ERR One or more scores can't be converted into double".into());
    }
    weighed.sort_by(|a, b| {
        let order = compare(a, b);
        if q.descending { order.reverse() } else { order }
    });
    Ok(weighed.into_iter().map(|(_, element)| element).collect())
}

fn compare(a: &(Weight, Vec<u8>), b: &(Weight, Vec<u8>)) -> Ordering {
    match (&a.0, &b.0) {
        (Weight::Number(x), Weight::Number(y)) => {
            x.partial_cmp(y).unwrap_or(Ordering::Equal).then_with(|| a.1.cmp(&b.1))
        }
        (Weight::Text(x), Weight::Text(y)) => x.cmp(y),
        _ => a.1.cmp(&b.1),
    }
}

fn score(text: &[u8]) -> Option<f64> {
    if text.is_empty() { Some(0.0) } else { parse_double(text) }
}

/// The elements that LIMIT leaves.
fn range(limit: Option<(i64, i64)>, len: usize) -> std::ops::Range<usize> {
    let (start, count) = limit.unwrap_or((0, -1));
    let start = usize::try_from(start.max(0)).unwrap_or(len).min(len);
    let count = usize::try_from(count).unwrap_or(len);
    start..start.saturating_add(count).min(len)
}

/// The string at the key, or in the field, that a pattern with an element in the place of its `*` names.
fn look_up(cx: &mut Cx<'_>, pattern: &[u8], element: &[u8]) -> Option<Vec<u8>> {
    if pattern == b"#" {
        return Some(element.to_vec());
    }
    let star = pattern.iter().position(|c| *c == b'*')?;
    let (before, after) = (&pattern[..star], &pattern[star + 1..]);
    let arrow = after.windows(2).position(|w| w == b"->").filter(|n| n + 2 < after.len());
    let (after, field) = match arrow {
        Some(n) => (&after[..n], Some(&after[n + 2..])),
        None => (after, None),
    };
    let key = [before, element, after].concat();
    match field {
        None => cx.s.read(cx.db, &key).filter(|v| v.kind() == Kind::Str)?.bytes().map(|b| b.into_owned()),
        Some(field) => {
            cx.s.settle_fields(cx.db, &key, &[field]);
            let now = cx.s.field_clock();
            match cx.s.read(cx.db, &key)? {
                Value::Hash(hash) => hash.get_at(field, now).map(|v| v.into_owned()),
                _ => None,
            }
        }
    }
}

fn reply(cx: &mut Cx<'_>, q: &Query<'_>, shown: &[Vec<u8>]) {
    cx.out.array(shown.len() * q.get.len().max(1));
    for element in shown {
        if q.get.is_empty() {
            cx.out.bulk(element);
        }
        for pattern in &q.get {
            match look_up(cx, pattern, element) {
                Some(text) => cx.out.bulk(&text),
                None => cx.out.null(),
            }
        }
    }
}

fn store(cx: &mut Cx<'_>, target: &[u8], q: &Query<'_>, shown: &[Vec<u8>]) {
    let mut texts = Vec::with_capacity(shown.len() * q.get.len().max(1));
    for element in shown {
        if q.get.is_empty() {
            texts.push(element.clone());
        }
        for pattern in &q.get {
            texts.push(look_up(cx, pattern, element).unwrap_or_default());
        }
    }
    if texts.is_empty() {
        if cx.s.exists(cx.db, target) && cx.s.delete(cx.db, target) {
            cx.changed(notify::GENERIC, "del", target, 1);
        }
    } else {
        let list = List::collect(texts.iter().map(Vec::as_slice), cx.s.hot.fill);
        cx.s.set_key(cx.db, target, Value::List(list), false);
        cx.s.signal_ready(cx.db, target);
        cx.changed(notify::LIST, "sortstore", target, texts.len() as u64);
    }
    cx.out.len(texts.len());
}

#[cfg(test)]
mod tests {
    use super::range;
    use crate::testing::Bench;

    #[test]
    fn what_is_not_sorted_is_shown_in_part_from_either_end() {
        let mut bench = Bench::start("");
        bench.run("RPUSH l 1 5 2 10 3");
        bench.run("ZADD z 1 a 5 b 2 c 10 d 3 e");
        assert_eq!(bench.run("SORT l BY nosort LIMIT 1 2"), "(5 2)");
        assert_eq!(bench.run("SORT l BY nosort DESC LIMIT 1 2"), "(10 2)");
        assert_eq!(bench.run("SORT z BY nosort LIMIT 1 2"), "(c e)");
        assert_eq!(bench.run("SORT z BY nosort DESC"), "(d b e c a)");
        assert_eq!(bench.run("SORT z BY nosort DESC LIMIT 3 9"), "(c a)");
        assert_eq!(bench.run("SORT z BY nosort DESC LIMIT 5 9"), "()");
        assert_eq!(bench.run("SORT z BY nosort LIMIT -10 100"), "(a c e b d)");
    }

    #[test]
    fn limits_stay_within_the_elements() {
        assert_eq!(range(None, 5), 0..5);
        assert_eq!(range(Some((1, 2)), 5), 1..3);
        assert_eq!(range(Some((-3, 100)), 5), 0..5);
        assert_eq!(range(Some((4, i64::MAX)), 5), 4..5);
        assert_eq!(range(Some((9, 1)), 5), 5..5);
        assert_eq!(range(Some((0, 0)), 5), 0..0);
    }
}
