//! GETRANGE key start end

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "getrange",
    arity: 4,
    flags: flag::READONLY,
    acl: acl::READ | acl::STRING | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns a substring of the string stored at a key.",
        since: "2.4.0",
        group: "string",
        complexity: "O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.",
        args: "key:k@0 start:i end:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

pub(super) fn run(cx: &mut Cx<'_>) -> Res {
    let (start, end) = (cx.int(2)?, cx.int(3)?);
    let Some(value) = cx.s.read(cx.db, cx.arg(1)) else {
        cx.out.bulk(b"");
        return Ok(());
    };
    let Some(bytes) = value.bytes() else { return Err(err::WRONG_TYPE.into()) };
    let range = super::string::range(start, end, bytes.len());
    cx.out.bulk(&bytes[range]);
    Ok(())
}
