//! Ranges of slots.

use crate::keyspace::slots::SLOTS;
use std::fmt;

/// Ranges of slots in order; none overlaps or touches another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlotRanges(Vec<(usize, usize)>);

impl SlotRanges {
    /// Reads pairs of a first and a last slot, in any order. An error's text where they make no sense.
    pub fn of_words(words: &[&[u8]]) -> Result<SlotRanges, String> {
        let slot = |word: &[u8]| {
            let n = resp::parse_i64(word).and_then(|n| usize::try_from(n).ok()).filter(|n| *n < SLOTS);
            n.ok_or_else(|| "ERR Invalid or out of range slot".to_owned())
        };
        let mut ranges = Vec::with_capacity(words.len() / 2);
        for pair in words.chunks_exact(2) {
            ranges.push((slot(pair[0])?, slot(pair[1])?));
        }
        SlotRanges::normal(ranges)
    }

    /// Reads `0-100 200-300`.
    pub fn of_text(text: &str) -> Option<SlotRanges> {
        let mut ranges = Vec::new();
        for part in text.split(' ') {
            let (from, to) = part.split_once('-')?;
            let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
            if from.max(to) >= SLOTS {
                return None;
            }
            ranges.push((from, to));
        }
        SlotRanges::normal(ranges).ok()
    }

    /// Ranges of slots that come in order.
    pub fn of_slots(slots: impl Iterator<Item = usize>) -> SlotRanges {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for slot in slots {
            match ranges.last_mut() {
                Some(last) if last.1 + 1 == slot => last.1 = slot,
                _ => ranges.push((slot, slot)),
            }
        }
        SlotRanges(ranges)
    }

    /// Sorts ranges and joins those that touch.
    fn normal(mut ranges: Vec<(usize, usize)>) -> Result<SlotRanges, String> {
        if ranges.is_empty() || ranges.len() >= SLOTS {
            return Err(format!("ERR invalid number of slot ranges: {}", ranges.len()));
        }
        ranges.sort_by_key(|range| range.0);
        let mut joined: Vec<(usize, usize)> = Vec::new();
        for (from, to) in ranges {
            match joined.last_mut() {
                Some(last) if last.1 + 1 == from => last.1 = to,
                _ => joined.push((from, to)),
            }
        }
        let mut free = 0;
        for (from, to) in &joined {
            if from > to {
                return Err(format!("ERR start slot number {from} is greater than end slot number {to}"));
            }
            if *from < free {
                return Err(format!("ERR Slot {from} specified multiple times"));
            }
            free = to + 1;
        }
        Ok(SlotRanges(joined))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ranges.
    pub fn ranges(&self) -> &[(usize, usize)] {
        &self.0
    }

    /// All slots in order.
    pub fn slots(&self) -> impl Iterator<Item = usize> {
        self.0.iter().flat_map(|(from, to)| *from..=*to)
    }

    /// Whether a slot is in one of them.
    pub fn has(&self, slot: usize) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&slot))
    }

    /// Whether any slot is in both.
    pub fn meets(&self, other: &SlotRanges) -> bool {
        self.0.iter().any(|(from, to)| other.0.iter().any(|(f, t)| f <= to && t >= from))
    }
}

impl fmt::Display for SlotRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (from, to)) in self.0.iter().enumerate() {
            write!(f, "{}{from}-{to}", if n > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> Result<String, String> {
        let words: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        SlotRanges::of_words(&words).map(|r| r.to_string())
    }

    #[test]
    fn touching_ranges_are_one_and_overlapping_ones_an_error() {
        assert_eq!(of("1000 2000 2001 3000 0 100"), Ok("0-100 1000-3000".into()));
        assert_eq!(of("7000 8000 7900 9000"), Err("ERR Slot 7900 specified multiple times".into()));
        assert_eq!(of("200 100"), Err("ERR start slot number 200 is greater than end slot number 100".into()));
        assert_eq!(of("0 16384"), Err("ERR Invalid or out of range slot".into()));
        let ranges = SlotRanges::of_text("0-2 5-5").expect("two ranges");
        assert_eq!(ranges, SlotRanges::of_slots([0, 1, 2, 5].into_iter()));
        assert!(ranges.has(5) && !ranges.has(3) && ranges.meets(&SlotRanges::of_slots([2].into_iter())));
        assert_eq!(SlotRanges::of_text("5-16384"), None);
    }
}
