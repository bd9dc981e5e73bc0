//! Hashes: a listpack of fields and values while small, else a hash table; fields may expire.

use super::dict::{Dict, Item};
use super::index::NIL;
use super::listpack::Listpack;
use super::text::Text;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A field and its value.
type Pair<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// A field in a hash table.
#[derive(Clone, Debug)]
pub struct Field {
    name: Text,
    value: Text,
    next: u32,
}

impl Item for Field {
    fn key(&self) -> &[u8] {
        &self.name
    }
    fn next(&self) -> u32 {
        self.next
    }
    fn set_next(&mut self, next: u32) {
        self.next = next;
    }
    fn cost(&self) -> usize {
        super::cost::field(&self.name, &self.value)
    }
}

/// `hash-max-listpack-entries` and `hash-max-listpack-value`.
#[derive(Clone, Copy, Debug)]
pub struct HashLimits {
    /// Most fields in a listpack.
    pub entries: usize,
    /// Longest field or value in a listpack.
    pub value: usize,
}

/// When fields expire, both ways round. Times are Unix milliseconds.
#[derive(Clone, Debug, Default)]
struct Ttls {
    by_field: BTreeMap<Text, i64>,
    by_time: BTreeSet<(i64, Text)>,
}

/// A hash. 16 bytes, in which a few short entries lie; while it is small, one block more at most: there may be a million such
/// hashes.
#[derive(Clone, Debug)]
pub struct Hash(Repr);

#[derive(Clone, Debug)]
enum Repr {
    /// A small one, no field of which ever had a time to live.
    Pack(Listpack),
    /// Any.
    Full(Box<Full>),
}

#[derive(Clone, Debug)]
struct Full {
    fields: Fields,
    ttls: Option<Ttls>,
    /// A hash that once had a field with a time to live keeps that encoding.
    had_ttl: bool,
}

#[derive(Clone, Debug)]
enum Fields {
    Pack(Listpack),
    Table(Dict<Field>),
}

/// The fields, to be read.
enum View<'a> {
    Pack(&'a Listpack),
    Table(&'a Dict<Field>),
}

/// The fields, to be changed.
enum ViewMut<'a> {
    Pack(&'a mut Listpack),
    Table(&'a mut Dict<Field>),
}

impl Default for Hash {
    fn default() -> Hash {
        Hash::new()
    }
}

impl Hash {
    /// An empty hash.
    pub fn new() -> Hash {
        Hash(Repr::Pack(Listpack::new()))
    }

    fn view(&self) -> View<'_> {
        match &self.0 {
            Repr::Pack(pack) => View::Pack(pack),
            Repr::Full(full) => match &full.fields {
                Fields::Pack(pack) => View::Pack(pack),
                Fields::Table(table) => View::Table(table),
            },
        }
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        match &mut self.0 {
            Repr::Pack(pack) => ViewMut::Pack(pack),
            Repr::Full(full) => match &mut full.fields {
                Fields::Pack(pack) => ViewMut::Pack(pack),
                Fields::Table(table) => ViewMut::Table(table),
            },
        }
    }

    /// The hash in the form that has room for everything.
    fn full(&mut self) -> &mut Full {
        if let Repr::Pack(pack) = &mut self.0 {
            let fields = Fields::Pack(std::mem::take(pack));
            self.0 = Repr::Full(Box::new(Full { fields, ttls: None, had_ttl: false }));
        }
        match &mut self.0 {
            Repr::Full(full) => full,
            Repr::Pack(_) => unreachable!("a hash that was just made full"),
        }
    }

    fn ttls(&self) -> Option<&Ttls> {
        match &self.0 {
            Repr::Pack(_) => None,
            Repr::Full(full) => full.ttls.as_ref(),
        }
    }

    /// How many fields it has, expired ones that were not removed yet included.
    pub fn len(&self) -> usize {
        match self.view() {
            View::Pack(p) => p.len() / 2,
            View::Table(d) => d.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `listpack`, `listpackex` or `hashtable`.
    pub fn encoding(&self) -> &'static str {
        match self.view() {
            View::Pack(_) if self.had_ttl() => "listpackex",
            View::Pack(_) => "listpack",
            View::Table(_) => "hashtable",
        }
    }

    /// The listpack of fields and values, while it is one.
    pub fn pack(&self) -> Option<&Listpack> {
        match self.view() {
            View::Pack(p) => Some(p),
            View::Table(_) => None,
        }
    }

    /// A hash around a listpack as a file has it.
    pub fn from_pack(pack: Listpack) -> Hash {
        Hash(Repr::Pack(pack))
    }

    /// The value of a field.
    pub fn get(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
        match self.view() {
            View::Pack(p) => {
                let at = p.next(p.find(name, 2)?)?;
                Some(p.get(at).bytes())
            }
            View::Table(d) => Some(Cow::Borrowed(d.get(name)?.value.as_bytes())),
        }
    }

    /// Whether a field is there.
    pub fn contains(&self, name: &[u8]) -> bool {
        match self.view() {
            View::Pack(p) => p.find(name, 2).is_some(),
            View::Table(d) => d.find(name).is_some(),
        }
    }

    /// Converts to a hash table if these texts are too long for a listpack, or together too large.
    pub fn will_grow(&mut self, texts: &[&[u8]], limits: HashLimits) {
        if matches!(self.view(), View::Pack(_))
            && (texts.iter().any(|t| t.len() > limits.value) || texts.len() / 2 > limits.entries)
        {
            self.to_table();
        }
    }

    /// Converts to a hash table.
    pub fn to_table(&mut self) {
        let View::Pack(pack) = self.view() else { return };
        let mut dict = Dict::new();
        dict.reserve(pack.len() / 2);
        let mut entries = pack.iter();
        while let (Some(name), Some(value)) = (entries.next(), entries.next()) {
            let (name, value) = (Text::new(&name.bytes()), Text::new(&value.bytes()));
            if dict.find(&name).is_none() {
                dict.insert(Field { name, value, next: NIL });
            }
        }
        self.full().fields = Fields::Table(dict);
    }

    /// Sets a field, leaving its time to live alone. True if it is new.
    pub fn set(&mut self, name: &[u8], value: &[u8], limits: HashLimits) -> bool {
        if name.len() > limits.value || value.len() > limits.value {
            self.to_table();
        }
        match self.view_mut() {
            ViewMut::Pack(pack) => {
                if let Some(at) = pack.find(name, 2) {
                    if let Some(at) = pack.next(at) {
                        pack.replace(at, value);
                    }
                    return false;
                }
                pack.push(name);
                pack.push(value);
                if pack.len() / 2 > limits.entries {
                    self.to_table();
                }
                true
            }
            ViewMut::Table(dict) => {
                if dict.change(name, |field| field.value = Text::new(value)) {
                    return false;
                }
                dict.insert(Field { name: Text::new(name), value: Text::new(value), next: NIL });
                true
            }
        }
    }

    /// Removes a field. False if it was not there.
    pub fn remove(&mut self, name: &[u8]) -> bool {
        let removed = match self.view_mut() {
            ViewMut::Pack(pack) => match pack.find(name, 2) {
                Some(at) => {
                    pack.remove(at, 2);
                    true
                }
                None => false,
            },
            ViewMut::Table(dict) => dict.remove(name).is_some(),
        };
        if removed && self.has_ttls() {
            self.set_ttl(name, None);
        }
        removed
    }

    /// How the fields are spread over the buckets of a hash table; nothing for a listpack.
    pub fn spread(&self) -> Vec<super::index::Spread> {
        match self.view() {
            View::Pack(_) => Vec::new(),
            View::Table(d) => d.spread(),
        }
    }

    /// Fields and values, in the order of the encoding.
    pub fn iter(&self) -> Box<dyn Iterator<Item = Pair<'_>> + '_> {
        match self.view() {
            View::Pack(p) => {
                let mut entries = p.iter();
                Box::new(std::iter::from_fn(move || Some((entries.next()?.bytes(), entries.next()?.bytes()))))
            }
            View::Table(d) => {
                Box::new(d.iter().map(|f| (Cow::Borrowed(f.name.as_bytes()), Cow::Borrowed(f.value.as_bytes()))))
            }
        }
    }

    /// The field and value at a place: `0..len()`, for picking at random.
    pub fn nth(&self, n: usize) -> Option<Pair<'_>> {
        match self.view() {
            View::Pack(p) => {
                let at = p.seek(2 * n as isize)?;
                Some((p.get(at).bytes(), p.get(p.next(at)?).bytes()))
            }
            View::Table(d) => {
                let field = d.at(n as u32)?;
                Some((Cow::Borrowed(&field.name), Cow::Borrowed(&field.value)))
            }
        }
    }

    /// All fields from the one in place `from` on.
    pub fn iter_from(&self, from: usize) -> Box<dyn Iterator<Item = Pair<'_>> + '_> {
        match self.view() {
            View::Table(_) => Box::new((from..self.len()).filter_map(|n| self.nth(n))),
            View::Pack(_) => Box::new(self.iter().skip(from)),
        }
    }

    /// One step of HSCAN: a listpack returns everything at once.
    pub fn scan(&self, cursor: u64, visit: &mut dyn FnMut(&[u8], &[u8])) -> u64 {
        match self.view() {
            View::Table(d) => d.scan(cursor, &mut |f| visit(&f.name, &f.value)),
            View::Pack(_) => {
                for (name, value) in self.iter() {
                    visit(&name, &value);
                }
                0
            }
        }
    }

    /// When a field expires, if it does.
    pub fn ttl(&self, name: &[u8]) -> Option<i64> {
        self.ttls()?.by_field.get(&Text::new(name)).copied()
    }

    /// Whether a field's time was over before an instant.
    pub fn is_over(&self, name: &[u8], now: i64) -> bool {
        self.has_ttls() && self.ttl(name).is_some_and(|when| when < now)
    }

    /// The value of a field whose time was not over before an instant.
    pub fn get_at(&self, name: &[u8], now: i64) -> Option<Cow<'_, [u8]>> {
        if self.is_over(name, now) { None } else { self.get(name) }
    }

    /// How many fields there are whose time was not over before an instant.
    pub fn len_at(&self, now: i64) -> usize {
        let over = self.ttls().map_or(0, |t| t.by_time.range(..(now, Text::new(b""))).count());
        self.len().saturating_sub(over)
    }

    /// Fields and values without those whose time was over before an instant.
    pub fn iter_at(&self, now: i64) -> impl Iterator<Item = Pair<'_>> + '_ {
        self.iter().filter(move |(name, _)| !self.is_over(name, now))
    }

    /// Whether any field expires.
    pub fn has_ttls(&self) -> bool {
        self.ttls().is_some()
    }

    /// Marks the hash as one whose fields may expire.
    pub fn mark_ttl(&mut self) {
        self.full().had_ttl = true;
    }

    fn had_ttl(&self) -> bool {
        matches!(&self.0, Repr::Full(full) if full.had_ttl)
    }

    /// Sets or clears the time when a field expires.
    pub fn set_ttl(&mut self, name: &[u8], when: Option<i64>) {
        if when.is_none() && !self.has_ttls() {
            return;
        }
        let name = Text::new(name);
        let full = self.full();
        let ttls = full.ttls.get_or_insert_default();
        if let Some(old) = ttls.by_field.remove(&name) {
            ttls.by_time.remove(&(old, name.clone()));
        }
        if let Some(when) = when {
            full.had_ttl = true;
            ttls.by_field.insert(name.clone(), when);
            ttls.by_time.insert((when, name));
        } else if ttls.by_field.is_empty() {
            full.ttls = None;
        }
    }

    /// The earliest time when a field expires.
    pub fn next_expiry(&self) -> Option<i64> {
        Some(self.ttls()?.by_time.first()?.0)
    }

    /// Removes a field whose time has come and returns its name.
    pub fn pop_expired(&mut self, now: i64) -> Option<Text> {
        let (when, name) = self.ttls()?.by_time.first()?.clone();
        if when > now {
            return None;
        }
        self.remove(&name);
        Some(name)
    }

    /// Takes some fields off a hash that is of no use any more. How many.
    pub fn shed(&mut self) -> usize {
        const SOME: usize = 256;
        if let Repr::Full(full) = &mut self.0
            && let Some(ttls) = &mut full.ttls
            && !(ttls.by_field.is_empty() && ttls.by_time.is_empty())
        {
            for _ in 0..SOME {
                ttls.by_field.pop_first();
                ttls.by_time.pop_first();
            }
            return SOME;
        }
        match self.view_mut() {
            ViewMut::Table(table) => table.shed().len(),
            ViewMut::Pack(_) => 0,
        }
    }

    /// Bytes by the real server's measure.
    pub fn memory(&self) -> usize {
        let fields = match self.view() {
            View::Pack(p) => p.size(),
            View::Table(d) => 64 + super::cost::table(d.len()) + d.cost(),
        };
        fields + self.ttls().map_or(0, |t| t.by_field.len() * 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: HashLimits = HashLimits { entries: 3, value: 8 };

    #[test]
    fn is_small() {
        assert_eq!(size_of::<Hash>(), 2 * size_of::<usize>());
    }

    #[test]
    fn changes_its_encoding_at_the_limits() {
        let mut hash = Hash::new();
        for n in 0..3 {
            assert!(hash.set(format!("f{n}").as_bytes(), b"1", LIMITS));
        }
        assert_eq!(hash.encoding(), "listpack");
        assert!(!hash.set(b"f1", b"22", LIMITS));
        hash.set(b"f3", b"x", LIMITS);
        assert_eq!(hash.encoding(), "hashtable");
        assert_eq!(hash.get(b"f1").unwrap().as_ref(), b"22");
        assert!(hash.remove(b"f1") && !hash.contains(b"f1"));
    }

    #[test]
    fn fields_expire_in_order() {
        let mut hash = Hash::new();
        for n in 0..3i64 {
            hash.set(format!("f{n}").as_bytes(), b"1", LIMITS);
            hash.set_ttl(format!("f{n}").as_bytes(), Some(100 - n));
        }
        assert_eq!(hash.encoding(), "listpackex");
        assert_eq!(hash.next_expiry(), Some(98));
        assert_eq!(hash.pop_expired(99).unwrap().as_bytes(), b"f2");
        hash.set_ttl(b"f1", None);
        assert!(hash.pop_expired(99).is_none());
        assert_eq!(hash.len(), 2);
        assert_eq!((hash.len_at(100), hash.len_at(101)), (2, 1));
        assert!(hash.get_at(b"f0", 101).is_none() && hash.get_at(b"f0", 100).is_some());
        assert_eq!(hash.iter_at(101).map(|(name, _)| name.into_owned()).collect::<Vec<_>>(), [b"f1"]);
    }
}
