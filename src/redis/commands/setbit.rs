//! SETBIT key offset value

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "setbit",
    arity: 4,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::BITMAP | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::UPDATE,
        notes: "",
    }],
    tips: &[],
    docs: Docs {
        summary: "Sets or clears the bit at offset of the string value. Creates the key if it doesn't exist.",
        since: "2.2.0",
        group: "bitmap",
        complexity: "O(1)",
        args: "key:k@0 offset:i value:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let offset = super::bitmap::offset(cx, 2, false, 0)?;
    let bit = match cx.arg(3) {
        b"0" => false,
        b"1" => true,
        _ => return Err("ERR bit is not an integer or out of range".into()),
    };
    let place = (offset >> 3) as usize;
    let (bytes, grew) = super::bitmap::bytes_mut(cx, key, place + 1)?;
    let mask = 1u8 << (7 - (offset & 7));
    let old = bytes[place] & mask != 0;
    if bit {
        bytes[place] |= mask;
    } else {
        bytes[place] &= !mask;
    }
    if grew || old != bit {
        cx.changed(notify::STRING, "setbit", key, 1);
    }
    cx.out.int(i64::from(old));
    Ok(())
}
