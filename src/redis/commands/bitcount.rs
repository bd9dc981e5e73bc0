//! BITCOUNT key [start end [BYTE | BIT]]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "bitcount",
    arity: -2,
    flags: flag::READONLY,
    acl: acl::READ | acl::BITMAP | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Counts the number of set bits (population counting) in a string.",
        since: "2.6.0",
        group: "bitmap",
        complexity: "O(N)",
        args: "key:k@0 range:b?(start:i end:i unit:o?^7.0.0(byte:t=BYTE bit:t=BIT))",
        history: &[("7.0.0", "Added the `BYTE|BIT` option.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() == 3 || cx.argc() > 5 {
        return Err(err::SYNTAX.into());
    }
    let range = if cx.argc() == 2 {
        None
    } else {
        cx.int(3)?;
        Some(super::bitmap::Range::read(cx, 2)?)
    };
    let bytes = super::bitmap::bytes(cx.s, cx.db, cx.arg(1))?;
    let (from, to) = match range {
        None => (0, bytes.len() as i64 * 8),
        Some(range) if range.is_reversed() => (0, 0),
        Some(range) => range.bits(bytes.len() as i64),
    };
    cx.out.int(crate::data::bits::count(&bytes, from, to));
    Ok(())
}
