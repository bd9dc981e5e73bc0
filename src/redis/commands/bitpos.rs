//! BITPOS key bit [start [end [BYTE | BIT]]]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "bitpos",
    arity: -3,
    flags: flag::READONLY,
    acl: acl::READ | acl::BITMAP | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Finds the first set (1) or clear (0) bit in a string.",
        since: "2.8.7",
        group: "bitmap",
        complexity: "O(N)",
        args: "key:k@0 bit:i range:b?(start:i end-unit-block:b?(end:i unit:o?^7.0.0(byte:t=BYTE bit:t=BIT)))",
        history: &[("7.0.0", "Added the `BYTE|BIT` option.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let wanted = match cx.arg(2) {
        b"0" => false,
        b"1" => true,
        _ if resp::parse_i64(cx.arg(2)).is_none() => return Err(err::NOT_INT.into()),
        _ => return Err("ERR The bit argument must be 1 or 0.".into()),
    };
    if cx.argc() > 6 {
        return Err(err::SYNTAX.into());
    }
    let range = if cx.argc() == 3 { None } else { Some(super::bitmap::Range::read(cx, 3)?) };
    let end_given = cx.argc() > 4;
    if cx.s.read(cx.db, cx.arg(1)).is_none() {
        cx.out.int(if wanted { -1 } else { 0 });
        return Ok(());
    }
    let bytes = super::bitmap::bytes(cx.s, cx.db, cx.arg(1))?;
    let (from, to) = match range {
        None => (0, bytes.len() as i64 * 8),
        Some(range) => range.bits(bytes.len() as i64),
    };
    let found = crate::data::bits::find(&bytes, from, to, wanted);
    cx.out.int(match found {
        Some(place) => place,
        // Beyond the end there are only zeros.
        None if !wanted && !end_given && from < to => bytes.len() as i64 * 8,
        None => -1,
    });
    Ok(())
}
