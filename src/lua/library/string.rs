//! `string`

use super::pattern::{Capture, Matcher, Problem};
use crate::number::push_whole;
use crate::value::Value;
use crate::vm::{Args, Flow, Lua, Native};

type Res = Result<Flow, Value>;

const FUNCTIONS: [(&str, Native); 12] = [
    ("byte", byte),
    ("char", char_of),
    ("dump", dump),
    ("find", |l, a| find(l, a, true)),
    ("format", super::format::format),
    ("len", len),
    ("lower", |l, a| mapped(l, a, u8::to_ascii_lowercase)),
    ("match", |l, a| find(l, a, false)),
    ("rep", rep),
    ("reverse", reverse),
    ("sub", sub),
    ("upper", |l, a| mapped(l, a, u8::to_ascii_uppercase)),
];

pub fn open(lua: &mut Lua) {
    let table = lua.library("string", &FUNCTIONS);
    let step = lua.native(gmatch_step, 0);
    let part = lua.prelude("gmatch", &[step]);
    let pin = lua.pin(part) as u32;
    let gmatch = lua.native(gmatch, pin);
    lua.set_field(table, "gmatch", gmatch);
    lua.set_field(table, "gfind", gmatch);
    let (seek, join) = (lua.native(gsub_seek, 0), lua.native(gsub_join, 0));
    let part = lua.prelude("gsub", &[seek, join]);
    let pin = lua.pin(part) as u32;
    let gsub = lua.native(gsub, pin);
    lua.set_field(table, "gsub", gsub);
    let meta = lua.heap.table(0, 1);
    lua.set_field(meta, "__index", Value::Table(table));
    lua.string_meta = Some(meta);
}

/// A place counted from the end where negative.
fn place(n: i64, len: usize) -> i64 {
    if n >= 0 { n } else { (len as i64).saturating_add(n).saturating_add(1).max(0) }
}

fn len(lua: &mut Lua, args: Args) -> Res {
    let id = lua.check_string(args, 1)?;
    lua.give(Value::Num(lua.heap.strings.get(id).bytes.len() as f64));
    Ok(Flow::Done)
}

fn sub(lua: &mut Lua, args: Args) -> Res {
    let id = lua.check_string(args, 1)?;
    let len = lua.heap.strings.get(id).bytes.len();
    let from = place(lua.check_int(args, 2)?, len).max(1);
    let to = place(lua.opt_int(args, 3, -1)?, len).min(len as i64);
    let part =
        if from <= to { lua.heap.strings.get(id).bytes[from as usize - 1..to as usize].to_vec() } else { vec![] };
    lua.afford(part.len())?;
    let part = lua.heap.owned_string(part);
    lua.give(part);
    Ok(Flow::Done)
}

fn mapped(lua: &mut Lua, args: Args, map: fn(&u8) -> u8) -> Res {
    let id = lua.check_string(args, 1)?;
    lua.afford(lua.heap.strings.get(id).bytes.len())?;
    let text = lua.heap.strings.get(id).bytes.iter().map(map).collect();
    let text = lua.heap.owned_string(text);
    lua.give(text);
    Ok(Flow::Done)
}

fn reverse(lua: &mut Lua, args: Args) -> Res {
    let id = lua.check_string(args, 1)?;
    lua.afford(lua.heap.strings.get(id).bytes.len())?;
    let text = lua.heap.strings.get(id).bytes.iter().rev().copied().collect();
    let text = lua.heap.owned_string(text);
    lua.give(text);
    Ok(Flow::Done)
}

fn rep(lua: &mut Lua, args: Args) -> Res {
    let text = lua.check_bytes(args, 1)?;
    let n = lua.check_int(args, 2)?.max(0) as usize;
    let size = text.len().saturating_mul(n);
    lua.afford(size)?;
    let text = if size == 0 { Vec::new() } else { text.repeat(n) };
    let text = lua.heap.owned_string(text);
    lua.give(text);
    Ok(Flow::Done)
}

fn byte(lua: &mut Lua, args: Args) -> Res {
    let id = lua.check_string(args, 1)?;
    let len = lua.heap.strings.get(id).bytes.len();
    let from = place(lua.opt_int(args, 2, 1)?, len);
    let to = place(lua.opt_int(args, 3, from)?, len).min(len as i64);
    let from = from.max(1);
    if from > to {
        return Ok(Flow::Done);
    }
    if to - from >= 7_998 {
        return Err(lua.native_error("string slice too long"));
    }
    for n in from..=to {
        let byte = lua.heap.strings.get(id).bytes[n as usize - 1];
        lua.give(Value::Num(f64::from(byte)));
    }
    Ok(Flow::Done)
}

fn char_of(lua: &mut Lua, args: Args) -> Res {
    let mut text = Vec::with_capacity(args.count);
    for n in 1..=args.count {
        match u8::try_from(lua.check_int(args, n)?) {
            Ok(byte) => text.push(byte),
            Err(_) => return Err(lua.argument_error(n, "invalid value")),
        }
    }
    let text = lua.heap.owned_string(text);
    lua.give(text);
    Ok(Flow::Done)
}

fn dump(lua: &mut Lua, args: Args) -> Res {
    lua.check_function(args, 1)?;
    // A binary chunk could not be loaded again; this one is nothing but its first byte.
    lua.give_bytes(b"\x1bLua");
    Ok(Flow::Done)
}

fn give_capture(lua: &mut Lua, subject: u32, capture: Capture) -> Result<(), Value> {
    let value = match capture {
        Capture::Unfinished => return Err(lua.native_error("unfinished capture")),
        Capture::Position(n) => Value::Num(n as f64),
        Capture::Bytes(from, to) => {
            let part = lua.heap.strings.get(subject).bytes[from..to].to_vec();
            lua.heap.owned_string(part)
        }
    };
    lua.give(value);
    Ok(())
}

/// A match: its ends and captures.
type Match = (usize, usize, Vec<Capture>);

/// The first match at or after a place. `own`: without captures of its own it has none, else the whole match is one.
fn search(
    lua: &mut Lua,
    subject: u32,
    pattern: u32,
    from: usize,
    anchored: bool,
    own: bool,
) -> Result<Option<Match>, Value> {
    let (text, pat) = (&lua.heap.strings.get(subject).bytes, &lua.heap.strings.get(pattern).bytes);
    let mut matcher = Matcher::new(text, pat);
    let result = matcher.seek(from, anchored).map(|found| {
        found.map(|(start, end)| {
            let captures = match matcher.count() {
                0 if !own => vec![Capture::Bytes(start, end)],
                count => (0..count).filter_map(|n| matcher.capture(n)).collect(),
            };
            (start, end, captures)
        })
    });
    let steps = matcher.take_steps();
    lua.budget -= (steps / 2) as i64;
    result.map_err(|problem| lua.native_error(problem))
}

fn find(lua: &mut Lua, args: Args, positions: bool) -> Res {
    let subject = lua.check_string(args, 1)?;
    let pattern = lua.check_string(args, 2)?;
    let len = lua.heap.strings.get(subject).bytes.len();
    let init = (place(lua.opt_int(args, 3, 1)?, len) - 1).clamp(0, len as i64) as usize;
    let special = |c: &u8| b"^$*+?.([%-".contains(c);
    let plain = positions && (lua.arg(args, 4).truthy() || !lua.heap.strings.get(pattern).bytes.iter().any(special));
    if plain {
        let (text, word) = (&lua.heap.strings.get(subject).bytes, &lua.heap.strings.get(pattern).bytes);
        let found = find_plain(&text[init..], word).map(|n| (init + n + 1, init + n + word.len()));
        lua.budget -= (len as i64 - init as i64) / 16;
        match found {
            Some((from, to)) => {
                lua.give(Value::Num(from as f64));
                lua.give(Value::Num(to as f64));
            }
            None => lua.give(Value::Nil),
        }
        return Ok(Flow::Done);
    }
    let anchored = lua.heap.strings.get(pattern).bytes.first() == Some(&b'^');
    match search(lua, subject, pattern, init, anchored, positions)? {
        Some((from, to, captures)) => {
            if positions {
                lua.give(Value::Num((from + 1) as f64));
                lua.give(Value::Num(to as f64));
            }
            for capture in captures {
                give_capture(lua, subject, capture)?;
            }
        }
        None => lua.give(Value::Nil),
    }
    Ok(Flow::Done)
}

/// The first place of a word.
fn find_plain(text: &[u8], word: &[u8]) -> Option<usize> {
    if word.is_empty() {
        return Some(0);
    }
    // Knuth, Morris and Pratt: how much of the word's beginning ends at each of its places.
    let mut overlap = vec![0usize; word.len()];
    let step = |overlap: &[usize], mut matched: usize, c: u8| {
        while matched > 0 && word[matched] != c {
            matched = overlap[matched - 1];
        }
        if word[matched] == c { matched + 1 } else { matched }
    };
    for n in 1..word.len() {
        overlap[n] = step(&overlap, overlap[n - 1], word[n]);
    }
    let mut matched = 0;
    for (n, c) in text.iter().enumerate() {
        matched = step(&overlap, matched, *c);
        if matched == word.len() {
            return Some(n + 1 - matched);
        }
    }
    None
}

fn gmatch(lua: &mut Lua, args: Args) -> Res {
    for n in 1..=2 {
        let id = lua.check_string(args, n)?;
        lua.give(Value::Str(id));
    }
    Ok(Flow::Call(lua.pinned(args.data as usize)))
}

/// The next match of a `gmatch`, whose state is a table of subject, pattern and place.
fn gmatch_step(lua: &mut Lua, args: Args) -> Res {
    let Value::Table(state) = lua.arg(args, 1) else { return Ok(Flow::Done) };
    let get = |lua: &Lua, n: usize| lua.heap.tables.get(state).get_index(n, &lua.heap.strings);
    let (Value::Str(subject), Value::Str(pattern), Value::Num(from)) = (get(lua, 1), get(lua, 2), get(lua, 3)) else {
        return Ok(Flow::Done);
    };
    let from = from as usize;
    if from > lua.heap.strings.get(subject).bytes.len() {
        lua.give(Value::Nil);
        return Ok(Flow::Done);
    }
    match search(lua, subject, pattern, from, false, false)? {
        Some((start, end, captures)) => {
            let next = if end == start { end + 1 } else { end };
            lua.heap.set(state, Value::Num(3.0), Value::Num(next as f64));
            for capture in captures {
                give_capture(lua, subject, capture)?;
            }
        }
        None => {
            lua.heap.set(state, Value::Num(3.0), Value::Num(f64::from(u32::MAX)));
            lua.give(Value::Nil);
        }
    }
    Ok(Flow::Done)
}

fn gsub(lua: &mut Lua, args: Args) -> Res {
    let subject = lua.check_string(args, 1)?;
    let pattern = lua.check_string(args, 2)?;
    let replacement = lua.arg(args, 3);
    let len = lua.heap.strings.get(subject).bytes.len();
    if !matches!(replacement, Value::Str(_) | Value::Num(_) | Value::Table(_) | Value::Func(_) | Value::Native(_)) {
        return Err(lua.argument_error(3, "string/function/table expected"));
    }
    let max = lua.opt_int(args, 4, len as i64 + 1)?;
    let by_function = matches!(replacement, Value::Func(_) | Value::Native(_));
    if by_function || matches!(replacement, Value::Table(_)) {
        lua.give(Value::Str(subject));
        lua.give(Value::Str(pattern));
        lua.give(replacement);
        lua.give(Value::Bool(by_function));
        lua.give(Value::Num(max as f64));
        return Ok(Flow::Call(lua.pinned(args.data as usize)));
    }
    let template = lua.check_string(args, 3)?;
    let (text, n) = gsub_text(lua, subject, pattern, template, max)?;
    let text = lua.keep_buffer(text);
    lua.give(text);
    lua.give(Value::Num(n as f64));
    Ok(Flow::Done)
}

/// Replaces with a text in which `%1` and so on stand for captures.
fn gsub_text(lua: &mut Lua, subject: u32, pattern: u32, template: u32, max: i64) -> Result<(Vec<u8>, i64), Value> {
    let mut out = lua.take_buffer();
    let room = lua.room();
    let [text, pattern, template] = [subject, pattern, template].map(|id| &*lua.heap.strings.get(id).bytes);
    let anchored = pattern.first() == Some(&b'^');
    let mut matcher = Matcher::new(text, pattern);
    let (mut at, mut n, mut steps) = (0, 0, 0);
    let mut problem = None;
    while n < max && out.len() <= room {
        let (start, end) = match matcher.seek(at, anchored) {
            Ok(Some(found)) => found,
            Ok(None) => break,
            Err(text) => {
                problem = Some(text);
                break;
            }
        };
        n += 1;
        steps += matcher.take_steps() / 2;
        out.extend_from_slice(&text[at..start]);
        problem = expand(&mut out, text, template, (start, end), &matcher).err();
        at = end;
        if start == end {
            out.extend(text.get(end));
            at += 1;
        }
        if anchored || problem.is_some() || at > text.len() {
            break;
        }
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    lua.budget -= (steps + matcher.take_steps() / 2) as i64;
    match problem {
        Some(problem) => Err(lua.native_error(problem)),
        None => lua.afford(out.len()).map(|()| (out, n)),
    }
}

/// Adds what a match is replaced with.
fn expand(
    out: &mut Vec<u8>,
    text: &[u8],
    template: &[u8],
    (start, end): (usize, usize),
    matcher: &Matcher<'_>,
) -> Result<(), Problem> {
    let mut template = template.iter();
    while let Some(c) = template.next() {
        if *c != b'%' {
            out.push(*c);
            continue;
        }
        let digit = template.next().copied().unwrap_or(0);
        let n = usize::from(digit).wrapping_sub(usize::from(b'1'));
        let capture = match digit {
            b'0' => Capture::Bytes(start, end),
            b'1' if matcher.count() == 0 => Capture::Bytes(start, end),
            b'1'..=b'9' => matcher.capture(n).ok_or("invalid capture index")?,
            other => {
                out.push(other);
                continue;
            }
        };
        match capture {
            Capture::Bytes(from, to) => out.extend_from_slice(text.get(from..to).unwrap_or_default()),
            Capture::Position(n) => push_whole(out, n as i64),
            Capture::Unfinished => return Err("unfinished capture"),
        }
    }
    Ok(())
}

/// For `gsub` with a function: the next match, as the place of its beginning and its end, and its captures.
fn gsub_seek(lua: &mut Lua, args: Args) -> Res {
    let (Value::Str(subject), Value::Str(pattern)) = (lua.arg(args, 1), lua.arg(args, 2)) else {
        return Ok(Flow::Done);
    };
    let from = lua.check_int(args, 3)?.max(1) as usize - 1;
    let anchored = lua.heap.strings.get(pattern).bytes.first() == Some(&b'^');
    let len = lua.heap.strings.get(subject).bytes.len();
    if from > len || (anchored && from > 0) {
        return Ok(Flow::Done);
    }
    if let Some((start, end, captures)) = search(lua, subject, pattern, from, anchored, false)? {
        lua.give(Value::Num((start + 1) as f64));
        lua.give(Value::Num((end + 1) as f64));
        for capture in captures {
            give_capture(lua, subject, capture)?;
        }
    }
    Ok(Flow::Done)
}

/// For `gsub` with a function: with a match, the place where to go on and the text that is complete; with
/// the pieces, the results.
fn gsub_join(lua: &mut Lua, args: Args) -> Res {
    let Value::Str(subject) = lua.arg(args, 1) else { return Ok(Flow::Done) };
    if let Value::Table(pieces) = lua.arg(args, 3) {
        let mut text = Vec::new();
        for n in 1.. {
            let piece = lua.heap.tables.get(pieces).get_index(n, &lua.heap.strings);
            if !lua.push_text(&mut text, piece) {
                break;
            }
        }
        if let Value::Num(at) = lua.arg(args, 2) {
            let rest = lua.heap.strings.get(subject).bytes.get(at as usize - 1..).unwrap_or_default();
            text.extend_from_slice(rest);
        }
        lua.afford(text.len())?;
        let text = lua.heap.owned_string(text);
        lua.give(text);
        lua.give(lua.arg(args, 4));
        return Ok(Flow::Done);
    }
    let place = |n: usize| match lua.arg(args, n) {
        Value::Num(n) => n as usize - 1,
        _ => 0,
    };
    let (at, start, mut end) = (place(2), place(3), place(4));
    let text = &lua.heap.strings.get(subject).bytes;
    let mut out = text[at..start].to_vec();
    match lua.arg(args, 5) {
        Value::Nil | Value::Bool(false) => out.extend_from_slice(&text[start..end]),
        value => {
            if !lua.push_text(&mut out, value) {
                let problem = format!("invalid replacement value (a {})", value.type_name());
                return Err(lua.native_error(&problem));
            }
        }
    }
    let mut ended = false;
    if start == end {
        match text.get(end) {
            Some(c) => out.push(*c),
            None => ended = true,
        }
        end += 1;
    }
    let out = lua.heap.owned_string(out);
    lua.give(if ended { Value::Nil } else { Value::Num((end + 1) as f64) });
    lua.give(out);
    Ok(Flow::Done)
}
