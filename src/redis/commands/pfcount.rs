//! PFCOUNT key [...]

use super::hyperloglog::{CORRUPT, merged, value_mut};
use super::prelude::*;
use crate::data::hll;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pfcount",
    arity: -2,
    flags: flag::MAY_REPLICATE | flag::READONLY,
    acl: acl::READ | acl::HYPERLOGLOG | acl::SLOW,
    first: (1, -1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(-1, 1, 0),
        flags: key::RW | key::ACCESS,
        notes: "RW because it may change the internal representation of the key, and propagate to replicas",
    }],
    tips: &[],
    docs: Docs {
        summary: "Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).",
        since: "2.8.9",
        group: "hyperloglog",
        complexity: "O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.",
        args: "key:k@0*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    if cx.argc() > 2 {
        let keys = cx.argv.get(1..).unwrap_or_default();
        let (registers, _) = merged(cx, keys)?;
        cx.out.int(hll::count_registers(&registers) as i64);
        return Ok(());
    }
    if cx.s.read(cx.db, key).is_none() {
        cx.out.int(0);
        return Ok(());
    }
    let (bytes, _) = value_mut(cx, key)?;
    let count = match hll::cached(bytes) {
        Some(count) => count,
        None => {
            let count = hll::count(bytes).map_err(|_| Fail::from(CORRUPT))?;
            hll::set_cached(bytes, count);
            // The value changed: replicas get to know.
            cx.s.key_modified(cx.db, key, cx.client);
            cx.s.dirty += 1;
            count
        }
    };
    cx.out.int(count as i64);
    Ok(())
}
