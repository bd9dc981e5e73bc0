//! Going through the entries of a stream.

use super::{Stream, StreamId, node};
use crate::data::listpack::{Entry, Listpack};
use std::collections::btree_map::Range;

/// An entry that is being looked at.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// Its id.
    pub id: StreamId,
    /// The node it is in.
    pub node: StreamId,
    pack: &'a Listpack,
    head: node::Head,
    /// Where it lies there.
    pub place: node::Place,
}

impl<'a> Item<'a> {
    /// How many fields it has.
    pub fn fields(&self) -> usize {
        self.place.fields
    }

    /// Its fields and values.
    pub fn pairs(&self) -> impl Iterator<Item = (Entry<'a>, Entry<'a>)> + use<'a> {
        node::pairs(self.pack, &self.head, &self.place)
    }
}

/// Where in a node the next entry is looked for: the offset where it begins, or (backwards) ends.
#[derive(Clone, Copy, Debug)]
struct Open<'a> {
    id: StreamId,
    pack: &'a Listpack,
    head: node::Head,
    at: usize,
}

/// Goes through the entries of a range.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    nodes: Range<'a, StreamId, Listpack>,
    open: Option<Open<'a>>,
    start: StreamId,
    end: StreamId,
    backwards: bool,
    deleted_too: bool,
}

impl Stream {
    /// The entries from `start` to `end`, both included.
    pub fn range(&self, start: StreamId, end: StreamId) -> Items<'_> {
        let from = self.nodes.range(..=start).next_back().map_or(StreamId::MIN, |(id, _)| *id);
        let nodes = if from <= end { self.nodes.range(from..=end) } else { self.nodes.range(end..end) };
        Items { nodes, open: None, start, end, backwards: false, deleted_too: false }
    }

    /// The same from the last to the first.
    pub fn range_back(&self, start: StreamId, end: StreamId) -> Items<'_> {
        Items { backwards: true, ..self.range(start, end) }
    }

    /// All entries, those marked as deleted included.
    pub fn all_with_deleted(&self) -> Items<'_> {
        Items { deleted_too: true, ..self.range(StreamId::MIN, StreamId::MAX) }
    }
}

impl<'a> Items<'a> {
    fn open_node(&mut self) -> Option<Open<'a>> {
        let (id, pack) = if self.backwards { self.nodes.next_back()? } else { self.nodes.next()? };
        let head = node::head(pack)?;
        Some(Open { id: *id, pack, head, at: if self.backwards { pack.end() } else { head.entries } })
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        loop {
            let mut open = match self.open.take() {
                Some(open) => open,
                None => self.open_node()?,
            };
            let found = if self.backwards {
                node::before(open.pack, open.id, &open.head, open.at)
            } else {
                node::place(open.pack, open.id, &open.head, open.at)
            };
            let Some(place) = found else { continue };
            let beyond = if self.backwards { place.id < self.start } else { place.id > self.end };
            if beyond {
                return None;
            }
            open.at = if self.backwards { place.at } else { node::end_of(open.pack, &place) };
            self.open = Some(open);
            let inside = place.id >= self.start && place.id <= self.end;
            if inside && (self.deleted_too || !place.is_deleted()) {
                return Some(Item { id: place.id, node: open.id, pack: open.pack, head: open.head, place });
            }
        }
    }
}
