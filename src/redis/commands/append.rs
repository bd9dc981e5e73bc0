//! APPEND key value

use super::prelude::*;
use crate::keyspace::value::make_room;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "append",
    arity: 3,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::STRING | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Appends a string to the value of a key. Creates the key if it doesn't exist.",
        since: "2.0.0",
        group: "string",
        complexity: "O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.",
        args: "key:k@0 value:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, tail) = (cx.arg(1), cx.arg(2));
    let limit = cx.s.hot.max_bulk;
    let len = match cx.s.write(cx.db, key) {
        None => {
            cx.s.add_key(cx.db, key, Value::string(tail));
            tail.len()
        }
        Some(value) => {
            if value.kind() != Kind::Str {
                return Err(err::WRONG_TYPE.into());
            }
            super::string::check_len(limit, value.str_len(), tail.len())?;
            let Some(bytes) = value.raw_mut() else { return Err(err::WRONG_TYPE.into()) };
            make_room(bytes, bytes.len() + tail.len());
            bytes.extend_from_slice(tail);
            bytes.len()
        }
    };
    cx.changed(notify::STRING, "append", key, 1);
    cx.out.len(len);
    Ok(())
}
