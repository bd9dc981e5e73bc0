//! PFADD key [element [...]]

use super::hyperloglog::{CORRUPT, value_mut};
use super::prelude::*;
use crate::data::hll;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pfadd",
    arity: -2,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::HYPERLOGLOG | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.",
        since: "2.8.9",
        group: "hyperloglog",
        complexity: "O(1) to add every element.",
        args: "key:k@0 element:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    let max = cx.s.config.size(crate::config::HLL_SPARSE_MAX_BYTES);
    let elements = cx.argv.get(2..).unwrap_or_default();
    let (bytes, created) = value_mut(cx, key)?;
    let mut updated = u64::from(created);
    for element in elements {
        updated += u64::from(hll::add(bytes, element, max).map_err(|_| Fail::from(CORRUPT))?);
    }
    if updated > 0 {
        hll::outdate(bytes);
        cx.changed(notify::STRING, "pfadd", key, updated);
    }
    cx.out.int(i64::from(updated > 0));
    Ok(())
}
