//! OBJECT FREQ key

use super::super::prelude::*;
use crate::keyspace::lookup::lfu;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "object|freq",
    arity: 3,
    flags: flag::READONLY,
    acl: acl::KEYSPACE | acl::READ | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RO, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the logarithmic access frequency counter of a Redis object.",
        since: "4.0.0",
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
    let minute = (cx.s.now_ms / 60_000) as u32;
    let decay = cx.s.config.int(crate::config::LFU_DECAY_TIME);
    let count = super::look(cx)?.map(|r| lfu::decayed(r.lru, minute, decay));
    let Some(count) = count else {
        cx.out.null();
        return Ok(());
    };
    if !cx.s.hot.lfu {
        return Err("ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.".into());
    }
    cx.out.int(i64::from(count));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn no_key_no_frequency_whatever_the_policy() {
        let mut bench = Bench::start("");
        assert!(!bench.run("OBJECT FREQ nosuchkey").contains("LFU"));
        bench.run("SET k v");
        assert!(bench.run("OBJECT FREQ k").contains("An LFU maxmemory policy is not selected"));
    }
}
