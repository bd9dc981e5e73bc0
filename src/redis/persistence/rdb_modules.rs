//! What modules keep in a snapshot. There are no modules here but for vector sets, which are one; what others left is
//! skipped where that is allowed, and named where it is not.

use super::rdb_read::Reader;
use super::rdb_vectors;
use super::rdb_write::part;
use crate::data::vectors::VectorSet;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// As many letters, of six bits each, the last one at the lowest bit.
fn letters(bits: u64, count: u64) -> String {
    (0..count).rev().map(|n| char::from(LETTERS[(bits >> (6 * n) & 63) as usize])).collect()
}

/// The nine letters of a module's type, above the ten bits of its version.
pub fn module_name(id: u64) -> String {
    letters(id >> 10, 9)
}

/// The four letters of a class of what modules note of keys, above five bits of version and three of flags.
pub fn class_name(spec: u32) -> String {
    letters(u64::from(spec >> 8), 4)
}

/// Whether a class may be skipped where it is not known.
pub fn may_skip(spec: u32) -> bool {
    spec & 1 == 1
}

/// Reads past what a module keeps: no more is looked at than the marks before its parts.
pub fn skip(r: &mut Reader<'_>, module: &str) -> Option<()> {
    loop {
        let (read, line, what) = match r.raw_len()? {
            part::END => return Some(()),
            part::SIGNED | part::UNSIGNED => (r.raw_len().map(drop), 1930, "integer"),
            part::STRING => (r.string().map(drop), 1936, "string"),
            part::FLOAT => (r.take(4).map(drop), 1943, "float"),
            part::DOUBLE => (r.take(8).map(drop), 1949, "double"),
            _ => continue,
        };
        r.or_blame(read, line, &format!("Error reading {what} from module {module} value"))?;
    }
}

/// Reads a value that a module keeps: a vector set.
pub fn read(r: &mut Reader<'_>) -> Option<VectorSet> {
    let id = r.read_len();
    let id = r.or_blame(id, 3421, "Short read module id")?;
    let name = module_name(id);
    if name != rdb_vectors::MODULE {
        let text = format!("The RDB file contains module data I can't load: no matching module type '{name}'");
        return r.blame(3435, &text);
    }
    let set = rdb_vectors::read(r);
    (r.left() > 0).then_some(())?;
    if r.read_len() != Some(part::END) {
        let text = format!(
            "The RDB file contains module data for the module '{name}' that is not terminated by the proper module value EOF marker"
        );
        return r.blame(3460, &text);
    }
    let text = format!(
        "The RDB file contains module data for the module type '{name}', that the responsible module is not able to load. Check for modules log above for additional clues."
    );
    r.or_blame(set, 3470, &text)
}
