//! A deque of listpack nodes, as in Redis's quicklist: what a [`List`](super::list::List) is while it is large.

use super::listpack::{Entry, Listpack, entry_size};
use std::collections::VecDeque;

/// When a node is full.
#[derive(Clone, Copy, Debug)]
pub struct Fill {
    /// `list-max-listpack-size`.
    pub limit: i64,
    /// DEBUG QUICKLIST-PACKED-THRESHOLD: entries of so many bytes get a node of their own; 0 where the
    /// limit decides.
    pub packed: usize,
}

impl Fill {
    fn byte_limit(self) -> Option<usize> {
        match self.limit {
            -1 => Some(4096),
            -2 => Some(8192),
            -3 => Some(16384),
            -4 => Some(32768),
            n if n <= -5 => Some(65536),
            _ => None,
        }
    }

    /// Whether a node of this size may take `extra` more bytes in one more entry.
    fn fits(self, size: usize, count: usize, extra: usize) -> bool {
        match self.byte_limit() {
            Some(limit) => size + extra <= limit,
            None => size + extra <= 8192 && count < self.limit.max(1) as usize,
        }
    }

    /// Whether an entry is too large to share a node with others.
    fn is_large(self, len: usize) -> bool {
        if self.packed != 0 {
            return len >= self.packed;
        }
        len > self.byte_limit().unwrap_or(8192)
    }

    pub(super) fn exceeded(self, size: usize, count: usize) -> bool {
        match self.byte_limit() {
            Some(limit) => size > limit,
            None => size > 8192 || count > self.limit.max(1) as usize,
        }
    }

    /// Half of the limit: below it a quicklist of one node becomes a listpack again.
    fn under_half(self, size: usize, count: usize) -> bool {
        match self.byte_limit() {
            Some(limit) => size <= limit / 2,
            None => size <= 4096 && count <= (self.limit.max(1) / 2) as usize,
        }
    }
}

/// A node: entries and their number.
#[derive(Clone, Debug)]
pub struct Node {
    /// The entries.
    pub pack: Listpack,
    /// A single entry too large to share a node.
    pub plain: bool,
}

/// A list.
#[derive(Clone, Debug, Default)]
pub struct Quicklist {
    nodes: VecDeque<Node>,
    len: usize,
    quick: bool,
}

/// Which end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The head, index 0.
    Left,
    /// The tail, index -1.
    Right,
}

impl Quicklist {
    /// An empty list.
    pub fn new() -> Quicklist {
        Quicklist::default()
    }

    /// A list made of nodes as a file has them.
    pub fn from_nodes(nodes: Vec<Node>, quick: bool) -> Quicklist {
        let len = nodes.iter().map(|n| n.pack.len()).sum();
        let mut list = Quicklist { nodes: nodes.into_iter().filter(|n| !n.pack.is_empty()).collect(), len, quick };
        list.quick |= list.nodes.len() > 1;
        list
    }

    /// A list of these entries, in the encoding that suits them all.
    pub fn collect<'a>(entries: impl Iterator<Item = &'a [u8]>, fill: Fill) -> Quicklist {
        let mut list = Quicklist { quick: true, ..Quicklist::default() };
        entries.for_each(|entry| list.push(End::Right, entry, fill));
        list.quick = match list.nodes.front() {
            Some(only) if list.nodes.len() == 1 => only.plain || fill.exceeded(only.pack.size(), only.pack.len()),
            _ => list.nodes.len() > 1,
        };
        list
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes some nodes off a list that is of no use any more. How many.
    pub fn shed(&mut self) -> usize {
        const SOME: usize = 256;
        let left = self.nodes.len().saturating_sub(SOME);
        self.nodes.drain(left..).count()
    }

    /// A list of one node that does not count as a quicklist.
    pub fn from_pack(pack: Listpack) -> Quicklist {
        Quicklist::from_nodes(vec![Node { pack, plain: false }], false)
    }

    /// The entries, if they are one node and need not be a quicklist.
    pub fn take_pack(&mut self) -> Option<Listpack> {
        let fits = !self.quick && self.nodes.len() <= 1 && self.nodes.front().is_none_or(|node| !node.plain);
        fits.then(|| self.nodes.pop_front().map_or_else(Listpack::new, |node| node.pack))
    }

    /// Makes it count as a quicklist.
    pub fn grow(&mut self) {
        self.quick = true;
    }

    /// The nodes.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = &Node> {
        self.nodes.iter()
    }

    /// `quicklist` or `listpack`.
    pub fn encoding(&self) -> &'static str {
        if self.quick { "quicklist" } else { "listpack" }
    }

    /// Whether it is encoded as a quicklist.
    pub fn is_quick(&self) -> bool {
        self.quick
    }

    /// Decides the encoding after an insert or a replacement.
    pub fn did_change(&mut self, fill: Fill) {
        if !self.quick
            && (self.nodes.len() > 1 || self.nodes.front().is_some_and(|n| fill.exceeded(n.pack.size(), n.pack.len())))
        {
            self.quick = true;
        }
    }

    /// Decides the encoding after entries were removed.
    pub fn did_shrink(&mut self, fill: Fill) {
        if self.quick
            && self.nodes.len() == 1
            && let Some(node) = self.nodes.front()
            && !node.plain
            && fill.under_half(node.pack.size(), node.pack.len())
        {
            self.quick = false;
        }
    }

    /// Adds an entry at one end.
    pub fn push(&mut self, end: End, text: &[u8], fill: Fill) {
        let extra = entry_size(text);
        let node = match end {
            End::Left => self.nodes.front(),
            End::Right => self.nodes.back(),
        };
        let large = self.quick && fill.is_large(text.len());
        let room = node.is_some_and(|n| !n.plain && (!self.quick || fill.fits(n.pack.size(), n.pack.len(), extra)));
        if !room || large {
            let node = Node { pack: Listpack::new(), plain: large };
            // A small list never has more than one.
            if self.nodes.is_empty() {
                self.nodes.reserve_exact(1);
            }
            match end {
                End::Left => self.nodes.push_front(node),
                End::Right => self.nodes.push_back(node),
            }
        }
        match end {
            End::Left => {
                if let Some(node) = self.nodes.front_mut() {
                    let at = node.pack.first().unwrap_or(node.pack.end());
                    node.pack.insert(at, text);
                }
            }
            End::Right => {
                if let Some(node) = self.nodes.back_mut() {
                    node.pack.push(text);
                }
            }
        }
        self.len += 1;
    }

    /// Takes the entry at one end.
    pub fn pop(&mut self, end: End) -> Option<Vec<u8>> {
        let node = match end {
            End::Left => self.nodes.front_mut()?,
            End::Right => self.nodes.back_mut()?,
        };
        let at = match end {
            End::Left => node.pack.first()?,
            End::Right => node.pack.last()?,
        };
        let value = node.pack.get(at).bytes().into_owned();
        node.pack.remove(at, 1);
        self.len -= 1;
        if node.pack.is_empty() {
            match end {
                End::Left => self.nodes.pop_front(),
                End::Right => self.nodes.pop_back(),
            };
        }
        Some(value)
    }

    /// The node and the offset of an index; negative ones count from the end.
    fn locate(&self, index: i64) -> Option<(usize, usize)> {
        let len = self.len as i64;
        let index = if index < 0 { index + len } else { index };
        if index < 0 || index >= len {
            return None;
        }
        if index <= len / 2 {
            let mut rest = index as usize;
            for (n, node) in self.nodes.iter().enumerate() {
                let count = node.pack.len();
                if rest < count {
                    return Some((n, node.pack.seek(rest as isize)?));
                }
                rest -= count;
            }
        } else {
            let mut rest = (len - 1 - index) as usize;
            for (n, node) in self.nodes.iter().enumerate().rev() {
                let count = node.pack.len();
                if rest < count {
                    return Some((n, node.pack.seek(-1 - rest as isize)?));
                }
                rest -= count;
            }
        }
        None
    }

    /// The entry at an index.
    pub fn get(&self, index: i64) -> Option<Entry<'_>> {
        let (node, at) = self.locate(index)?;
        Some(self.nodes.get(node)?.pack.get(at))
    }

    /// Replaces the entry at an index. False if there is none.
    pub fn set(&mut self, index: i64, text: &[u8], fill: Fill) -> bool {
        let Some((n, at)) = self.locate(index) else { return false };
        let large = self.quick && fill.is_large(text.len());
        let Some(node) = self.nodes.get_mut(n) else { return false };
        if !large || node.pack.len() == 1 {
            node.plain = large;
            node.pack.replace(at, text);
            return true;
        }
        node.pack.remove(at, 1);
        self.insert_alone(n, at, text, true);
        true
    }

    /// Puts an entry into a node of its own, before the entry that stands at `at` in node `n`.
    fn insert_alone(&mut self, n: usize, at: usize, text: &[u8], plain: bool) {
        let mut pack = Listpack::new();
        pack.push(text);
        let place = self.split(n, at);
        self.nodes.insert(place, Node { pack, plain });
    }

    /// Parts a node before the entry at `at`, and returns the place between the parts.
    fn split(&mut self, n: usize, at: usize) -> usize {
        let Some(node) = self.nodes.get_mut(n) else { return n };
        if at >= node.pack.end() {
            return n + 1;
        }
        if Some(at) == node.pack.first() {
            return n;
        }
        let mut tail = Listpack::new();
        for entry in node.pack.iter_from(at) {
            tail.push(&entry.bytes());
        }
        node.pack.remove(at, usize::MAX);
        self.nodes.insert(n + 1, Node { pack: tail, plain: false });
        n + 1
    }

    /// Entries from index `start` (not negative) on.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = Entry<'_>> {
        let (first, at) = self.locate(start as i64).unwrap_or((self.nodes.len(), 0));
        let head = self.nodes.get(first).map(|n| n.pack.iter_from(at));
        head.into_iter().flatten().chain(self.nodes.iter().skip(first + 1).flat_map(|n| n.pack.iter()))
    }

    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        self.nodes.iter().flat_map(|n| n.pack.iter())
    }

    /// All entries from the tail.
    pub fn iter_back(&self) -> impl Iterator<Item = Entry<'_>> {
        self.nodes.iter().rev().flat_map(|n| {
            let mut at = n.pack.last();
            std::iter::from_fn(move || {
                let here = at?;
                at = n.pack.prev(here);
                Some(n.pack.get(here))
            })
        })
    }

    /// Puts `text` before or after the first entry equal to `pivot`. False if there is none.
    pub fn insert(&mut self, pivot: &[u8], text: &[u8], after: bool, fill: Fill) -> bool {
        for n in 0..self.nodes.len() {
            let Some(node) = self.nodes.get_mut(n) else { break };
            let Some(at) = node.pack.find(pivot, 1) else { continue };
            let at = if after { node.pack.next(at).unwrap_or(node.pack.end()) } else { at };
            self.len += 1;
            if node.plain || self.quick && fill.is_large(text.len()) {
                self.insert_alone(n, at, text, fill.is_large(text.len()));
            } else {
                node.pack.insert(at, text);
                self.halve_if_large(n, fill);
            }
            return true;
        }
        false
    }

    /// Halves a node that an insert made too large.
    fn halve_if_large(&mut self, n: usize, fill: Fill) {
        let Some(node) = self.nodes.get(n) else { return };
        let count = node.pack.len();
        if self.quick
            && count >= 2
            && fill.exceeded(node.pack.size(), count)
            && let Some(middle) = node.pack.seek((count / 2) as isize)
        {
            self.split(n, middle);
        }
    }

    /// Removes up to `count` entries equal to `text`, from the tail when `backwards`.
    pub fn remove(&mut self, text: &[u8], count: usize, backwards: bool) -> usize {
        let mut removed = 0;
        let order: Vec<usize> =
            if backwards { (0..self.nodes.len()).rev().collect() } else { (0..self.nodes.len()).collect() };
        for n in order {
            let Some(node) = self.nodes.get_mut(n) else { break };
            if backwards {
                let mut at = node.pack.last();
                while let Some(here) = at.filter(|_| removed < count) {
                    at = node.pack.prev(here);
                    if node.pack.get(here).is(text) {
                        node.pack.remove(here, 1);
                        removed += 1;
                    }
                }
            } else {
                let mut at = node.pack.first();
                while let Some(here) = at.filter(|_| removed < count) {
                    if node.pack.get(here).is(text) {
                        node.pack.remove(here, 1);
                        removed += 1;
                        at = (here < node.pack.end()).then_some(here);
                    } else {
                        at = node.pack.next(here);
                    }
                }
            }
            if removed >= count {
                break;
            }
        }
        self.len -= removed;
        self.nodes.retain(|n| !n.pack.is_empty());
        removed
    }

    /// Removes `count` entries from index `start` on.
    pub fn remove_range(&mut self, start: usize, count: usize) {
        let (mut start, mut left) = (start, count.min(self.len.saturating_sub(start)));
        self.len -= left;
        for node in &mut self.nodes {
            if left == 0 {
                break;
            }
            let here = node.pack.len();
            if start >= here {
                start -= here;
                continue;
            }
            let take = left.min(here - start);
            if take == here {
                node.pack = Listpack::new();
            } else if let Some(at) = node.pack.seek(start as isize) {
                node.pack.remove(at, take);
            }
            left -= take;
            start = 0;
        }
        self.nodes.retain(|n| !n.pack.is_empty());
    }

    /// Bytes allocated.
    pub fn memory(&self) -> usize {
        const SAMPLE: usize = 32;
        const NODE: usize = 32;
        let of = |n: &Node| n.pack.size();
        let nodes = self.nodes.len();
        let packs: usize = if nodes <= 2 * SAMPLE {
            self.nodes.iter().map(of).sum()
        } else {
            // Nodes are alike but for those at the ends; a list may have very many.
            let ends = self.nodes.iter().take(SAMPLE).chain(self.nodes.iter().rev().take(SAMPLE));
            ends.map(of).sum::<usize>() * nodes / (2 * SAMPLE)
        };
        packs + if self.quick { 48 + NODE * nodes } else { 0 }
    }
}
