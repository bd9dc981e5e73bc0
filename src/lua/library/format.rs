//! `string.format`

use crate::number::{format_e, format_f, format_g, push_whole, whole_digits};
use crate::value::Value;
use crate::vm::{Args, Flow, Lua};

/// What stands between `%` and the letter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

pub fn format(lua: &mut Lua, args: Args) -> Result<Flow, Value> {
    let template = lua.check_string(args, 1)?;
    let mut out = lua.take_buffer();
    let (mut at, mut arg) = (0, 1);
    loop {
        let text = &*lua.heap.strings.get(template).bytes;
        let rest = text.get(at..).unwrap_or_default();
        let plain = rest.iter().position(|c| *c == b'%').unwrap_or(rest.len());
        out.extend_from_slice(&rest[..plain]);
        if plain == rest.len() {
            break;
        }
        at += plain + 1;
        if text.get(at) == Some(&b'%') {
            at += 1;
            out.push(b'%');
            continue;
        }
        arg += 1;
        if arg > args.count {
            return Err(lua.argument_error(arg, "no value"));
        }
        let (spec, letter) = match text.get(at) {
            // Most have a letter only.
            Some(letter) if letter.is_ascii_alphabetic() => (Spec::default(), *letter),
            _ => match read_spec(text, &mut at) {
                Ok(spec) => (spec, text.get(at).copied().unwrap_or(0)),
                Err(problem) => return Err(lua.native_error(problem)),
            },
        };
        at += 1;
        one(lua, args, arg, letter, spec, &mut out)?;
    }
    lua.give_buffer(out)?;
    Ok(Flow::Done)
}

fn read_spec(template: &[u8], at: &mut usize) -> Result<Spec, &'static str> {
    let mut spec = Spec::default();
    let from = *at;
    while let Some(c) = template.get(*at) {
        match c {
            b'-' => spec.left = true,
            b'+' => spec.plus = true,
            b' ' => spec.space = true,
            b'#' => spec.alternate = true,
            b'0' => spec.zero = true,
            _ => break,
        }
        *at += 1;
    }
    if *at - from >= 6 {
        return Err("invalid format (repeated flags)");
    }
    let digits = |at: &mut usize| {
        let mut n = 0;
        for _ in 0..2 {
            match template.get(*at) {
                Some(c) if c.is_ascii_digit() => n = n * 10 + usize::from(c - b'0'),
                _ => break,
            }
            *at += 1;
        }
        n
    };
    spec.width = digits(at);
    if template.get(*at) == Some(&b'.') {
        *at += 1;
        spec.precision = Some(digits(at));
    }
    if template.get(*at).is_some_and(u8::is_ascii_digit) {
        return Err("invalid format (width or precision too long)");
    }
    Ok(spec)
}

fn one(lua: &mut Lua, args: Args, arg: usize, letter: u8, spec: Spec, out: &mut Vec<u8>) -> Result<(), Value> {
    match letter {
        b'c' => {
            let byte = lua.check_int(args, arg)? as u8;
            pad(out, b"", &[byte], Spec { zero: false, ..spec });
        }
        b'd' | b'i' => {
            let n = lua.check_number(args, arg)? as i64;
            if spec == Spec::default() {
                push_whole(out, n);
            } else {
                integer(out, n < 0, whole_digits(n.unsigned_abs(), &mut [0; 20]), true, spec);
            }
        }
        b'o' | b'u' | b'x' | b'X' => {
            let n = lua.check_number(args, arg)?;
            let n = if n < 0.0 { n as i64 as u64 } else { n as u64 };
            let (text, prefix) = match letter {
                b'o' => (format!("{n:o}"), "0"),
                b'x' => (format!("{n:x}"), "0x"),
                b'X' => (format!("{n:X}"), "0X"),
                _ => (n.to_string(), ""),
            };
            let text = if spec.alternate && n != 0 { format!("{prefix}{text}") } else { text };
            integer(out, false, text.as_bytes(), false, spec);
        }
        b'e' | b'E' | b'f' | b'g' | b'G' => {
            let n = lua.check_number(args, arg)?;
            float(out, n, letter, spec);
        }
        b'q' => {
            let id = lua.check_string(args, arg)?;
            quoted(out, &lua.heap.strings.get(id).bytes);
        }
        b's' => {
            let id = lua.check_string(args, arg)?;
            let text = &*lua.heap.strings.get(id).bytes;
            if spec.precision.is_none() && text.len() >= 100 {
                out.extend_from_slice(text);
            } else {
                // As C has it, the text ends at the first zero byte.
                let end = text.iter().position(|c| *c == 0).unwrap_or(text.len());
                let end = end.min(spec.precision.unwrap_or(usize::MAX));
                pad(out, b"", &text[..end], Spec { zero: false, ..spec });
            }
        }
        other => {
            let shown = if other == 0 { String::new() } else { char::from(other).to_string() };
            return Err(lua.native_error(&format!("invalid option '%{shown}' to 'format'")));
        }
    }
    Ok(())
}

/// Adds text at its width, with zeros behind its sign if wanted.
fn pad(out: &mut Vec<u8>, sign: &[u8], text: &[u8], spec: Spec) {
    let missing = spec.width.saturating_sub(sign.len() + text.len());
    let fill = |out: &mut Vec<u8>, c: u8| out.extend(std::iter::repeat_n(c, missing));
    if spec.left {
        out.extend_from_slice(sign);
        out.extend_from_slice(text);
        fill(out, b' ');
    } else if spec.zero {
        out.extend_from_slice(sign);
        fill(out, b'0');
        out.extend_from_slice(text);
    } else {
        fill(out, b' ');
        out.extend_from_slice(sign);
        out.extend_from_slice(text);
    }
}

fn sign(negative: bool, spec: Spec) -> &'static [u8] {
    match (negative, spec.plus, spec.space) {
        (true, _, _) => b"-",
        (_, true, _) => b"+",
        (_, _, true) => b" ",
        _ => b"",
    }
}

fn integer(out: &mut Vec<u8>, negative: bool, digits: &[u8], signed: bool, spec: Spec) {
    let mut text = digits.to_vec();
    if let Some(precision) = spec.precision {
        if precision == 0 && digits == b"0" {
            text.clear();
        }
        while text.len() < precision {
            text.insert(0, b'0');
        }
    }
    let sign = if signed { sign(negative, spec) } else { b"" };
    pad(out, sign, &text, Spec { zero: spec.zero && spec.precision.is_none(), ..spec });
}

fn float(out: &mut Vec<u8>, n: f64, letter: u8, spec: Spec) {
    let precision = spec.precision.unwrap_or(6);
    let magnitude = n.abs();
    let text = match letter {
        b'e' | b'E' => format_e(magnitude, precision, spec.alternate),
        b'f' => format_f(magnitude, precision, spec.alternate),
        _ => format_g(magnitude, precision, spec.alternate),
    };
    let text = if letter.is_ascii_uppercase() { text.to_ascii_uppercase() } else { text };
    let zero = spec.zero && n.is_finite();
    pad(out, sign(n.is_sign_negative(), spec), text.as_bytes(), Spec { zero, ..spec });
}

fn quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for c in text {
        match c {
            b'"' | b'\\' | b'\n' => out.extend_from_slice(&[b'\\', *c]),
            b'\r' => out.extend_from_slice(b"\\r"),
            0 => out.extend_from_slice(b"\\000"),
            other => out.push(*other),
        }
    }
    out.push(b'"');
}
