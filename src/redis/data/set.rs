//! Sets: an intset while all members are integers, a listpack while small, else a hash table.

use super::block::Block;
use super::dict::{Dict, Item};
use super::index::NIL;
use super::intset::{self, IntSet, IntSetMut};
use super::listpack::Listpack;
use super::text::Text;

/// A member in a hash table.
#[derive(Clone, Debug)]
pub struct Member {
    text: Text,
    next: u32,
}

impl Item for Member {
    fn key(&self) -> &[u8] {
        &self.text
    }
    fn next(&self) -> u32 {
        self.next
    }
    fn set_next(&mut self, next: u32) {
        self.next = next;
    }
    fn cost(&self) -> usize {
        super::cost::set_member(&self.text)
    }
}

/// `set-max-intset-entries`, `set-max-listpack-entries`, `set-max-listpack-value`.
#[derive(Clone, Copy, Debug)]
pub struct SetLimits {
    /// Most integers in an intset.
    pub intset: usize,
    /// Most members in a listpack.
    pub pack: usize,
    /// Longest member in a listpack.
    pub value: usize,
}

/// A set. 16 bytes, in which a few short members lie; while it is small, one block more at most: there may be a million such
/// sets.
#[derive(Clone, Debug)]
pub struct Set(Repr);

#[derive(Clone, Debug)]
enum Repr {
    /// A listpack or an intset, as its block says.
    Small(Listpack),
    Table(Box<Dict<Member>>),
}

/// The members by their encoding.
pub enum View<'a> {
    /// Integers only.
    Ints(IntSet<'a>),
    /// Few and short.
    Pack(&'a Listpack),
    /// Anything.
    Table(&'a Dict<Member>),
}

/// The same, to be changed.
enum ViewMut<'a> {
    Ints(IntSetMut<'a>),
    Pack(&'a mut Listpack),
    Table(&'a mut Dict<Member>),
}

impl From<Listpack> for Set {
    fn from(pack: Listpack) -> Set {
        Set(Repr::Small(pack))
    }
}

impl From<Dict<Member>> for Set {
    fn from(table: Dict<Member>) -> Set {
        Set(Repr::Table(Box::new(table)))
    }
}

/// The text of a member.
pub type MemberText<'a> = std::borrow::Cow<'a, [u8]>;

impl Set {
    /// A set of the integers in a block.
    pub fn from_ints(ints: Block) -> Set {
        Set(Repr::Small(Listpack(ints)))
    }

    /// The members by their encoding.
    pub fn view(&self) -> View<'_> {
        match &self.0 {
            Repr::Small(small) if small.0.is_ints() => View::Ints(IntSet::new(&small.0)),
            Repr::Small(pack) => View::Pack(pack),
            Repr::Table(table) => View::Table(table),
        }
    }

    fn view_mut(&mut self) -> ViewMut<'_> {
        match &mut self.0 {
            Repr::Small(small) => match small.0.is_ints() {
                true => ViewMut::Ints(IntSetMut::new(&mut small.0)),
                false => ViewMut::Pack(small),
            },
            Repr::Table(table) => ViewMut::Table(table),
        }
    }

    /// Takes some members off a set that is of no use any more. How many.
    pub fn shed(&mut self) -> usize {
        match self.view_mut() {
            ViewMut::Table(table) => table.shed().len(),
            _ => 0,
        }
    }

    /// An empty set of the encoding that suits its first member and expected size.
    pub fn for_member(member: &[u8], expected: usize, limits: SetLimits) -> Set {
        if resp::parse_i64(member).is_some() && expected <= limits.intset {
            Set::from_ints(intset::empty())
        } else if member.len() <= limits.value && expected <= limits.pack {
            Set::from(Listpack::new())
        } else {
            Set::from(Dict::new())
        }
    }

    /// An empty set in the most compact encoding.
    pub fn new() -> Set {
        Set::from_ints(intset::empty())
    }

    /// How many members it has.
    pub fn len(&self) -> usize {
        match self.view() {
            View::Ints(s) => s.len(),
            View::Pack(p) => p.len(),
            View::Table(d) => d.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `intset`, `listpack` or `hashtable`.
    pub fn encoding(&self) -> &'static str {
        match self.view() {
            View::Ints(_) => "intset",
            View::Pack(_) => "listpack",
            View::Table(_) => "hashtable",
        }
    }

    /// Whether `member` is in the set.
    pub fn contains(&self, member: &[u8]) -> bool {
        match self.view() {
            View::Ints(s) => resp::parse_i64(member).is_some_and(|n| s.contains(n)),
            View::Pack(p) => p.find(member, 1).is_some(),
            View::Table(d) => d.find(member).is_some(),
        }
    }

    /// Adds `member`. False if it was there.
    pub fn insert(&mut self, member: &[u8], limits: SetLimits) -> bool {
        match self.view_mut() {
            ViewMut::Ints(mut ints) => match resp::parse_i64(member) {
                Some(n) => {
                    let added = ints.insert(n);
                    if added && ints.view().len() > limits.intset.min(1 << 30) {
                        self.leave_intset(b"", limits);
                    }
                    added
                }
                None => {
                    self.leave_intset(member, limits);
                    self.insert(member, limits)
                }
            },
            ViewMut::Pack(pack) => {
                if pack.find(member, 1).is_some() {
                    return false;
                }
                if pack.len() < limits.pack && member.len() <= limits.value {
                    pack.push(member);
                } else {
                    self.to_table();
                    return self.insert(member, limits);
                }
                true
            }
            ViewMut::Table(dict) => {
                if dict.find(member).is_some() {
                    return false;
                }
                dict.insert(Member { text: Text::new(member), next: NIL });
                true
            }
        }
    }

    /// Converts an intset: to a listpack if it and the member to come fit in one.
    fn leave_intset(&mut self, coming: &[u8], limits: SetLimits) {
        let View::Ints(ints) = self.view() else { return };
        let longest = ints
            .get(0)
            .into_iter()
            .chain(ints.get(ints.len().wrapping_sub(1)))
            .map(|n| resp::format_i64(n).len())
            .max()
            .unwrap_or(0);
        if ints.len() < limits.pack && coming.len() <= limits.value && longest <= limits.value {
            let mut pack = Listpack::new();
            for n in ints.iter() {
                pack.push(&resp::format_i64(n));
            }
            *self = Set::from(pack);
        } else {
            self.to_table();
        }
    }

    /// Converts to a hash table.
    pub fn to_table(&mut self) {
        if matches!(self.view(), View::Table(_)) {
            return;
        }
        let mut dict = Dict::new();
        dict.reserve(self.len());
        for member in self.iter() {
            dict.insert(Member { text: Text::new(&member), next: NIL });
        }
        *self = Set::from(dict);
    }

    /// Removes `member`. False if it was not there.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match self.view_mut() {
            ViewMut::Ints(mut s) => resp::parse_i64(member).is_some_and(|n| s.remove(n)),
            ViewMut::Pack(p) => match p.find(member, 1) {
                Some(at) => {
                    p.remove(at, 1);
                    true
                }
                None => false,
            },
            ViewMut::Table(d) => d.remove(member).is_some(),
        }
    }

    /// The members, in the order of the encoding.
    pub fn iter(&self) -> Box<dyn Iterator<Item = MemberText<'_>> + '_> {
        match self.view() {
            View::Ints(s) => Box::new(s.iter().map(|n| MemberText::Owned(resp::format_i64(n)))),
            View::Pack(p) => Box::new(p.iter().map(|e| e.bytes())),
            View::Table(d) => Box::new(d.iter().map(|m| MemberText::Borrowed(m.text.as_bytes()))),
        }
    }

    /// The member at a place: `0..len()`, for picking at random.
    pub fn nth(&self, n: usize) -> Option<MemberText<'_>> {
        match self.view() {
            View::Ints(s) => Some(MemberText::Owned(resp::format_i64(s.get(n)?))),
            View::Pack(p) => Some(p.get(p.seek(n as isize)?).bytes()),
            View::Table(d) => Some(MemberText::Borrowed(d.at(n as u32)?.text.as_bytes())),
        }
    }

    /// All members from the one in place `from` on.
    pub fn iter_from(&self, from: usize) -> Box<dyn Iterator<Item = MemberText<'_>> + '_> {
        match self.view() {
            View::Table(_) => Box::new((from..self.len()).filter_map(|n| self.nth(n))),
            _ => Box::new(self.iter().skip(from)),
        }
    }

    /// One step of SSCAN: small encodings return everything at once.
    pub fn scan(&self, cursor: u64, visit: &mut dyn FnMut(&[u8])) -> u64 {
        match self.view() {
            View::Table(d) => d.scan(cursor, &mut |m| visit(&m.text)),
            _ => {
                for member in self.iter() {
                    visit(&member);
                }
                0
            }
        }
    }

    /// Bytes by the real server's measure.
    pub fn memory(&self) -> usize {
        match self.view() {
            View::Ints(s) => s.size(),
            View::Pack(p) => p.size(),
            View::Table(d) => 64 + super::cost::table(d.len()) + d.cost(),
        }
    }
}

impl Default for Set {
    fn default() -> Set {
        Set::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: SetLimits = SetLimits { intset: 4, pack: 6, value: 8 };

    #[test]
    fn is_small() {
        assert_eq!(size_of::<Set>(), 2 * size_of::<usize>());
    }

    #[test]
    fn changes_its_encoding_at_the_limits() {
        let mut set = Set::new();
        for n in 0..4 {
            assert!(set.insert(n.to_string().as_bytes(), LIMITS));
        }
        assert_eq!(set.encoding(), "intset");
        set.insert(b"x", LIMITS);
        assert_eq!(set.encoding(), "listpack");
        set.insert(b"muchlonger", LIMITS);
        assert_eq!(set.encoding(), "hashtable");
        assert_eq!(set.len(), 6);
        assert!(set.contains(b"2") && set.remove(b"2") && !set.remove(b"2"));
        let mut many = Set::new();
        for n in 0..5 {
            many.insert(n.to_string().as_bytes(), LIMITS);
        }
        assert_eq!(many.encoding(), "listpack");
    }
}
