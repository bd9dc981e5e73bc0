//! What the HyperLogLog commands share.

use super::prelude::*;
use crate::data::hll::{self, Registers};

/// The error for a value whose registers don't add up.
pub const CORRUPT: &str = "INVALIDOBJ Corrupted HLL object detected";
const NOT_ONE: &str = "WRONGTYPE Key is not a valid HyperLogLog string value.";

/// The bytes of a value if it is one.
fn valid(value: &Value) -> Result<std::borrow::Cow<'_, [u8]>, Fail> {
    match value.bytes() {
        None => Err(err::WRONG_TYPE.into()),
        Some(bytes) if hll::is_valid(&bytes) => Ok(bytes),
        Some(_) => Err(NOT_ONE.into()),
    }
}

/// The bytes to be changed, made empty where the key is missing; and whether it was.
pub fn value_mut<'a>(cx: &'a mut Cx<'_>, key: &[u8]) -> Result<(&'a mut Vec<u8>, bool), Fail> {
    let created = match cx.s.write(cx.db, key) {
        Some(value) => {
            valid(value)?;
            false
        }
        None => {
            cx.s.add_key(cx.db, key, Value::Raw(Box::new(hll::empty())));
            true
        }
    };
    let bytes = cx.s.peek_mut(cx.db, key).and_then(Value::raw_mut).ok_or(Fail::from(err::WRONG_TYPE))?;
    Ok((bytes, created))
}

/// The highest of all keys' registers, and whether any of the keys is dense.
pub fn merged(cx: &mut Cx<'_>, keys: &[&[u8]]) -> Result<(Box<Registers>, bool), Fail> {
    let mut registers = Box::new([0; hll::REGISTERS]);
    let mut dense = false;
    for key in keys {
        let Some(value) = cx.s.read(cx.db, key) else { continue };
        let bytes = valid(value)?;
        dense |= hll::is_dense(&bytes);
        hll::merge(&mut registers, &bytes).map_err(|_| Fail::from(CORRUPT))?;
    }
    Ok((registers, dense))
}
