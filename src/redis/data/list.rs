//! Lists: one listpack while small, else a quicklist.

use super::listpack::{Entry, Listpack};
pub use super::quicklist::{End, Fill, Node, Quicklist};

/// A list. 16 bytes, in which a few short entries lie; while it is small, one block more at most: there may be a million such
/// lists.
#[derive(Clone, Debug)]
pub enum List {
    /// A small one.
    Pack(Listpack),
    /// Any.
    Quick(Box<Quicklist>),
}

impl Default for List {
    fn default() -> List {
        List::Pack(Listpack::new())
    }
}

impl From<Quicklist> for List {
    fn from(mut list: Quicklist) -> List {
        match list.take_pack() {
            Some(pack) => List::Pack(pack),
            None => List::Quick(Box::new(list)),
        }
    }
}

impl List {
    /// An empty list.
    pub fn new() -> List {
        List::default()
    }

    /// A list made of nodes as a file has them.
    pub fn from_nodes(nodes: Vec<Node>, quick: bool) -> List {
        Quicklist::from_nodes(nodes, quick).into()
    }

    /// A list of these entries, in the encoding that suits them all.
    pub fn collect<'a>(entries: impl Iterator<Item = &'a [u8]>, fill: Fill) -> List {
        Quicklist::collect(entries, fill).into()
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        match self {
            List::Pack(pack) => pack.len(),
            List::Quick(list) => list.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        match self {
            List::Pack(pack) => pack.is_empty(),
            List::Quick(list) => list.is_empty(),
        }
    }

    /// Takes some nodes off a list that is of no use any more. How many.
    pub fn shed(&mut self) -> usize {
        match self {
            List::Pack(_) => 0,
            List::Quick(list) => list.shed(),
        }
    }

    /// The blocks of entries, and whether each is a single entry too large to share its node.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = (&Listpack, bool)> {
        let (pack, list) = match self {
            List::Pack(pack) => (Some((pack, false)).filter(|_| !pack.is_empty()), None),
            List::Quick(list) => (None, Some(list.nodes().map(|node| (&node.pack, node.plain)))),
        };
        pack.into_iter().chain(list.into_iter().flatten())
    }

    /// `quicklist` or `listpack`.
    pub fn encoding(&self) -> &'static str {
        if self.is_quick() { "quicklist" } else { "listpack" }
    }

    /// Whether it is encoded as a quicklist.
    pub fn is_quick(&self) -> bool {
        match self {
            List::Pack(_) => false,
            List::Quick(list) => list.is_quick(),
        }
    }

    /// Changes the list as a quicklist; it is a small one again if it may be.
    fn as_quick<T>(&mut self, change: impl FnOnce(&mut Quicklist) -> T) -> T {
        match self {
            List::Pack(pack) => {
                let mut list = Quicklist::from_pack(std::mem::take(pack));
                let result = change(&mut list);
                *self = list.into();
                result
            }
            List::Quick(list) => {
                let result = change(list);
                if let Some(pack) = list.take_pack() {
                    *self = List::Pack(pack);
                }
                result
            }
        }
    }

    /// Decides the encoding before entries are pushed: all of them count.
    pub fn will_grow(&mut self, fill: Fill, added: &[&[u8]]) {
        let List::Pack(pack) = self else { return };
        let bytes: usize = added.iter().map(|a| a.len()).sum();
        if fill.exceeded(pack.size() + bytes, pack.len() + added.len()) {
            self.as_quick(Quicklist::grow);
        }
    }

    /// Decides the encoding after an insert or a replacement.
    pub fn did_change(&mut self, fill: Fill) {
        match self {
            List::Pack(pack) if !fill.exceeded(pack.size(), pack.len()) => {}
            _ => self.as_quick(|list| list.did_change(fill)),
        }
    }

    /// Decides the encoding after entries were removed.
    pub fn did_shrink(&mut self, fill: Fill) {
        if let List::Quick(_) = self {
            self.as_quick(|list| list.did_shrink(fill));
        }
    }

    /// Adds an entry at one end.
    pub fn push(&mut self, end: End, text: &[u8], fill: Fill) {
        match self {
            List::Pack(pack) if end == End::Left => pack.insert(pack.first().unwrap_or(pack.end()), text),
            List::Pack(pack) => pack.push(text),
            List::Quick(list) => list.push(end, text, fill),
        }
    }

    /// Takes the entry at one end.
    pub fn pop(&mut self, end: End) -> Option<Vec<u8>> {
        match self {
            List::Pack(pack) => {
                let at = if end == End::Left { pack.first()? } else { pack.last()? };
                let value = pack.get(at).bytes().into_owned();
                pack.remove(at, 1);
                Some(value)
            }
            List::Quick(list) => list.pop(end),
        }
    }

    /// The entry at an index; negative ones count from the end.
    pub fn get(&self, index: i64) -> Option<Entry<'_>> {
        match self {
            List::Pack(pack) => Some(pack.get(pack.seek(isize::try_from(index).ok()?)?)),
            List::Quick(list) => list.get(index),
        }
    }

    /// Replaces the entry at an index. False if there is none.
    pub fn set(&mut self, index: i64, text: &[u8], fill: Fill) -> bool {
        match self {
            List::Pack(pack) => {
                let at = isize::try_from(index).ok().and_then(|index| pack.seek(index));
                at.map(|at| pack.replace(at, text)).is_some()
            }
            List::Quick(list) => list.set(index, text, fill),
        }
    }

    /// Entries from index `start` (not negative) on.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = Entry<'_>> {
        let (pack, list) = match self {
            List::Pack(pack) => (pack.seek(start as isize).map(|at| pack.iter_from(at)), None),
            List::Quick(list) => (None, Some(list.iter_from(start))),
        };
        pack.into_iter().flatten().chain(list.into_iter().flatten())
    }

    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        self.nodes().flat_map(|(pack, _)| pack.iter())
    }

    /// All entries from the tail.
    pub fn iter_back(&self) -> impl Iterator<Item = Entry<'_>> {
        self.nodes().rev().flat_map(|(pack, _)| {
            let mut at = pack.last();
            std::iter::from_fn(move || {
                let here = at?;
                at = pack.prev(here);
                Some(pack.get(here))
            })
        })
    }

    /// Puts `text` before or after the first entry equal to `pivot`. False if there is none.
    pub fn insert(&mut self, pivot: &[u8], text: &[u8], after: bool, fill: Fill) -> bool {
        self.as_quick(|list| list.insert(pivot, text, after, fill))
    }

    /// Removes up to `count` entries equal to `text`, from the tail when `backwards`.
    pub fn remove(&mut self, text: &[u8], count: usize, backwards: bool) -> usize {
        self.as_quick(|list| list.remove(text, count, backwards))
    }

    /// Removes `count` entries from index `start` on.
    pub fn remove_range(&mut self, start: usize, count: usize) {
        self.as_quick(|list| list.remove_range(start, count));
    }

    /// Bytes by the real server's measure.
    pub fn memory(&self) -> usize {
        match self {
            List::Pack(pack) => pack.size(),
            List::Quick(list) => list.memory(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    #[test]
    fn is_small() {
        assert_eq!(size_of::<List>(), 2 * size_of::<usize>());
    }

    #[test]
    fn behaves_as_a_deque_across_nodes() {
        for fill in [-2, 3, 1].map(|limit| Fill { limit, packed: 0 }) {
            let mut list = List::new();
            let mut model: VecDeque<Vec<u8>> = VecDeque::new();
            let mut state = 7u64;
            for n in 0..3000u64 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
                let text = format!("{}", state >> 40).into_bytes();
                match (state >> 33) % 8 {
                    0..=2 => {
                        list.will_grow(fill, &[&text]);
                        list.push(End::Right, &text, fill);
                        model.push_back(text);
                    }
                    3 => {
                        list.will_grow(fill, &[&text]);
                        list.push(End::Left, &text, fill);
                        model.push_front(text);
                    }
                    4 => assert_eq!(list.pop(End::Left), model.pop_front()),
                    5 if !model.is_empty() => {
                        let at = n as usize % model.len();
                        assert!(list.set(at as i64, &text, fill));
                        model[at] = text;
                    }
                    6 if !model.is_empty() => {
                        let pivot = model[n as usize % model.len()].clone();
                        let first = model.iter().position(|v| *v == pivot).unwrap();
                        assert!(list.insert(&pivot, &text, true, fill));
                        list.did_change(fill);
                        model.insert(first + 1, text);
                    }
                    7 if model.len() > 4 => {
                        let at = n as usize % (model.len() - 2);
                        list.remove_range(at, 2);
                        model.drain(at..at + 2);
                    }
                    _ => {}
                }
                assert_eq!(list.len(), model.len());
            }
            let all: Vec<Vec<u8>> = list.iter().map(|e| e.bytes().into_owned()).collect();
            assert_eq!(all, model.iter().cloned().collect::<Vec<_>>());
            let mut back: Vec<Vec<u8>> = list.iter_back().map(|e| e.bytes().into_owned()).collect();
            back.reverse();
            assert_eq!(back, all);
            for (n, item) in all.iter().enumerate() {
                assert!(list.get(n as i64).unwrap().is(item));
                assert!(list.iter_from(n).next().unwrap().is(item));
            }
        }
    }
}
