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

#[derive(Clone, Debug)]
enum Repr {
    Pack(Listpack),
    Table(Box<Dict<Field>>),
}

/// When fields expire, both ways round. Times are Unix milliseconds.
#[derive(Clone, Debug, Default)]
struct Ttls {
    by_field: BTreeMap<Text, i64>,
    by_time: BTreeSet<(i64, Text)>,
}

/// A hash.
#[derive(Clone, Debug)]
pub struct Hash {
    repr: Repr,
    ttls: Option<Box<Ttls>>,
    /// A hash that once had a field with a time to live keeps that encoding.
    had_ttl: bool,
}

impl Default for Hash {
    fn default() -> Hash {
        Hash::new()
    }
}

impl Hash {
    /// An empty hash.
    pub fn new() -> Hash {
        Hash { repr: Repr::Pack(Listpack::new()), ttls: None, had_ttl: false }
    }

    /// How many fields it has, expired ones that were not removed yet included.
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Pack(p) => p.len() / 2,
            Repr::Table(d) => d.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `listpack`, `listpackex` or `hashtable`.
    pub fn encoding(&self) -> &'static str {
        match &self.repr {
            Repr::Pack(_) if self.had_ttl => "listpackex",
            Repr::Pack(_) => "listpack",
            Repr::Table(_) => "hashtable",
        }
    }

    /// The listpack of fields and values, while it is one.
    pub fn pack(&self) -> Option<&Listpack> {
        match &self.repr {
            Repr::Pack(p) => Some(p),
            Repr::Table(_) => None,
        }
    }

    /// A hash around a listpack as a file has it.
    pub fn from_pack(pack: Listpack) -> Hash {
        Hash { repr: Repr::Pack(pack), ttls: None, had_ttl: false }
    }

    /// The value of a field.
    pub fn get(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
        match &self.repr {
            Repr::Pack(p) => {
                let at = p.next(p.find(name, 2)?)?;
                Some(p.get(at).bytes())
            }
            Repr::Table(d) => Some(Cow::Borrowed(d.get(name)?.value.as_bytes())),
        }
    }

    /// Whether a field is there.
    pub fn contains(&self, name: &[u8]) -> bool {
        match &self.repr {
            Repr::Pack(p) => p.find(name, 2).is_some(),
            Repr::Table(d) => d.find(name).is_some(),
        }
    }

    /// Converts to a hash table if these texts are too long for a listpack, or together too large.
    pub fn will_grow(&mut self, texts: &[&[u8]], limits: HashLimits) {
        if matches!(self.repr, Repr::Pack(_))
            && (texts.iter().any(|t| t.len() > limits.value) || texts.len() / 2 > limits.entries)
        {
            self.to_table();
        }
    }

    /// Converts to a hash table.
    pub fn to_table(&mut self) {
        let Repr::Pack(pack) = &self.repr else { return };
        let mut dict = Dict::new();
        dict.reserve(pack.len() / 2);
        let mut entries = pack.iter();
        while let (Some(name), Some(value)) = (entries.next(), entries.next()) {
            let (name, value) = (Text::new(&name.bytes()), Text::new(&value.bytes()));
            if dict.find(&name).is_none() {
                dict.insert(Field { name, value, next: NIL });
            }
        }
        self.repr = Repr::Table(Box::new(dict));
    }

    /// Sets a field, leaving its time to live alone. True if it is new.
    pub fn set(&mut self, name: &[u8], value: &[u8], limits: HashLimits) -> bool {
        if name.len() > limits.value || value.len() > limits.value {
            self.to_table();
        }
        match &mut self.repr {
            Repr::Pack(pack) => {
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
            Repr::Table(dict) => {
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
        let removed = match &mut self.repr {
            Repr::Pack(pack) => match pack.find(name, 2) {
                Some(at) => {
                    pack.remove(at, 2);
                    true
                }
                None => false,
            },
            Repr::Table(dict) => dict.remove(name).is_some(),
        };
        if removed && self.ttls.is_some() {
            self.set_ttl(name, None);
        }
        removed
    }

    /// How the fields are spread over the buckets of a hash table; nothing for a listpack.
    pub fn spread(&self) -> Vec<super::index::Spread> {
        match &self.repr {
            Repr::Pack(_) => Vec::new(),
            Repr::Table(d) => d.spread(),
        }
    }

    /// Fields and values, in the order of the encoding.
    pub fn iter(&self) -> Box<dyn Iterator<Item = Pair<'_>> + '_> {
        match &self.repr {
            Repr::Pack(p) => {
                let mut entries = p.iter();
                Box::new(std::iter::from_fn(move || Some((entries.next()?.bytes(), entries.next()?.bytes()))))
            }
            Repr::Table(d) => {
                Box::new(d.iter().map(|f| (Cow::Borrowed(f.name.as_bytes()), Cow::Borrowed(f.value.as_bytes()))))
            }
        }
    }

    /// The field and value at a place: `0..len()`, for picking at random.
    pub fn nth(&self, n: usize) -> Option<Pair<'_>> {
        match &self.repr {
            Repr::Pack(p) => {
                let at = p.seek(2 * n as isize)?;
                Some((p.get(at).bytes(), p.get(p.next(at)?).bytes()))
            }
            Repr::Table(d) => {
                let field = d.at(n as u32)?;
                Some((Cow::Borrowed(&field.name), Cow::Borrowed(&field.value)))
            }
        }
    }

    /// One step of HSCAN: a listpack returns everything at once.
    pub fn scan(&self, cursor: u64, visit: &mut dyn FnMut(&[u8], &[u8])) -> u64 {
        match &self.repr {
            Repr::Table(d) => d.scan(cursor, &mut |f| visit(&f.name, &f.value)),
            Repr::Pack(_) => {
                for (name, value) in self.iter() {
                    visit(&name, &value);
                }
                0
            }
        }
    }

    /// When a field expires, if it does.
    pub fn ttl(&self, name: &[u8]) -> Option<i64> {
        self.ttls.as_ref()?.by_field.get(&Text::new(name)).copied()
    }

    /// Whether a field's time was over before an instant.
    pub fn is_over(&self, name: &[u8], now: i64) -> bool {
        self.ttls.is_some() && self.ttl(name).is_some_and(|when| when < now)
    }

    /// The value of a field whose time was not over before an instant.
    pub fn get_at(&self, name: &[u8], now: i64) -> Option<Cow<'_, [u8]>> {
        if self.is_over(name, now) { None } else { self.get(name) }
    }

    /// How many fields there are whose time was not over before an instant.
    pub fn len_at(&self, now: i64) -> usize {
        let over = self.ttls.as_ref().map_or(0, |t| t.by_time.range(..(now, Text::new(b""))).count());
        self.len().saturating_sub(over)
    }

    /// Fields and values without those whose time was over before an instant.
    pub fn iter_at(&self, now: i64) -> impl Iterator<Item = Pair<'_>> + '_ {
        self.iter().filter(move |(name, _)| !self.is_over(name, now))
    }

    /// Whether any field expires.
    pub fn has_ttls(&self) -> bool {
        self.ttls.is_some()
    }

    /// Marks the hash as one whose fields may expire.
    pub fn mark_ttl(&mut self) {
        self.had_ttl = true;
    }

    /// Sets or clears the time when a field expires.
    pub fn set_ttl(&mut self, name: &[u8], when: Option<i64>) {
        if when.is_none() && self.ttls.is_none() {
            return;
        }
        let name = Text::new(name);
        let ttls = self.ttls.get_or_insert_default();
        if let Some(old) = ttls.by_field.remove(&name) {
            ttls.by_time.remove(&(old, name.clone()));
        }
        if let Some(when) = when {
            self.had_ttl = true;
            ttls.by_field.insert(name.clone(), when);
            ttls.by_time.insert((when, name));
        } else if ttls.by_field.is_empty() {
            self.ttls = None;
        }
    }

    /// The earliest time when a field expires.
    pub fn next_expiry(&self) -> Option<i64> {
        Some(self.ttls.as_ref()?.by_time.first()?.0)
    }

    /// Removes a field whose time has come and returns its name.
    pub fn pop_expired(&mut self, now: i64) -> Option<Text> {
        let (when, name) = self.ttls.as_ref()?.by_time.first()?.clone();
        if when > now {
            return None;
        }
        self.remove(&name);
        Some(name)
    }

    /// Takes some fields off a hash that is of no use any more. How many.
    pub fn shed(&mut self) -> usize {
        const SOME: usize = 256;
        if let Some(ttls) = &mut self.ttls
            && !(ttls.by_field.is_empty() && ttls.by_time.is_empty())
        {
            for _ in 0..SOME {
                ttls.by_field.pop_first();
                ttls.by_time.pop_first();
            }
            return SOME;
        }
        match &mut self.repr {
            Repr::Table(table) => table.shed().len(),
            Repr::Pack(_) => 0,
        }
    }

    /// Bytes by the real server's measure.
    pub fn memory(&self) -> usize {
        let fields = match &self.repr {
            Repr::Pack(p) => p.size(),
            Repr::Table(d) => 64 + super::cost::table(d.len()) + d.cost(),
        };
        fields + self.ttls.as_ref().map_or(0, |t| t.by_field.len() * 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: HashLimits = HashLimits { entries: 3, value: 8 };

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
