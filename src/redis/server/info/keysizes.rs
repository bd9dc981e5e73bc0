//! How many keys have how many elements (strings: bytes), in classes of powers of two.

use crate::keyspace::{Db, Value};
use std::fmt::Write;

const NAMES: [&str; 5] = [
    "distrib_strings_sizes",
    "distrib_lists_items",
    "distrib_sets_items",
    "distrib_zsets_items",
    "distrib_hashes_items",
];
/// Class 0 is for nothing, class n for 2^(n-1) up to 2^n - 1.
const CLASSES: usize = 60;

/// The lines of one database.
pub(super) fn write(o: &mut String, number: usize, db: &Db) -> std::fmt::Result {
    let mut counts = [[0u64; CLASSES]; NAMES.len()];
    for record in db.iter() {
        let (kind, len) = match &record.value {
            Value::Int(n) => (0, resp::format_i64(*n).len()),
            Value::Str(text) => (0, text.as_bytes().len()),
            Value::Raw(bytes) => (0, bytes.len()),
            Value::List(list) => (1, list.len()),
            Value::Set(set) => (2, set.len()),
            Value::ZSet(zset) => (3, zset.len()),
            Value::Hash(hash) => (4, hash.len()),
            Value::Stream(_) | Value::Vectors(_) => continue,
        };
        let class = (usize::BITS - len.leading_zeros()) as usize;
        counts[kind][class.min(CLASSES - 1)] += 1;
    }
    for (name, classes) in NAMES.iter().zip(&counts) {
        let parts: Vec<String> = classes
            .iter()
            .enumerate()
            .filter(|(_, n)| **n > 0)
            .map(|(class, n)| format!("{}={n}", label(class)))
            .collect();
        if !parts.is_empty() {
            writeln!(o, "db{number}_{name}:{}", parts.join(","))?;
        }
    }
    Ok(())
}

/// The smallest size of a class, in the largest unit: `0`, `1`, `512`, `1K`.
fn label(class: usize) -> String {
    let Some(power) = class.checked_sub(1) else { return "0".into() };
    let unit = ["", "K", "M", "G", "T", "P", "E"].get(power / 10).copied().unwrap_or("");
    format!("{}{unit}", 1u64 << (power % 10))
}

#[cfg(test)]
mod tests {
    #[test]
    fn classes_are_named_by_their_smallest_size() {
        let labels: Vec<String> = [0, 1, 2, 10, 11, 21, 60].into_iter().map(super::label).collect();
        assert_eq!(labels, ["0", "1", "2", "512", "1K", "1M", "512P"]);
    }
}
