//! Sorted sets: a listpack of members and scores while small, else what Redis calls a skip list.
//!
//! Every range (by rank, score or member) is two partition points and a walk, each O(log n).

use super::listpack::Listpack;
use super::ranked::Ranked;
use super::text::Text;
use std::borrow::Cow;
use std::cmp::Ordering;

/// `zset-max-listpack-entries` and `zset-max-listpack-value`.
#[derive(Clone, Copy, Debug)]
pub struct ZLimits {
    /// Most members in a listpack.
    pub entries: usize,
    /// Longest member in a listpack.
    pub value: usize,
}

/// A sorted set.
#[derive(Clone, Debug)]
pub enum ZSet {
    /// Member, score, member, score, … in order.
    Pack(Listpack),
    /// Anything.
    Skip(Box<Ranked>),
}

/// A member and its score.
pub type Scored<'a> = (Cow<'a, [u8]>, f64);

/// The order of a sorted set: by score, then by member.
pub fn order(a: (f64, &[u8]), b: (f64, &[u8])) -> Ordering {
    a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal).then_with(|| a.1.cmp(b.1))
}

fn score_text(score: f64) -> Vec<u8> {
    // Listpacks keep integers as such: they have no negative zero.
    if score == 0.0 { b"0".to_vec() } else { resp::format_double(score).into_bytes() }
}

fn score_at(pack: &Listpack, at: usize) -> f64 {
    match pack.get(at) {
        super::listpack::Entry::Int(n) => n as f64,
        super::listpack::Entry::Str(s) => std::str::from_utf8(s).ok().and_then(|s| s.parse().ok()).unwrap_or(0.0),
    }
}

impl Default for ZSet {
    fn default() -> ZSet {
        ZSet::new()
    }
}

impl ZSet {
    /// An empty sorted set.
    pub fn new() -> ZSet {
        ZSet::Pack(Listpack::new())
    }

    /// An empty sorted set of the encoding that suits its first member and expected size.
    pub fn sized(expected: usize, member: usize, limits: ZLimits) -> ZSet {
        if expected <= limits.entries && member <= limits.value && limits.entries > 0 {
            ZSet::new()
        } else {
            ZSet::Skip(Box::default())
        }
    }

    /// How many members it has.
    pub fn len(&self) -> usize {
        match self {
            ZSet::Pack(p) => p.len() / 2,
            ZSet::Skip(s) => s.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `listpack` or `skiplist`.
    pub fn encoding(&self) -> &'static str {
        match self {
            ZSet::Pack(_) => "listpack",
            ZSet::Skip(_) => "skiplist",
        }
    }

    /// The score of a member.
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        match self {
            ZSet::Pack(p) => Some(score_at(p, p.next(p.find(member, 2)?)?)),
            ZSet::Skip(s) => s.score(member),
        }
    }

    /// Adds a member or changes its score. True if it is new.
    pub fn insert(&mut self, member: &[u8], score: f64, limits: ZLimits) -> bool {
        match self {
            ZSet::Pack(pack) => {
                let old = pack.find(member, 2);
                if let Some(at) = old {
                    pack.remove(at, 2);
                } else if pack.len() / 2 + 1 > limits.entries || member.len() > limits.value {
                    self.to_skiplist();
                    return self.insert(member, score, limits);
                }
                let mut at = pack.first().unwrap_or(pack.end());
                while at < pack.end() {
                    let Some(value) = pack.next(at) else { break };
                    let here = pack.get(at).bytes();
                    if order((score_at(pack, value), &here), (score, member)) == Ordering::Greater {
                        break;
                    }
                    drop(here);
                    at = pack.next(value).unwrap_or(pack.end());
                }
                pack.insert_all(at, &[member, &score_text(score)]);
                old.is_none()
            }
            ZSet::Skip(skip) => skip.insert(member, score),
        }
    }

    /// Converts to a skip list.
    pub fn to_skiplist(&mut self) {
        if matches!(self, ZSet::Pack(_)) {
            let mut skip = Ranked::default();
            for (member, score) in self.iter_from(0, false) {
                skip.insert(&member, score);
            }
            *self = ZSet::Skip(Box::new(skip));
        }
    }

    /// Converts to a listpack if the limits allow it.
    pub fn compact(&mut self, limits: ZLimits) {
        let ZSet::Skip(skip) = self else { return };
        if skip.len() <= limits.entries && skip.iter_from(0, false).all(|(m, _)| m.len() <= limits.value) {
            let mut pack = Listpack::new();
            for (member, score) in skip.iter_from(0, false) {
                pack.push(member);
                pack.push(&score_text(score));
            }
            *self = ZSet::Pack(pack);
        }
    }

    /// Removes a member. False if it was not there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match self {
            ZSet::Pack(p) => match p.find(member, 2) {
                Some(at) => {
                    p.remove(at, 2);
                    true
                }
                None => false,
            },
            ZSet::Skip(s) => s.remove(member),
        }
    }

    /// Removes `count` members from rank `start` on.
    pub fn remove_range(&mut self, start: usize, count: usize) {
        match self {
            ZSet::Pack(p) => {
                if let Some(at) = p.seek(2 * start as isize) {
                    p.remove(at, 2 * count);
                }
            }
            ZSet::Skip(s) => {
                let doomed: Vec<Text> = s.iter_from(start, false).take(count).map(|(m, _)| Text::new(m)).collect();
                for member in doomed {
                    s.remove(&member);
                }
            }
        }
    }

    /// How many members stand before a member, and its score.
    pub fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        match self {
            ZSet::Pack(p) => {
                let at = p.find(member, 2)?;
                let score = score_at(p, p.next(at)?);
                let mut rank = 0;
                let mut here = p.first()?;
                while here < at {
                    here = p.next(p.next(here)?)?;
                    rank += 1;
                }
                Some((rank, score))
            }
            ZSet::Skip(s) => s.rank(member),
        }
    }

    /// How many members from the start on satisfy `before`, which must hold for a prefix.
    pub fn partition_point(&self, before: &dyn Fn(&[u8], f64) -> bool) -> usize {
        match self {
            ZSet::Pack(_) => self.iter_from(0, false).take_while(|(m, s)| before(m, *s)).count(),
            ZSet::Skip(s) => s.partition_point(before),
        }
    }

    /// Members from a rank on, upwards; or downwards when `back`.
    pub fn iter_from(&self, rank: usize, back: bool) -> Box<dyn Iterator<Item = Scored<'_>> + '_> {
        match self {
            ZSet::Pack(pack) => {
                let mut at = pack.seek(2 * rank as isize);
                Box::new(std::iter::from_fn(move || {
                    let member = at?;
                    let value = pack.next(member)?;
                    at = if back { pack.prev(member).and_then(|v| pack.prev(v)) } else { pack.next(value) };
                    Some((pack.get(member).bytes(), score_at(pack, value)))
                }))
            }
            ZSet::Skip(s) => Box::new(s.iter_from(rank, back).map(|(m, s)| (Cow::Borrowed(m), s))),
        }
    }

    /// All members in order.
    pub fn iter(&self) -> Box<dyn Iterator<Item = Scored<'_>> + '_> {
        self.iter_from(0, false)
    }

    /// One step of ZSCAN: a listpack returns everything at once.
    pub fn scan(&self, cursor: u64, visit: &mut dyn FnMut(&[u8], f64)) -> u64 {
        match self {
            ZSet::Pack(_) => {
                for (member, score) in self.iter() {
                    visit(&member, score);
                }
                0
            }
            ZSet::Skip(s) => s.scan(cursor, visit),
        }
    }

    /// Bytes allocated.
    pub fn memory(&self) -> usize {
        match self {
            ZSet::Pack(p) => p.size(),
            ZSet::Skip(s) => s.memory(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn both_encodings_agree_with_a_model() {
        for limits in [ZLimits { entries: 10_000, value: 64 }, ZLimits { entries: 0, value: 64 }] {
            let mut set = ZSet::new();
            let mut model: BTreeMap<Vec<u8>, f64> = BTreeMap::new();
            let mut state = 3u64;
            for _ in 0..2000 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let member = format!("m{}", (state >> 33) % 150).into_bytes();
                let score = ((state >> 48) % 40) as f64 / 4.0;
                if (state >> 20).is_multiple_of(3) {
                    assert_eq!(set.remove(&member), model.remove(&member).is_some());
                } else {
                    assert_eq!(set.insert(&member, score, limits), model.insert(member, score).is_none());
                }
            }
            let mut sorted: Vec<(Vec<u8>, f64)> = model.into_iter().collect();
            sorted.sort_by(|a, b| order((a.1, &a.0), (b.1, &b.0)));
            let all: Vec<(Vec<u8>, f64)> = set.iter().map(|(m, s)| (m.into_owned(), s)).collect();
            assert_eq!(all, sorted);
            for (n, (member, score)) in sorted.iter().enumerate() {
                assert_eq!(set.rank(member), Some((n, *score)));
                assert_eq!(set.iter_from(n, false).next().unwrap().0.as_ref(), member.as_slice());
                assert_eq!(set.iter_from(n, true).count(), n + 1);
            }
            let below = sorted.iter().filter(|(_, s)| *s < 4.0).count();
            assert_eq!(set.partition_point(&|_, s| s < 4.0), below);
            set.remove_range(1, 3);
            assert_eq!(set.len(), sorted.len() - 3);
            assert_eq!(set.rank(&sorted[4].0), Some((1, sorted[4].1)));
        }
    }
}
