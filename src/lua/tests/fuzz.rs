//! Whatever a script or its data are, nothing panics and every slice ends. A fixed number of rounds, or
//! as many as fit into the seconds of `LUA_FUZZ_SECONDS`; `LUA_FUZZ_SEED` begins elsewhere.

use super::{LANGUAGE, LIBRARIES};
use crate::{Lua, Outcome};

/// Rounds without a time given.
const ROUNDS: u64 = 600;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

const NAMES: [&str; 7] = ["a", "b", "c", "t", "f", "g", "s"];
const LEAVES: [&str; 22] = [
    "nil", "true", "false", "0", "1", "-1", "2^53", "1e308", "0/0", "'x'", "''", "'%d+'", "'[a'", "{}", "{1,2,3}",
    "{x=1}", "...", "t.x", "t[1]", "#s", "-t", "not a",
];
const OPERATORS: [&str; 15] = ["+", "-", "*", "/", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or"];
const FUNCTIONS: [&str; 58] = [
    "pcall",
    "tostring",
    "tonumber",
    "type",
    "next",
    "rawget",
    "rawset",
    "setmetatable",
    "getmetatable",
    "unpack",
    "select",
    "xpcall",
    "error",
    "assert",
    "ipairs",
    "pairs",
    "loadstring",
    "load",
    "string.rep",
    "string.sub",
    "string.find",
    "string.match",
    "string.gsub",
    "string.gmatch",
    "string.format",
    "string.byte",
    "string.char",
    "string.reverse",
    "string.upper",
    "table.insert",
    "table.remove",
    "table.concat",
    "table.sort",
    "table.maxn",
    "table.foreach",
    "math.floor",
    "math.random",
    "math.fmod",
    "math.max",
    "cjson.encode",
    "cjson.decode",
    "cmsgpack.pack",
    "cmsgpack.unpack",
    "cmsgpack.unpack_limit",
    "struct.pack",
    "struct.unpack",
    "struct.size",
    "bit.band",
    "bit.lshift",
    "bit.tohex",
    "coroutine.create",
    "coroutine.resume",
    "coroutine.wrap",
    "coroutine.yield",
    "coroutine.status",
    "setfenv",
    "getfenv",
    "collectgarbage",
];

fn expression(r: &mut Random, out: &mut String, depth: usize) {
    match r.below(if depth == 0 { 3 } else { 9 }) {
        0 | 1 => out.push_str(r.pick(&LEAVES)),
        2 => out.push_str(r.pick(&NAMES)),
        3 | 4 => {
            out.push('(');
            expression(r, out, depth - 1);
            out.push_str(&format!(" {} ", r.pick(&OPERATORS)));
            expression(r, out, depth - 1);
            out.push(')');
        }
        5 | 6 => {
            out.push_str(r.pick(&FUNCTIONS));
            out.push('(');
            for n in 0..r.below(4) {
                if n > 0 {
                    out.push(',');
                }
                expression(r, out, depth - 1);
            }
            out.push(')');
        }
        7 => {
            out.push_str("function(a, ...) ");
            block(r, out, depth - 1);
            out.push_str(" end");
        }
        _ => {
            out.push_str("{[");
            expression(r, out, depth - 1);
            out.push_str("] = ");
            expression(r, out, depth - 1);
            out.push_str(", ");
            expression(r, out, depth - 1);
            out.push('}');
        }
    }
}

fn block(r: &mut Random, out: &mut String, depth: usize) {
    for _ in 0..=r.below(3) {
        let name = r.pick(&NAMES);
        match r.below(if depth == 0 { 3 } else { 9 }) {
            0 => out.push_str(&format!("local {name} = ")),
            1 => out.push_str(&format!("{name} = ")),
            2 => out.push_str(&format!("{name}.x, t = b, ")),
            3 => {
                out.push_str("if ");
                expression(r, out, depth - 1);
                out.push_str(" then ");
                block(r, out, depth - 1);
                out.push_str(" else ");
                block(r, out, depth - 1);
                out.push_str(" end ");
                continue;
            }
            4 => {
                out.push_str(&format!("for {name} = 1, 5 do "));
                block(r, out, depth - 1);
                out.push_str(" end ");
                continue;
            }
            5 => {
                out.push_str(&format!("for {name}, v in pairs(t) do "));
                block(r, out, depth - 1);
                out.push_str(" break end ");
                continue;
            }
            6 => {
                out.push_str("repeat local u = s ");
                block(r, out, depth - 1);
                out.push_str(" until u == s or ");
            }
            7 => out.push_str(&format!("local {name} = coroutine.wrap(function() return 1 end) or ")),
            _ => {
                out.push_str("pcall(function(...) ");
                block(r, out, depth - 1);
                out.push_str(" end, ");
                expression(r, out, depth - 1);
                out.push_str(") ");
                continue;
            }
        }
        expression(r, out, depth);
        out.push_str(" ; ");
    }
}

/// Bytes of a text changed, doubled, left out, or taken from elsewhere in it.
fn mutate(r: &mut Random, text: &[u8]) -> Vec<u8> {
    let from = r.below(text.len());
    let mut out = text[from..(from + 1 + r.below(400)).min(text.len())].to_vec();
    for _ in 0..r.below(12) {
        let at = r.below(out.len());
        match r.below(4) {
            0 if !out.is_empty() => out[at] = r.next() as u8,
            1 if !out.is_empty() => {
                out.remove(at);
            }
            2 => out.insert(at, b"(){}[]=\"'.,;%-+*/#\n\0~"[r.below(21)]),
            _ => {
                let other = r.below(text.len());
                let piece = &text[other..(other + r.below(30)).min(text.len())];
                out.splice(at..at, piece.iter().copied());
            }
        }
    }
    out
}

/// A call of a decoder or of patterns with bytes of any kind.
fn decoding(r: &mut Random) -> Vec<u8> {
    const CALLS: [&str; 8] = [
        "return cjson.decode(D)",
        "return cmsgpack.unpack(D)",
        "return struct.unpack(D:sub(1, 9), D)",
        "return struct.size(D)",
        "return D:gsub(D:sub(1, 12), '%1')",
        "return D:find(D:sub(2, 20))",
        "return loadstring(D)",
        "return string.format(D, 1, 'x', 2.5, 3)",
    ];
    const PIECES: [&str; 28] = [
        "{", "}", "[", "]", "\"", ":", ",", "1", "-", "e9", "null", "true", "\\u00e9", "\\ud800", "%", "(", ")", "*",
        "-", "%b()", "%f[a]", "[^a-z]", ">", "!8", "i7", "c0", "s", "%1",
    ];
    let mut data = Vec::new();
    for _ in 0..r.below(30) {
        if r.below(3) == 0 { data.push(r.next() as u8) } else { data.extend_from_slice(r.pick(&PIECES).as_bytes()) }
    }
    let quoted: String = data.iter().map(|b| format!("\\{b:03}")).collect();
    format!("local D = '{quoted}' {}", r.pick(&CALLS)).into_bytes()
}

/// Runs a text for a while. What it gives does not matter.
fn survive(text: &[u8], slice: i64) {
    let mut lua = Lua::new(4 << 20);
    let host = lua.host_function(1);
    lua.set_global("host", host);
    let Ok(function) = lua.load(text, b"@fuzz") else { return };
    lua.start(function, &[]);
    for _ in 0..200 {
        match lua.run(slice) {
            Outcome::Suspended => {}
            Outcome::Host { .. } => {
                if lua.answer(Ok(&[])).is_err() {
                    return;
                }
            }
            Outcome::Done(values) => {
                values.iter().for_each(|v| drop(lua.describe(*v)));
                lua.collect();
                return;
            }
            Outcome::Failed(failure) => return drop(lua.describe(failure.value)),
        }
    }
}

#[test]
#[allow(clippy::disallowed_types, clippy::disallowed_methods)] // how long to go on is asked by who tests
fn nothing_panics() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let (seconds, seed) = (number("LUA_FUZZ_SECONDS"), number("LUA_FUZZ_SEED").unwrap_or(1));
    let start = std::time::Instant::now();
    let corpus = [LANGUAGE.0.as_bytes(), LIBRARIES.0.as_bytes()].concat();
    let mut rounds = 0;
    loop {
        match seconds {
            Some(limit) if start.elapsed().as_secs() >= limit => break,
            None if rounds >= ROUNDS => break,
            _ => {}
        }
        let round = seed.wrapping_mul(1_000_003).wrapping_add(rounds);
        let mut r = Random(round);
        let text = match r.below(3) {
            0 => mutate(&mut r, &corpus),
            1 => decoding(&mut r),
            _ => {
                let mut text = "local t, s, f, a = {1, 2, x = 3}, 'abc' ".to_owned();
                block(&mut r, &mut text, 4);
                text.into_bytes()
            }
        };
        let slice = [3, 50, 2000][r.below(3)];
        let result = std::panic::catch_unwind(|| survive(&text, slice));
        assert!(result.is_ok(), "round {round}: {}", String::from_utf8_lossy(&text));
        rounds += 1;
    }
    println!("{rounds} rounds");
}
