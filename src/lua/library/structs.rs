//! `struct`: values to bytes and back, by a format.

use crate::value::Value;
use crate::vm::{Args, Flow, Lua, Native};

type Res = Result<Flow, Value>;

const FUNCTIONS: [(&str, Native); 3] = [("pack", pack), ("unpack", unpack), ("size", size)];

/// Bytes of an integer at most.
const MAX_INT: usize = 32;
/// Alignment of `!` without a number.
const MAX_ALIGN: usize = 8;

pub fn open(lua: &mut Lua) {
    lua.library("struct", &FUNCTIONS);
}

/// Reads a format.
struct Format {
    text: Vec<u8>,
    at: usize,
    big: bool,
    align: usize,
}

impl Format {
    fn new(lua: &mut Lua, args: Args) -> Result<Format, Value> {
        let mut text = lua.check_bytes(args, 1)?;
        let end = text.iter().position(|c| *c == 0).unwrap_or(text.len());
        text.truncate(end);
        Ok(Format { text, at: 0, big: false, align: 1 })
    }

    fn number(&mut self, lua: &mut Lua, default: usize) -> Result<usize, Value> {
        let mut n = None;
        while let Some(c) = self.text.get(self.at).filter(|c| c.is_ascii_digit()) {
            let next = n.unwrap_or(0usize) * 10 + usize::from(c - b'0');
            if next > i32::MAX as usize {
                return Err(lua.native_error("integral size overflow"));
            }
            n = Some(next);
            self.at += 1;
        }
        Ok(n.unwrap_or(default))
    }

    /// The next option, the size of its value, and the bytes that bring `position` to its alignment.
    fn next(&mut self, lua: &mut Lua, position: usize) -> Result<Option<(u8, usize, usize)>, Value> {
        let Some(option) = self.text.get(self.at).copied() else { return Ok(None) };
        self.at += 1;
        let size = match option {
            b'B' | b'b' | b'x' => 1,
            b'H' | b'h' => 2,
            b'L' | b'l' | b'T' | b'd' => 8,
            b'f' => 4,
            b'c' => self.number(lua, 1)?,
            b'i' | b'I' => {
                let size = self.number(lua, 4)?;
                if size > MAX_INT {
                    let text = format!("integral size {size} is larger than limit of {MAX_INT}");
                    return Err(lua.native_error(&text));
                }
                size
            }
            _ => 0,
        };
        let mut gap = 0;
        if size != 0 && option != b'c' {
            let unit = size.min(self.align);
            gap = (unit - (position & (unit - 1))) & (unit - 1);
        }
        Ok(Some((option, size, gap)))
    }

    fn control(&mut self, lua: &mut Lua, option: u8) -> Result<(), Value> {
        match option {
            b' ' => {}
            b'>' => self.big = true,
            b'<' => self.big = false,
            b'!' => {
                let align = self.number(lua, MAX_ALIGN)?;
                if !align.is_power_of_two() {
                    return Err(lua.native_error(&format!("alignment {align} is not a power of 2")));
                }
                self.align = align;
            }
            other => {
                let text = format!("invalid format option '{}'", char::from(other));
                return Err(lua.argument_error(1, &text));
            }
        }
        Ok(())
    }
}

/// The bytes of an integer.
fn put_integer(out: &mut Vec<u8>, n: f64, size: usize, big: bool) {
    let value = if n < 0.0 { n as i64 as u64 } else { n as u64 };
    let byte = |place: usize| if place < 8 { (value >> (8 * place)) as u8 } else { 0 };
    if big {
        out.extend((0..size).rev().map(byte));
    } else {
        out.extend((0..size).map(byte));
    }
}

fn get_integer(data: &[u8], big: bool, signed: bool) -> f64 {
    let mut value = 0u64;
    let mut add = |byte: &u8| value = value << 8 | u64::from(*byte);
    if big {
        data.iter().for_each(&mut add)
    } else {
        data.iter().rev().for_each(&mut add)
    }
    if !signed {
        return value as f64;
    }
    if (1..8).contains(&data.len()) {
        let unused = 64 - 8 * data.len() as u32;
        return (((value << unused) as i64) >> unused) as f64;
    }
    value as i64 as f64
}

fn in_order(mut bytes: Vec<u8>, big: bool) -> Vec<u8> {
    if big {
        bytes.reverse();
    }
    bytes
}

fn pack(lua: &mut Lua, args: Args) -> Res {
    let mut format = Format::new(lua, args)?;
    let mut out = Vec::new();
    let mut arg = 2;
    while let Some((option, size, gap)) = format.next(lua, out.len())? {
        out.resize(out.len() + gap, 0);
        match option {
            b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I' => {
                let n = lua.check_number(args, arg)?;
                put_integer(&mut out, n, size, format.big);
                arg += 1;
            }
            b'x' => out.push(0),
            b'f' => {
                let n = lua.check_number(args, arg)? as f32;
                out.extend(in_order(n.to_le_bytes().to_vec(), format.big));
                arg += 1;
            }
            b'd' => {
                let n = lua.check_number(args, arg)?;
                out.extend(in_order(n.to_le_bytes().to_vec(), format.big));
                arg += 1;
            }
            b'c' | b's' => {
                let text = lua.check_bytes(args, arg)?;
                arg += 1;
                let size = if size == 0 { text.len() } else { size };
                if text.len() < size {
                    return Err(lua.argument_error(arg, "string too short"));
                }
                lua.afford(size)?;
                out.extend_from_slice(&text[..size]);
                if option == b's' {
                    out.push(0);
                }
            }
            other => format.control(lua, other)?,
        }
    }
    lua.afford(out.len())?;
    let out = lua.heap.owned_string(out);
    lua.give(out);
    Ok(Flow::Done)
}

fn unpack(lua: &mut Lua, args: Args) -> Res {
    let mut format = Format::new(lua, args)?;
    let data = lua.check_bytes(args, 2)?;
    let offset = lua.opt_int(args, 3, 1)?;
    if offset == 0 {
        return Err(lua.argument_error(3, "offset must be 1 or greater"));
    }
    // A negative place is beyond every string.
    let mut at = usize::try_from(offset).map_or(usize::MAX / 2, |n| n - 1);
    while let Some((option, mut size, gap)) = format.next(lua, at)? {
        at += gap;
        let fits = |size: usize| size <= data.len() && at <= data.len() - size;
        if !fits(size) {
            return Err(lua.argument_error(2, "data string too short"));
        }
        if lua.ret.len() > 7_900 {
            return Err(lua.native_error("stack overflow (too many results)"));
        }
        let part = &data[at..at + size];
        match option {
            b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I' => {
                lua.give(Value::Num(get_integer(part, format.big, option.is_ascii_lowercase())));
            }
            b'x' => {}
            b'f' => {
                let bytes = in_order(part.to_vec(), format.big);
                let n = bytes.as_slice().try_into().map_or(0.0, f32::from_le_bytes);
                lua.give(Value::Num(f64::from(n)));
            }
            b'd' => {
                let bytes = in_order(part.to_vec(), format.big);
                lua.give(Value::Num(bytes.as_slice().try_into().map_or(0.0, f64::from_le_bytes)));
            }
            b'c' => {
                if size == 0 {
                    let Some(n) = lua.ret.last().and_then(|v| lua.to_number(*v)) else {
                        return Err(lua.native_error("format 'c0' needs a previous size"));
                    };
                    lua.ret.pop();
                    size = if n < 0.0 { usize::MAX } else { n as usize };
                    if !fits(size) {
                        return Err(lua.argument_error(2, "data string too short"));
                    }
                }
                lua.give_bytes(&data[at..at + size]);
            }
            b's' => {
                let Some(end) = data[at..].iter().position(|c| *c == 0) else {
                    return Err(lua.native_error("unfinished string in data"));
                };
                lua.give_bytes(&data[at..at + end]);
                size = end + 1;
            }
            other => format.control(lua, other)?,
        }
        at += size;
    }
    lua.give(Value::Num((at + 1) as f64));
    Ok(Flow::Done)
}

fn size(lua: &mut Lua, args: Args) -> Res {
    let mut format = Format::new(lua, args)?;
    let mut at = 0usize;
    while let Some((option, size, gap)) = format.next(lua, at)? {
        at = at.saturating_add(gap);
        if option == b's' {
            return Err(lua.argument_error(1, "option 's' has no fixed size"));
        }
        if option == b'c' && size == 0 {
            return Err(lua.argument_error(1, "option 'c0' has no fixed size"));
        }
        if !option.is_ascii_alphanumeric() {
            format.control(lua, option)?;
        }
        at = at.saturating_add(size);
    }
    lua.give(Value::Num(at as f64));
    Ok(Flow::Done)
}
