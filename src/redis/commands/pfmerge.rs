//! PFMERGE destkey [sourcekey [...]]

use super::hyperloglog::{CORRUPT, merged, value_mut};
use super::prelude::*;
use crate::data::hll;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pfmerge",
    arity: -2,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::HYPERLOGLOG | acl::SLOW,
    first: (1, -1, 1),
    keys: &[
        KeySpec {
            begin: Begin::Index(1),
            find: Find::Range(0, 1, 0),
            flags: key::RW | key::ACCESS | key::INSERT,
            notes: "",
        },
        KeySpec { begin: Begin::Index(2), find: Find::Range(-1, 1, 0), flags: key::RO | key::ACCESS, notes: "" },
    ],
    tips: &[],
    docs: Docs {
        summary: "Merges one or more HyperLogLog values into a single key.",
        since: "2.8.9",
        group: "hyperloglog",
        complexity: "O(N) to merge N HyperLogLogs, but with high constant times.",
        args: "destkey:k@0 sourcekey:k@1?*",
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
    let keys = cx.argv.get(1..).unwrap_or_default();
    let (registers, dense) = merged(cx, keys)?;
    let (bytes, _) = value_mut(cx, key)?;
    let corrupt = |_| Fail::from(CORRUPT);
    if dense {
        hll::make_dense(bytes).map_err(corrupt)?;
        // Its own registers are among those that were merged.
        hll::replace(bytes, &registers).map_err(corrupt)?;
    } else {
        for (n, register) in registers.iter().enumerate().filter(|(_, r)| **r > 0) {
            hll::raise(bytes, n, *register, max).map_err(corrupt)?;
        }
    }
    hll::outdate(bytes);
    cx.changed(notify::STRING, "pfadd", key, 1);
    cx.out.ok();
    Ok(())
}
