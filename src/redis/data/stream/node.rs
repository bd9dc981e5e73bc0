//! A node of a stream: some entries in one listpack, in Redis's own format.
//!
//! A node begins with a master entry: how many entries live, how many are marked as deleted, the number
//! of fields and the fields' names of its first entry, and a 0. An entry is its flags, its id relative
//! to the node's (ms, seq), the number of fields and then names and values, or (if its names are those
//! of the master entry) the values alone; then how many listpack entries it took, to walk backwards.

use super::StreamId;
use crate::data::listpack::{Entry, Listpack};

/// The entry is marked as deleted.
const DELETED: i64 = 1;
/// The entry has the names of the master entry.
const SAME_FIELDS: i64 = 2;

/// The beginning of a node.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// Entries that are not deleted.
    pub live: i64,
    /// Entries marked as deleted.
    pub deleted: i64,
    /// How many names the master entry has.
    fields: usize,
    /// Offset of its first name.
    names: usize,
    /// Offset of the first entry, or of the end.
    pub entries: usize,
}

/// Where an entry lies.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its id.
    pub id: StreamId,
    /// Offset of its flags.
    pub at: usize,
    flags: i64,
    /// How many fields it has.
    pub fields: usize,
    /// Offset of its first name or value.
    data: usize,
}

impl Place {
    /// Whether it is marked as deleted.
    pub fn is_deleted(&self) -> bool {
        self.flags & DELETED != 0
    }

    fn pieces(&self) -> usize {
        if self.flags & SAME_FIELDS != 0 { self.fields } else { self.fields.saturating_mul(2) }
    }
}

fn int(pack: &Listpack, at: usize) -> Option<i64> {
    match pack.get(at) {
        Entry::Int(n) => Some(n),
        Entry::Str(_) => None,
    }
}

/// The offset after the entry at `at`, which may be the end.
fn after(pack: &Listpack, at: usize) -> usize {
    pack.next(at).unwrap_or_else(|| pack.end())
}

/// The beginning of a node.
pub fn head(pack: &Listpack) -> Option<Head> {
    let first = pack.first()?;
    let second = pack.next(first)?;
    let third = pack.next(second)?;
    let fields = usize::try_from(int(pack, third)?).ok()?;
    let names = pack.next(third)?;
    let mut at = names;
    for _ in 0..fields {
        at = pack.next(at)?;
    }
    Some(Head { live: int(pack, first)?, deleted: int(pack, second)?, fields, names, entries: after(pack, at) })
}

/// A node with one entry.
pub fn new(pairs: &[&[u8]]) -> Listpack {
    let fields = pairs.len() / 2;
    let mut pieces = Vec::with_capacity(fields + 4);
    pieces.extend([Entry::Int(0), Entry::Int(0), Entry::Int(fields as i64)]);
    pieces.extend(pairs.iter().step_by(2).map(|name| Entry::Str(name)));
    pieces.push(Entry::Int(0));
    let mut pack = Listpack::new();
    pack.extend(&pieces);
    pack
}

/// Appends an entry to the node whose id is `master`.
pub fn push(pack: &mut Listpack, master: StreamId, id: StreamId, pairs: &[&[u8]]) -> Option<()> {
    let head = head(pack)?;
    let fields = pairs.len() / 2;
    let same = fields == head.fields
        && pack.iter_from(head.names).take(fields).zip(pairs.iter().step_by(2)).all(|(have, name)| have.is(name));
    let mut pieces = Vec::with_capacity(pairs.len() + 5);
    pieces.push(Entry::Int(if same { SAME_FIELDS } else { 0 }));
    pieces.push(Entry::Int(id.ms.wrapping_sub(master.ms) as i64));
    pieces.push(Entry::Int(id.seq.wrapping_sub(master.seq) as i64));
    if same {
        pieces.extend(pairs.iter().skip(1).step_by(2).map(|value| Entry::Str(value)));
    } else {
        pieces.push(Entry::Int(fields as i64));
        pieces.extend(pairs.iter().map(|piece| Entry::Str(piece)));
    }
    pieces.push(Entry::Int(pieces.len() as i64));
    pack.extend(&pieces);
    let first = pack.first()?;
    pack.replace_int(first, head.live + 1);
    Some(())
}

/// The entry whose flags stand at `at`.
pub fn place(pack: &Listpack, master: StreamId, head: &Head, at: usize) -> Option<Place> {
    if at >= pack.end() {
        return None;
    }
    let flags = int(pack, at)?;
    let ms = pack.next(at)?;
    let seq = pack.next(ms)?;
    let id = StreamId {
        ms: master.ms.wrapping_add(int(pack, ms)? as u64),
        seq: master.seq.wrapping_add(int(pack, seq)? as u64),
    };
    let mut data = pack.next(seq)?;
    let mut fields = head.fields;
    if flags & SAME_FIELDS == 0 {
        fields = usize::try_from(int(pack, data)?).ok()?;
        data = pack.next(data)?;
    }
    Some(Place { id, at, flags, fields, data })
}

/// The offset after an entry: of the next entry's flags, or of the end.
pub fn end_of(pack: &Listpack, place: &Place) -> usize {
    let mut at = place.data;
    for _ in 0..=place.pieces() {
        at = after(pack, at);
    }
    at
}

/// The entry that ends before the offset `end`.
pub fn before(pack: &Listpack, master: StreamId, head: &Head, end: usize) -> Option<Place> {
    if end <= head.entries {
        return None;
    }
    let mut at = pack.prev(end)?;
    for _ in 0..int(pack, at)? {
        at = pack.prev(at)?;
    }
    place(pack, master, head, at)
}

/// Names and values of an entry.
pub fn pairs<'a>(
    pack: &'a Listpack,
    head: &Head,
    place: &Place,
) -> impl Iterator<Item = (Entry<'a>, Entry<'a>)> + use<'a> {
    let same = place.flags & SAME_FIELDS != 0;
    let mut names = pack.iter_from(head.names);
    let mut data = pack.iter_from(place.data);
    (0..place.fields).map_while(move |_| {
        let name = if same { names.next()? } else { data.next()? };
        Some((name, data.next()?))
    })
}

/// Marks entries, given in order, as deleted.
pub fn delete(pack: &mut Listpack, places: &[Place]) {
    let Some(head) = head(pack) else { return };
    let count = places.len() as i64;
    for place in places.iter().rev() {
        pack.replace_int(place.at, place.flags | DELETED);
    }
    if let Some(first) = pack.first() {
        pack.replace_int(first, head.live - count);
        if let Some(second) = pack.next(first) {
            pack.replace_int(second, head.deleted + count);
        }
    }
}

/// Whether a block from outside is a node, entry by entry. Its number of living entries.
pub fn check(pack: &Listpack) -> Option<u64> {
    let head = head(pack)?;
    if head.live < 0 || head.deleted < 0 || int(pack, pack.prev(head.entries)?)? != 0 {
        return None;
    }
    let (mut at, mut live) = (head.entries, 0i64);
    for _ in 0..head.live.checked_add(head.deleted)? {
        let place = place(pack, StreamId::MIN, &head, at)?;
        if place.pieces() > pack.size() {
            return None;
        }
        let mut last = place.data;
        for _ in 0..place.pieces() {
            last = pack.next(last)?;
        }
        let extra = if place.flags & SAME_FIELDS != 0 { 3 } else { 4 };
        if int(pack, last)? != (place.pieces() + extra) as i64 {
            return None;
        }
        live += i64::from(!place.is_deleted());
        at = after(pack, last);
    }
    (at == pack.end() && live == head.live).then_some(live as u64)
}
