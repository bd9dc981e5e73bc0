//! Members in the order of their scores, with rank and selection by rank in O(log n), and a hash
//! index from member to score.
//!
//! Redis has a skip list here, and `OBJECT ENCODING` says so; this is a B+ tree that counts what lies
//! below each branch ([`super::tree`]), since a step from node to node costs more than a search
//! within one.

use super::cost;
use super::dict::Chunks;
use super::index::{Arena, Index, NIL, Spread};
use super::text::Text;
use super::tree::{Entry, Tree};
use super::zset::order;
use std::cmp::Ordering;

#[derive(Clone, Debug)]
struct Member {
    score: f64,
    name: Text,
    hash_next: u32,
}

impl Arena for Chunks<Member> {
    fn key(&self, id: u32) -> &[u8] {
        self.get(id).map_or(&[], |m| &m.name)
    }
    fn next(&self, id: u32) -> u32 {
        self.get(id).map_or(NIL, |m| m.hash_next)
    }
    fn set_next(&mut self, id: u32, next: u32) {
        if let Some(member) = self.get_mut(id) {
            member.hash_next = next;
        }
    }
}

/// The members.
#[derive(Clone, Debug, Default)]
pub struct Ranked {
    members: Chunks<Member>,
    /// Slots of `members` that are not in use.
    free: Vec<u32>,
    index: Index,
    tree: Tree,
    /// What the members cost by [`super::cost`].
    cost: usize,
}

/// Whether an entry stands before a score and a name.
fn before(members: &Chunks<Member>, entry: &Entry, score: f64, name: &[u8]) -> bool {
    order((entry.score, members.key(entry.id as u32)), (score, name)) == Ordering::Less
}

impl Ranked {
    /// How many members it has.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Takes some members off a set that is of no use any more. How many.
    pub fn shed(&mut self) -> usize {
        match self.tree.shed() {
            0 => self.members.pop_chunk().len(),
            entries => entries,
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The score of a member.
    pub fn score(&self, name: &[u8]) -> Option<f64> {
        Some(self.members.get(self.index.find(&self.members, name)?)?.score)
    }

    /// Adds a member or changes its score. True if it is new.
    pub fn insert(&mut self, name: &[u8], score: f64) -> bool {
        let Some(id) = self.index.find(&self.members, name) else {
            self.add(name, score);
            return true;
        };
        let Some(member) = self.members.get(id) else { return false };
        let old = member.score;
        if old == score {
            return false;
        }
        let members = &self.members;
        self.tree.remove(u64::from(id), &|e| before(members, e, old, name));
        self.tree.insert(Entry { score, id: u64::from(id) }, &|e| before(members, e, score, name));
        if let Some(member) = self.members.get_mut(id) {
            member.score = score;
        }
        false
    }

    fn add(&mut self, name: &[u8], score: f64) {
        let member = Member { score, name: Text::new(name), hash_next: NIL };
        self.cost += cost::ranked_member(&member.name);
        let reused = self.free.pop();
        let id = match reused.and_then(|id| Some((id, self.members.get_mut(id)?))) {
            Some((id, slot)) => {
                *slot = member;
                id
            }
            None => self.members.push(member),
        };
        let members = &self.members;
        self.tree.insert(Entry { score, id: u64::from(id) }, &|e| before(members, e, score, name));
        self.index.insert(&mut self.members, id);
    }

    /// Removes a member. False if it was not there.
    pub fn remove(&mut self, name: &[u8]) -> bool {
        let Some(id) = self.index.find(&self.members, name) else { return false };
        let members = &self.members;
        let Some(score) = members.get(id).map(|m| m.score) else { return false };
        self.tree.remove(u64::from(id), &|e| before(members, e, score, name));
        self.index.remove(&mut self.members, id);
        if let Some(member) = self.members.get_mut(id) {
            self.cost = self.cost.saturating_sub(cost::ranked_member(&member.name));
            member.name = Text::new(b"");
        }
        if self.index.is_empty() {
            *self = Ranked::default();
        } else {
            self.free.push(id);
        }
        true
    }

    /// How many members stand before a member, and its score.
    pub fn rank(&self, name: &[u8]) -> Option<(usize, f64)> {
        let score = self.score(name)?;
        Some((self.tree.rank(&|e| before(&self.members, e, score, name)), score))
    }

    /// How many members from the start on satisfy `before`.
    pub fn partition_point(&self, before: &dyn Fn(&[u8], f64) -> bool) -> usize {
        self.tree.rank(&|e| before(self.members.key(e.id as u32), e.score))
    }

    /// Members from a rank on, upwards; or downwards when `back`.
    pub fn iter_from(&self, rank: usize, back: bool) -> impl Iterator<Item = (&[u8], f64)> {
        self.tree.iter_from(rank, back).map(|e| (self.members.key(e.id as u32), e.score))
    }

    /// How the members are spread over the buckets of the hash index.
    pub fn spread(&self) -> Vec<Spread> {
        self.index.spread(&self.members)
    }

    /// One step of ZSCAN.
    pub fn scan(&self, cursor: u64, visit: &mut dyn FnMut(&[u8], f64)) -> u64 {
        self.index.scan(&self.members, cursor, &mut |id| {
            if let Some(member) = self.members.get(id) {
                visit(&member.name, member.score);
            }
        })
    }

    /// Bytes by the real server's measure.
    pub fn memory(&self) -> usize {
        const HEAD: usize = 600;
        HEAD + cost::table(self.len()) + self.cost
    }
}
