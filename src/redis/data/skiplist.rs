//! A skip list with spans, so that rank and selection by rank take O(log n), and a hash index from
//! member to node. Nodes are slots of one vector.

use super::index::{Arena, Index, NIL, Spread};
use super::text::Text;
use super::zset::order;
use std::cmp::Ordering;

const MAX_LEVEL: usize = 32;

#[derive(Clone, Copy, Debug)]
struct Link {
    next: u32,
    /// How many places `next` lies ahead.
    span: u32,
}

const NOWHERE: Link = Link { next: NIL, span: 0 };

#[derive(Clone, Debug)]
struct Node {
    score: f64,
    member: Text,
    hash_next: u32,
    back: u32,
    base: Link,
    /// The links above the lowest level.
    upper: Box<[Link]>,
}

#[derive(Clone, Debug, Default)]
struct Nodes(Vec<Node>);

impl Arena for Nodes {
    fn key(&self, id: u32) -> &[u8] {
        self.0.get(id as usize).map_or(&[], |n| &n.member)
    }
    fn next(&self, id: u32) -> u32 {
        self.0.get(id as usize).map_or(NIL, |n| n.hash_next)
    }
    fn set_next(&mut self, id: u32, next: u32) {
        if let Some(node) = self.0.get_mut(id as usize) {
            node.hash_next = next;
        }
    }
}

/// The list.
#[derive(Clone, Debug)]
pub struct SkipList {
    nodes: Nodes,
    free: Vec<u32>,
    index: Index,
    head: [Link; MAX_LEVEL],
    tail: u32,
    level: usize,
    state: u64,
}

impl Default for SkipList {
    fn default() -> SkipList {
        SkipList {
            nodes: Nodes::default(),
            free: Vec::new(),
            index: Index::default(),
            head: [NOWHERE; MAX_LEVEL],
            tail: NIL,
            level: 1,
            state: 0x853c_49e6_748f_ea9b,
        }
    }
}

/// The links passed on the way to a place, and the rank at each.
struct Path {
    node: [u32; MAX_LEVEL],
    rank: [u32; MAX_LEVEL],
}

impl SkipList {
    /// How many members it has.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn node(&self, id: u32) -> Option<&Node> {
        self.nodes.0.get(id as usize)
    }

    /// The link of a node (or of the head, `NIL`) at a level.
    fn link(&self, id: u32, level: usize) -> Link {
        if id == NIL {
            return self.head[level];
        }
        self.node(id)
            .map_or(NOWHERE, |n| if level == 0 { n.base } else { n.upper.get(level - 1).copied().unwrap_or(NOWHERE) })
    }

    fn set_link(&mut self, id: u32, level: usize, link: Link) {
        if id == NIL {
            self.head[level] = link;
        } else if let Some(node) = self.nodes.0.get_mut(id as usize) {
            if level == 0 {
                node.base = link;
            } else if let Some(slot) = node.upper.get_mut(level - 1) {
                *slot = link;
            }
        }
    }

    fn random_level(&mut self) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        // A quarter of the nodes of each level reach the next.
        1 + (self.state.trailing_zeros() as usize / 2).min(MAX_LEVEL - 1)
    }

    /// The path to the place before the first node for which `before` is false.
    fn path(&self, before: &dyn Fn(&Node) -> bool) -> Path {
        let mut path = Path { node: [NIL; MAX_LEVEL], rank: [0; MAX_LEVEL] };
        let (mut at, mut rank) = (NIL, 0);
        for level in (0..self.level).rev() {
            loop {
                let link = self.link(at, level);
                match self.node(link.next) {
                    Some(node) if before(node) => {
                        rank += link.span;
                        at = link.next;
                    }
                    _ => break,
                }
            }
            path.node[level] = at;
            path.rank[level] = rank;
        }
        path
    }

    /// The score of a member.
    pub fn score(&self, member: &[u8]) -> Option<f64> {
        Some(self.node(self.index.find(&self.nodes, member)?)?.score)
    }

    /// Adds a member or changes its score. True if it is new.
    pub fn insert(&mut self, member: &[u8], score: f64) -> bool {
        let found = self.index.find(&self.nodes, member);
        if let Some(id) = found {
            if self.node(id).is_some_and(|n| n.score == score) {
                return false;
            }
            if self.stays_in_place(id, score) {
                if let Some(node) = self.nodes.0.get_mut(id as usize) {
                    node.score = score;
                }
                return false;
            }
            self.remove(member);
        }
        self.add(member, score);
        found.is_none()
    }

    /// Whether the neighbours of a node still stand right around it with another score.
    fn stays_in_place(&self, id: u32, score: f64) -> bool {
        let Some(node) = self.node(id) else { return false };
        let after = self
            .node(node.base.next)
            .is_none_or(|n| order((score, &node.member), (n.score, &n.member)) == Ordering::Less);
        let before =
            self.node(node.back).is_none_or(|n| order((n.score, &n.member), (score, &node.member)) == Ordering::Less);
        after && before
    }

    fn add(&mut self, member: &[u8], score: f64) {
        let mut path = self.path(&|n| order((n.score, &n.member), (score, member)) == Ordering::Less);
        let levels = self.random_level();
        let len = self.len() as u32;
        while self.level < levels {
            path.node[self.level] = NIL;
            path.rank[self.level] = 0;
            self.head[self.level] = Link { next: NIL, span: len };
            self.level += 1;
        }
        let back = path.node[0];
        let node = Node {
            score,
            member: Text::new(member),
            hash_next: NIL,
            back,
            base: NOWHERE,
            upper: vec![NOWHERE; levels - 1].into_boxed_slice(),
        };
        let id = match self.free.pop() {
            Some(id) => {
                self.nodes.0[id as usize] = node;
                id
            }
            None => {
                self.nodes.0.push(node);
                self.nodes.0.len() as u32 - 1
            }
        };
        for level in 0..levels {
            let before = self.link(path.node[level], level);
            let passed = path.rank[0] - path.rank[level];
            self.set_link(id, level, Link { next: before.next, span: before.span.wrapping_sub(passed) });
            self.set_link(path.node[level], level, Link { next: id, span: passed + 1 });
        }
        for level in levels..self.level {
            let mut link = self.link(path.node[level], level);
            link.span += 1;
            self.set_link(path.node[level], level, link);
        }
        let next = self.link(id, 0).next;
        match self.nodes.0.get_mut(next as usize) {
            Some(node) => node.back = id,
            None => self.tail = id,
        }
        self.index.insert(&mut self.nodes, id);
    }

    /// Removes a member. False if it was not there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        let Some(id) = self.index.find(&self.nodes, member) else { return false };
        let Some(score) = self.node(id).map(|n| n.score) else { return false };
        let path = self.path(&|n| order((n.score, &n.member), (score, member)) == Ordering::Less);
        for level in 0..self.level {
            let mut link = self.link(path.node[level], level);
            if link.next == id {
                let own = self.link(id, level);
                link = Link { next: own.next, span: (link.span + own.span).wrapping_sub(1) };
            } else {
                link.span = link.span.wrapping_sub(1);
            }
            self.set_link(path.node[level], level, link);
        }
        let next = self.link(id, 0).next;
        match self.nodes.0.get_mut(next as usize) {
            Some(node) => node.back = path.node[0],
            None => self.tail = path.node[0],
        }
        while self.level > 1 && self.head[self.level - 1].next == NIL {
            self.level -= 1;
        }
        self.index.remove(&mut self.nodes, id);
        if let Some(node) = self.nodes.0.get_mut(id as usize) {
            node.member = Text::new(b"");
            node.upper = Box::default();
        }
        self.free.push(id);
        true
    }

    /// How many members stand before a member, and its score.
    pub fn rank(&self, member: &[u8]) -> Option<(usize, f64)> {
        let score = self.score(member)?;
        let path = self.path(&|n| order((n.score, &n.member), (score, member)) == Ordering::Less);
        Some((path.rank[0] as usize, score))
    }

    /// How many members from the start on satisfy `before`.
    pub fn partition_point(&self, before: &dyn Fn(&[u8], f64) -> bool) -> usize {
        self.path(&|n| before(&n.member, n.score)).rank[0] as usize
    }

    fn select(&self, rank: usize) -> u32 {
        let (mut at, mut left) = (NIL, rank as u32 + 1);
        for level in (0..self.level).rev() {
            loop {
                let link = self.link(at, level);
                if link.next == NIL || link.span > left {
                    break;
                }
                left -= link.span;
                at = link.next;
            }
            if left == 0 {
                return at;
            }
        }
        NIL
    }

    /// Members from a rank on, upwards; or downwards when `back`.
    pub fn iter_from(&self, rank: usize, back: bool) -> impl Iterator<Item = (&[u8], f64)> {
        let mut at = if rank == 0 && !back { self.head[0].next } else { self.select(rank) };
        std::iter::from_fn(move || {
            let node = self.node(at)?;
            at = if back { node.back } else { node.base.next };
            Some((node.member.as_bytes(), node.score))
        })
    }

    /// How the members are spread over the buckets of the hash index.
    pub fn spread(&self) -> Vec<Spread> {
        self.index.spread(&self.nodes)
    }

    /// One step of ZSCAN.
    pub fn scan(&self, cursor: u64, visit: &mut dyn FnMut(&[u8], f64)) -> u64 {
        self.index.scan(&self.nodes, cursor, &mut |id| {
            if let Some(node) = self.node(id) {
                visit(&node.member, node.score);
            }
        })
    }

    /// Bytes allocated.
    pub fn memory(&self) -> usize {
        let nodes: usize =
            self.nodes.0.iter().map(|n| size_of::<Node>() + n.upper.len() * 8 + n.member.heap_size()).sum();
        nodes + self.index.buckets() * 4 + 64
    }
}
