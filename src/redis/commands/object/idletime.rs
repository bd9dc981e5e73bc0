//! OBJECT IDLETIME key

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "object|idletime",
    arity: 3,
    flags: flag::READONLY,
    acl: acl::KEYSPACE | acl::READ | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the time since the last access to a Redis object.",
        since: "2.2.3",
        group: "generic",
        complexity: "O(1)",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let now = (cx.s.now_ms / 1000) as u32;
    let idle = super::look(cx)?.map(|r| now.wrapping_sub(r.lru));
    let Some(seconds) = idle else {
        cx.out.null();
        return Ok(());
    };
    if cx.s.hot.lfu {
        return Err("ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.".into());
    }
    cx.out.int(i64::from(seconds));
    Ok(())
}
