//! SETRANGE key offset value

use super::prelude::*;
use crate::keyspace::value::make_room;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "setrange",
    arity: 4,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::STRING | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.",
        since: "2.2.0",
        group: "string",
        complexity: "O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.",
        args: "key:k@0 offset:i value:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, offset, patch) = (cx.arg(1), cx.int(2)?, cx.arg(3));
    if offset < 0 {
        return Err("ERR offset is out of range".into());
    }
    let limit = cx.s.hot.max_bulk;
    let len = match cx.s.write(cx.db, key) {
        Some(value) if value.kind() != Kind::Str => return Err(err::WRONG_TYPE.into()),
        Some(value) => Some(value.str_len()),
        None => None,
    };
    if patch.is_empty() {
        cx.out.len(len.unwrap_or(0));
        return Ok(());
    }
    let offset = offset as usize;
    super::string::check_len(limit, offset, patch.len())?;
    if len.is_none() {
        cx.s.add_key(cx.db, key, Value::Raw(Box::default()));
    }
    let total = match cx.s.peek_mut(cx.db, key).and_then(Value::raw_mut) {
        Some(bytes) => {
            if bytes.len() < offset + patch.len() {
                make_room(bytes, offset + patch.len());
                bytes.resize(offset + patch.len(), 0);
            }
            bytes[offset..offset + patch.len()].copy_from_slice(patch);
            bytes.len()
        }
        None => 0,
    };
    cx.changed(notify::STRING, "setrange", key, 1);
    cx.out.len(total);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    /// As MEMORY USAGE of a real server told, within its 15 %.
    #[test]
    fn a_new_string_takes_what_it_needs_and_one_that_grows_as_much_again() {
        let mut bench = Bench::start("");
        let mut take = |lines: &[&str], real: f64| {
            for line in lines {
                bench.run(line);
            }
            let bytes: f64 = bench.run("MEMORY USAGE a").parse().expect("a number");
            assert!((bytes / real - 1.0).abs() < 0.15, "{lines:?}: {bytes} and not {real}");
            bench.run("DEL a");
        };
        take(&["SETRANGE a 100000 x"], 102_432.0);
        take(&["SETBIT a 800000 1"], 102_432.0);
        take(&["SETRANGE a 5 aaaa", "SETRANGE a 200000 b"], 401_440.0);
        take(&["SET a aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "SETRANGE a 100000 x"], 200_736.0);
    }
}
