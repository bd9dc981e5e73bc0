//! LATENCY HISTOGRAM [command [...]]

use super::super::prelude::*;
use crate::server::stats::CommandStat;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "latency|histogram",
    arity: -2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    docs: Docs {
        summary: "Returns the cumulative distribution of latencies of a subset or all commands.",
        since: "7.0.0",
        group: "server",
        complexity: "O(N) where N is the number of commands with latency information being retrieved.",
        args: "command:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let wanted: Vec<String> = cx.argv[2..].iter().map(|n| String::from_utf8_lossy(n).to_ascii_lowercase()).collect();
    let chosen: Vec<(&'static str, CommandStat)> = cx
        .s
        .stats
        .commands
        .by_name()
        .into_iter()
        .filter(|(name, stat)| {
            let named =
                wanted.iter().any(|w| w == name || name.strip_prefix(w.as_str()).is_some_and(|r| r.starts_with('|')));
            stat.calls > 0 && (wanted.is_empty() || named)
        })
        .collect();
    cx.out.map(chosen.len());
    for (name, stat) in chosen {
        cx.out.text(name);
        cx.out.map(2);
        cx.out.text("calls");
        cx.out.int(stat.calls as i64);
        cx.out.text("histogram_usec");
        let mut sum = 0;
        let buckets: Vec<(u64, u64)> = stat
            .histogram
            .iter()
            .enumerate()
            .filter(|(_, n)| **n > 0)
            .map(|(bucket, n)| {
                sum += n;
                (1u64 << bucket, sum)
            })
            .collect();
        cx.out.map(buckets.len());
        for (upper, count) in buckets {
            cx.out.int(upper as i64);
            cx.out.int(count as i64);
        }
    }
    Ok(())
}
