//! SLOWLOG GET [count]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "slowlog|get",
    arity: -2,
    flags: flag::ADMIN | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "nondeterministic_output"],
    docs: Docs {
        summary: "Returns the slow log's entries.",
        since: "2.2.12",
        group: "server",
        complexity: "O(N) where N is the number of entries returned",
        args: "count:i?",
        history: &[("4.0.0", "Added client IP address, port and name to the reply.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 3 {
        return Err(crate::server::errors::arity("slowlog|get").into());
    }
    let mut count = 10;
    if cx.argc() == 3 {
        count = cx.int_or(2, "ERR count should be greater than or equal to -1")?;
        if count < -1 {
            return Err("ERR count should be greater than or equal to -1".into());
        }
    }
    let most = if count == -1 { usize::MAX } else { count as usize };
    let entries: Vec<_> = cx.s.stats.slowlog.iter().take(most).cloned().collect();
    cx.out.array(entries.len());
    for entry in entries {
        cx.out.array(6);
        cx.out.int(entry.id as i64);
        cx.out.int(entry.time);
        cx.out.int(entry.usec);
        cx.out.array(entry.argv.len());
        for word in &entry.argv {
            cx.out.bulk(word);
        }
        cx.out.text(&entry.addr);
        cx.out.bulk(&entry.name);
    }
    Ok(())
}
