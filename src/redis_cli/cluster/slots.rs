//! Sets of hash slots.

/// How many slots a cluster has.
pub const SLOTS: usize = 16384;

/// A set of slots.
#[derive(Clone, PartialEq, Eq)]
pub struct SlotSet(Vec<bool>);

impl Default for SlotSet {
    fn default() -> Self {
        Self(vec![false; SLOTS])
    }
}

impl SlotSet {
    /// Whether a slot is in it.
    pub fn has(&self, slot: usize) -> bool {
        self.0.get(slot).copied().unwrap_or(false)
    }

    /// Puts a slot in or takes it out; numbers that are no slots do nothing.
    pub fn set(&mut self, slot: usize, value: bool) {
        if let Some(place) = self.0.get_mut(slot) {
            *place = value;
        }
    }

    /// The slots in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, has)| **has).map(|(slot, _)| slot)
    }

    /// `[0-5460],[5462]`, the numbers of a range with `dash` between them.
    pub fn ranges(&self, dash: char) -> String {
        let mut out = String::new();
        let mut slots = self.iter().peekable();
        while let Some(first) = slots.next() {
            let mut last = first;
            while let Some(next) = slots.next_if_eq(&(last + 1)) {
                last = next;
            }
            if !out.is_empty() {
                out.push(',');
            }
            out.push_str(&if first == last { format!("[{first}]") } else { format!("[{first}{dash}{last}]") });
        }
        out
    }
}

impl FromIterator<usize> for SlotSet {
    fn from_iter<T: IntoIterator<Item = usize>>(slots: T) -> Self {
        let mut set = Self::default();
        slots.into_iter().for_each(|slot| set.set(slot, true));
        set
    }
}

/// The slot of a key: of what is in its first pair of braces, if anything is, else of all of it.
pub fn of_key(key: &[u8]) -> usize {
    let tag = key.iter().position(|&b| b == b'{').and_then(|open| {
        let rest = key.get(open + 1..)?;
        rest.get(..rest.iter().position(|&b| b == b'}')?).filter(|tag| !tag.is_empty())
    });
    usize::from(crc16::State::<crc16::XMODEM>::calculate(tag.unwrap_or(key))) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_in_the_real_one() {
        let set: SlotSet = (0..3).chain([5]).chain(16382..16384).collect();
        assert_eq!(set.ranges('-'), "[0-2],[5],[16382-16383]");
        assert_eq!(SlotSet::default().ranges('-'), "");
    }

    #[test]
    fn keys_have_their_slots() {
        assert_eq!((of_key(b"foo"), of_key(b"{foo}x"), of_key(b"foo{}{bar}")), (12182, 12182, 8363));
    }
}
