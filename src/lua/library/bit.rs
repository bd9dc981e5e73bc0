//! `bit`: operations on 32 bits.

use crate::value::Value;
use crate::vm::{Args, Flow, Lua, Native};

type Res = Result<Flow, Value>;

const FUNCTIONS: [(&str, Native); 12] = [
    ("tobit", |l, a| one(l, a, |b| b)),
    ("bnot", |l, a| one(l, a, |b| !b)),
    ("band", |l, a| all(l, a, |x, y| x & y)),
    ("bor", |l, a| all(l, a, |x, y| x | y)),
    ("bxor", |l, a| all(l, a, |x, y| x ^ y)),
    ("lshift", |l, a| shift(l, a, |b, n| b << n)),
    ("rshift", |l, a| shift(l, a, |b, n| b >> n)),
    ("arshift", |l, a| shift(l, a, |b, n| ((b as i32) >> n) as u32)),
    ("rol", |l, a| shift(l, a, u32::rotate_left)),
    ("ror", |l, a| shift(l, a, u32::rotate_right)),
    ("bswap", |l, a| one(l, a, u32::swap_bytes)),
    ("tohex", tohex),
];

pub fn open(lua: &mut Lua) {
    lua.library("bit", &FUNCTIONS);
}

/// The lowest 32 bits of a number, rounded to the nearest integer.
fn bits(lua: &mut Lua, args: Args, n: usize) -> Result<u32, Value> {
    let number = lua.check_number(args, n)?;
    // 2^52 + 2^51: adding it leaves the integer in the lowest bits of the fraction.
    Ok((number + 6_755_399_441_055_744.0).to_bits() as u32)
}

fn give(lua: &mut Lua, b: u32) -> Res {
    lua.give(Value::Num(f64::from(b as i32)));
    Ok(Flow::Done)
}

fn one(lua: &mut Lua, args: Args, run: fn(u32) -> u32) -> Res {
    let b = bits(lua, args, 1)?;
    give(lua, run(b))
}

fn all(lua: &mut Lua, args: Args, run: fn(u32, u32) -> u32) -> Res {
    let mut b = bits(lua, args, 1)?;
    for n in (2..=args.count).rev() {
        b = run(b, bits(lua, args, n)?);
    }
    give(lua, b)
}

fn shift(lua: &mut Lua, args: Args, run: fn(u32, u32) -> u32) -> Res {
    let (b, n) = (bits(lua, args, 1)?, bits(lua, args, 2)? & 31);
    give(lua, run(b, n))
}

fn tohex(lua: &mut Lua, args: Args) -> Res {
    let b = bits(lua, args, 1)?;
    let n = if args.count < 2 { 8 } else { bits(lua, args, 2)? as i32 };
    let digits = n.unsigned_abs().min(8) as usize;
    let text = if n < 0 { format!("{b:08X}") } else { format!("{b:08x}") };
    lua.give_bytes(&text.as_bytes()[8 - digits..]);
    Ok(Flow::Done)
}
