//! BITFIELD key [GET encoding offset | [OVERFLOW WRAP | SAT | FAIL] <SET encoding offset value | INCRBY encoding offset increment> [...]]
//!
//! Fields of 1 to 64 bits at any bit offset of a string, with three ways to treat overflow.

use super::bitmap;
use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "bitfield",
    arity: -2,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::BITMAP | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE | key::VARIABLE_FLAGS,
        notes: "This command allows both access and modification of the key",
    }],
    tips: &[],
    docs: Docs {
        summary: "Performs arbitrary bitfield integer operations on strings.",
        since: "3.2.0",
        group: "bitmap",
        complexity: "O(1) for each subcommand specified",
        args: "key:k@0 operation:o?*(get-block:b=GET(encoding:s offset:i) write:b(overflow-block:o=OVERFLOW?(wrap:t=WRAP sat:t=SAT fail:t=FAIL) write-operation:o(set-block:b=SET(encoding:s offset:i value:i) incrby-block:b=INCRBY(encoding:s offset:i increment:i))))",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// What happens to a result that does not fit its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overflow {
    Wrap,
    Saturate,
    Fail,
}

/// A kind of field: `i8`, `u5`.
#[derive(Clone, Copy, Debug)]
struct Field {
    signed: bool,
    bits: u32,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Get,
    Set(i64),
    Add(i64),
}

#[derive(Clone, Copy, Debug)]
struct Op {
    what: What,
    field: Field,
    offset: i64,
    overflow: Overflow,
}

fn run(cx: &mut Cx<'_>) -> Res {
    generic(cx, false)
}

/// BITFIELD and BITFIELD_RO.
pub(super) fn generic(cx: &mut Cx<'_>, read_only: bool) -> Res {
    let ops = parse(cx)?;
    let highest =
        ops.iter().filter(|op| !matches!(op.what, What::Get)).map(|op| op.offset + i64::from(op.field.bits) - 1);
    match highest.max() {
        None => reply_reads(cx, &ops),
        Some(_) if read_only => Err("ERR BITFIELD_RO only supports the GET subcommand".into()),
        Some(highest) => run_writes(cx, &ops, highest),
    }
}

fn reply_reads(cx: &mut Cx<'_>, ops: &[Op]) -> Res {
    let bytes = bitmap::bytes(cx.s, cx.db, cx.arg(1))?;
    cx.out.array(ops.len());
    for op in ops {
        cx.out.int(op.field.value(op.field.read(&bytes, op.offset)) as i64);
    }
    Ok(())
}

fn run_writes(cx: &mut Cx<'_>, ops: &[Op], highest: i64) -> Res {
    let key = cx.arg(1);
    let (bytes, grew) = bitmap::bytes_mut(cx, key, (highest >> 3) as usize + 1)?;
    let mut results = Vec::with_capacity(ops.len());
    let mut changes = 0;
    for op in ops {
        let old = op.field.value(op.field.read(bytes, op.offset));
        let (new, shown) = match op.what {
            What::Get => {
                results.push(Some(old as i64));
                continue;
            }
            What::Set(n) => (op.field.fit(op.field.given(n, op.overflow), op.overflow), Some(old)),
            What::Add(n) => (op.field.fit(old + i128::from(n), op.overflow), None),
        };
        results.push(new.map(|new| shown.unwrap_or(new) as i64));
        if let Some(new) = new {
            op.field.write(bytes, op.offset, new as u64);
            changes += u64::from(grew || new != old);
        }
    }
    if changes > 0 {
        cx.changed(notify::STRING, "setbit", key, changes);
    }
    cx.out.array(results.len());
    for result in results {
        match result {
            Some(n) => cx.out.int(n),
            None => cx.out.null(),
        }
    }
    Ok(())
}

fn parse(cx: &Cx<'_>) -> Result<Vec<Op>, Fail> {
    let mut ops = Vec::new();
    let mut overflow = Overflow::Wrap;
    let mut at = 2;
    while at < cx.argc() {
        let left = cx.argc() - at - 1;
        let word = cx.arg(at).to_ascii_uppercase();
        if word == b"OVERFLOW" && left >= 1 {
            overflow = match cx.arg(at + 1).to_ascii_uppercase().as_slice() {
                b"WRAP" => Overflow::Wrap,
                b"SAT" => Overflow::Saturate,
                b"FAIL" => Overflow::Fail,
                _ => return Err("ERR Invalid OVERFLOW type specified".into()),
            };
            at += 2;
            continue;
        }
        let reads = word == b"GET" && left >= 2;
        if !(reads || matches!(word.as_slice(), b"SET" | b"INCRBY") && left >= 3) {
            return Err(err::SYNTAX.into());
        }
        let field = Field::parse(cx.arg(at + 1)).ok_or(Fail::from(
            "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
        ))?;
        let offset = bitmap::offset(cx, at + 2, true, i64::from(field.bits))?;
        let what = match word.as_slice() {
            b"GET" => What::Get,
            b"SET" => What::Set(cx.int(at + 3)?),
            _ => What::Add(cx.int(at + 3)?),
        };
        ops.push(Op { what, field, offset, overflow });
        at += if reads { 3 } else { 4 };
    }
    Ok(ops)
}

impl Field {
    fn parse(word: &[u8]) -> Option<Field> {
        let (first, digits) = word.split_first()?;
        let signed = match first {
            b'i' => true,
            b'u' => false,
            _ => return None,
        };
        let bits = resp::parse_i64(digits).filter(|n| (1..=if signed { 64 } else { 63 }).contains(n))?;
        Some(Field { signed, bits: bits as u32 })
    }

    fn range(self) -> (i128, i128) {
        if self.signed {
            let half = 1i128 << (self.bits - 1);
            (-half, half - 1)
        } else {
            (0, (1i128 << self.bits) - 1)
        }
    }

    /// Raw bits as the number they mean.
    fn value(self, raw: u64) -> i128 {
        let raw = i128::from(raw);
        if self.signed && raw > self.range().1 { raw - (1i128 << self.bits) } else { raw }
    }

    /// A number given to SET: for an unsigned field a negative one counts as a very large one. So it does for a signed
    /// one that saturates, if it is as far below as 64 bits do not tell (`bitops.c`, checkSignedBitfieldOverflow).
    fn given(self, n: i64, overflow: Overflow) -> i128 {
        let (_, most) = self.range();
        let beyond = self.bits < 64 && most - i128::from(n) > i128::from(i64::MAX);
        match self.signed {
            true if beyond && overflow == Overflow::Saturate => most,
            true => i128::from(n),
            false => i128::from(n as u64),
        }
    }

    /// A number made to fit, or nothing.
    fn fit(self, n: i128, overflow: Overflow) -> Option<i128> {
        let (min, max) = self.range();
        if (min..=max).contains(&n) {
            return Some(n);
        }
        match overflow {
            Overflow::Wrap => Some(self.value((n & ((1i128 << self.bits) - 1)) as u64)),
            Overflow::Saturate => Some(n.clamp(min, max)),
            Overflow::Fail => None,
        }
    }

    /// The raw bits at an offset; beyond the end there are zeros.
    fn read(self, bytes: &[u8], offset: i64) -> u64 {
        let first = (offset >> 3) as usize;
        let window = (0..9).fold(0u128, |acc, n| acc << 8 | u128::from(bytes.get(first + n).copied().unwrap_or(0)));
        let shift = 72 - (offset & 7) as u32 - self.bits;
        ((window >> shift) & ((1u128 << self.bits) - 1)) as u64
    }

    /// Puts the lowest bits of a number at an offset that lies within the bytes.
    fn write(self, bytes: &mut [u8], offset: i64, raw: u64) {
        let first = (offset >> 3) as usize;
        let shift = 72 - (offset & 7) as u32 - self.bits;
        let mask = ((1u128 << self.bits) - 1) << shift;
        let bits = (u128::from(raw) << shift) & mask;
        for n in 0..9 {
            let at = 8 * (8 - n as u32);
            if let Some(byte) = bytes.get_mut(first + n) {
                *byte = *byte & !((mask >> at) as u8) | (bits >> at) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Overflow};

    #[test]
    fn fields_lie_across_bytes() {
        for (signed, bits) in [(false, 63), (true, 64), (true, 5), (false, 1), (false, 13)] {
            let field = Field { signed, bits };
            for offset in 0..30 {
                let mut bytes = [0xa5u8; 16];
                let before = bytes;
                let (min, max) = field.range();
                for n in [min, max, 0, max / 3] {
                    field.write(&mut bytes, offset, n as u64);
                    assert_eq!(field.value(field.read(&bytes, offset)), n, "{field:?} at {offset}");
                }
                field.write(&mut bytes, offset, field.read(&before, offset));
                assert_eq!(bytes, before);
            }
        }
    }

    #[test]
    fn overflow_wraps_saturates_or_fails() {
        let i8 = Field::parse(b"i8").unwrap();
        assert_eq!(i8.fit(128, Overflow::Wrap), Some(-128));
        assert_eq!(i8.fit(-129, Overflow::Saturate), Some(-128));
        assert_eq!(i8.fit(300, Overflow::Fail), None);
        let u2 = Field::parse(b"u2").unwrap();
        assert_eq!(u2.fit(-1, Overflow::Wrap), Some(3));
        assert_eq!(u2.fit(u2.given(-1, Overflow::Saturate), Overflow::Saturate), Some(3));
        assert_eq!(i8.given(i64::MIN, Overflow::Saturate), 127);
        assert_eq!(i8.given(i64::MIN + 200, Overflow::Saturate), -9_223_372_036_854_775_608);
        assert!(Field::parse(b"u64").is_none() && Field::parse(b"i65").is_none() && Field::parse(b"u0").is_none());
    }
}
