//! Sorted sets of integers in Redis's own format: encoding (u32 LE: 2, 4 or 8), length (u32 LE),
//! then the integers in ascending order.

/// The integers, sorted, with the width that the largest one ever asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntSet {
    values: Values,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Values {
    Two(Vec<i16>),
    Four(Vec<i32>),
    Eight(Vec<i64>),
}

impl Default for Values {
    fn default() -> Values {
        Values::Two(Vec::new())
    }
}

impl IntSet {
    /// An empty set.
    pub fn new() -> IntSet {
        IntSet::default()
    }

    /// How many integers it holds.
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Two(v) => v.len(),
            Values::Four(v) => v.len(),
            Values::Eight(v) => v.len(),
        }
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the serialised form.
    pub fn size(&self) -> usize {
        8 + self.len() * self.width()
    }

    fn width(&self) -> usize {
        match &self.values {
            Values::Two(_) => 2,
            Values::Four(_) => 4,
            Values::Eight(_) => 8,
        }
    }

    /// The integer at a place in ascending order.
    pub fn get(&self, index: usize) -> Option<i64> {
        match &self.values {
            Values::Two(v) => v.get(index).map(|n| i64::from(*n)),
            Values::Four(v) => v.get(index).map(|n| i64::from(*n)),
            Values::Eight(v) => v.get(index).copied(),
        }
    }

    fn search(&self, value: i64) -> Result<usize, usize> {
        match &self.values {
            Values::Two(v) => v.binary_search_by(|n| i64::from(*n).cmp(&value)),
            Values::Four(v) => v.binary_search_by(|n| i64::from(*n).cmp(&value)),
            Values::Eight(v) => v.binary_search(&value),
        }
    }

    /// Whether `value` is in the set.
    pub fn contains(&self, value: i64) -> bool {
        self.search(value).is_ok()
    }

    fn widen(&mut self, value: i64) {
        if matches!(self.values, Values::Two(_)) && i16::try_from(value).is_err() {
            self.values = Values::Four(self.iter().map(|n| n as i32).collect());
        }
        if matches!(self.values, Values::Four(_)) && i32::try_from(value).is_err() {
            self.values = Values::Eight(self.iter().collect());
        }
    }

    /// Adds `value`. False if it was there.
    pub fn insert(&mut self, value: i64) -> bool {
        let Err(at) = self.search(value) else { return false };
        self.widen(value);
        match &mut self.values {
            Values::Two(v) => v.insert(at, value as i16),
            Values::Four(v) => v.insert(at, value as i32),
            Values::Eight(v) => v.insert(at, value),
        }
        true
    }

    /// Removes `value`. False if it was not there.
    pub fn remove(&mut self, value: i64) -> bool {
        let Ok(at) = self.search(value) else { return false };
        match &mut self.values {
            Values::Two(v) => {
                v.remove(at);
            }
            Values::Four(v) => {
                v.remove(at);
            }
            Values::Eight(v) => {
                v.remove(at);
            }
        }
        true
    }

    /// The integers in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = i64> {
        (0..self.len()).filter_map(|n| self.get(n))
    }

    /// The serialised form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let width = self.width();
        let mut out = Vec::with_capacity(self.size());
        out.extend_from_slice(&(width as u32).to_le_bytes());
        out.extend_from_slice(&(self.len() as u32).to_le_bytes());
        for value in self.iter() {
            out.extend_from_slice(&value.to_le_bytes()[..width]);
        }
        out
    }

    /// Checks and reads the serialised form.
    pub fn from_bytes(bytes: &[u8]) -> Option<IntSet> {
        let width = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
        let len = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
        if !matches!(width, 2 | 4 | 8) || len == 0 || bytes.len() - 8 != len.checked_mul(width)? {
            return None;
        }
        let mut previous = None;
        let mut set = IntSet::new();
        for chunk in bytes[8..].chunks_exact(width) {
            let mut buf = [0u8; 8];
            buf[..width].copy_from_slice(chunk);
            let shift = 64 - 8 * width as u32;
            let value = (i64::from_le_bytes(buf) << shift) >> shift;
            if previous.is_some_and(|p| p >= value) {
                return None;
            }
            previous = Some(value);
            set.widen(value);
            match &mut set.values {
                Values::Two(v) => v.push(value as i16),
                Values::Four(v) => v.push(value as i32),
                Values::Eight(v) => v.push(value),
            }
        }
        Some(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widens_and_stays_sorted() {
        let mut set = IntSet::new();
        for value in [5, -3, 70_000, 5, i64::MAX, 0] {
            set.insert(value);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [-3, 0, 5, 70_000, i64::MAX]);
        assert!(set.remove(0) && !set.remove(0) && set.contains(70_000));
        assert_eq!(IntSet::from_bytes(&set.to_bytes()), Some(set));
        assert_eq!(IntSet::from_bytes(b"\x02\0\0\0\x02\0\0\0\x05\0\x05\0"), None);
    }
}
