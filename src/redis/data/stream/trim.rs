//! Trimming: entries leave at the old end.

use super::{Stream, StreamId, node};
use std::ops::Bound;

/// What decides how much goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// So many entries stay.
    Length(u64),
    /// Entries before this one go.
    Id(StreamId),
}

/// What becomes of groups' references to entries that go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    /// They stay.
    #[default]
    Keep,
    /// They go too.
    Delete,
    /// Only entries go that all groups have read and acknowledged.
    Acknowledged,
}

/// How to trim.
#[derive(Clone, Copy, Debug)]
pub struct Trim {
    /// What decides.
    pub by: By,
    /// Only whole nodes go.
    pub approximate: bool,
    /// At most so many entries go; 0 for no limit.
    pub limit: u64,
    /// What becomes of references.
    pub references: References,
}

impl Stream {
    /// Trims. How many entries went.
    pub fn trim(&mut self, trim: &Trim) -> u64 {
        let mut deleted = 0u64;
        let mut next = self.nodes.keys().next().copied();
        while let Some(id) = next {
            next = self.nodes.range((Bound::Excluded(id), Bound::Unbounded)).next().map(|(id, _)| *id);
            if matches!(trim.by, By::Length(most) if self.length <= most) {
                break;
            }
            let Some(live) = self.nodes.get(&id).and_then(node::head).map(|h| h.live as u64) else { break };
            if trim.limit > 0 && deleted + live > trim.limit {
                break;
            }
            let whole = self.may_go_whole(id, live, trim.by);
            let keep = trim.references == References::Keep;
            if whole && keep {
                self.remove_node(id);
                self.length = self.length.saturating_sub(live);
                deleted += live;
                continue;
            }
            if trim.approximate && keep {
                break;
            }
            deleted += self.trim_node(id, trim, whole.then_some(live));
            if !whole {
                break;
            }
        }
        if deleted > 0 || self.length == 0 {
            self.update_first();
        }
        deleted
    }

    fn may_go_whole(&self, id: StreamId, live: u64, by: By) -> bool {
        match by {
            By::Length(most) => self.length.saturating_sub(live) >= most,
            By::Id(first) => {
                let Some(pack) = self.nodes.get(&id) else { return false };
                let last = node::head(pack).and_then(|head| node::before(pack, id, &head, pack.end()));
                last.map_or(StreamId::MIN, |place| place.id) < first
            }
        }
    }

    fn remove_node(&mut self, id: StreamId) {
        if let Some(pack) = self.nodes.remove(&id) {
            self.bytes -= pack.size();
        }
    }

    /// Trims entry by entry. `whole`: the node goes with its last entry, of which there are so many.
    fn trim_node(&mut self, id: StreamId, trim: &Trim, whole: Option<u64>) -> u64 {
        let mut places = Vec::new();
        let mut left = self.length;
        let Some(pack) = self.nodes.get(&id) else { return 0 };
        let Some(head) = node::head(pack) else { return 0 };
        let mut at = head.entries;
        while let Some(place) = node::place(pack, id, &head, at) {
            let stop = match trim.by {
                By::Length(most) => left <= most,
                By::Id(first) => place.id >= first,
            };
            if stop {
                break;
            }
            at = node::end_of(pack, &place);
            if place.is_deleted() || (trim.references == References::Acknowledged && self.is_referenced(place.id)) {
                continue;
            }
            places.push(place);
            left -= 1;
        }
        self.length = left;
        if trim.references == References::Delete {
            for place in &places {
                self.forget(place.id);
            }
        }
        let gone = places.len() as u64;
        if whole == Some(gone) {
            self.remove_node(id);
        } else if let Some(pack) = self.nodes.get_mut(&id) {
            let before = pack.size();
            node::delete(pack, &places);
            self.bytes = self.bytes + pack.size() - before;
        }
        gone
    }
}
