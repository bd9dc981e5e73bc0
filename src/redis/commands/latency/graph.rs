//! LATENCY GRAPH event

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "latency|graph",
    arity: 3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    docs: Docs {
        summary: "Returns a latency graph for an event.",
        since: "2.8.13",
        group: "server",
        complexity: "O(1)",
        args: "event:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let now = cx.s.now_ms / 1000;
    let name = String::from_utf8_lossy(cx.arg(2));
    let Some((event, series)) = cx.s.latency.events.get_key_value(name.as_ref()) else {
        return Err(Fail::Bytes([b"ERR No samples available for event '", cx.arg(2), b"'"].concat()));
    };
    let samples: Vec<(i64, String)> = series.samples.iter().map(|s| (s.ms, age(now - s.time))).collect();
    let (high, low) = (samples.iter().map(|s| s.0).max(), samples.iter().map(|s| s.0).min());
    let text = format!(
        "{event} - high {} ms, low {} ms (all time high {} ms)\n{}\n{}",
        high.unwrap_or(0),
        low.unwrap_or(0),
        series.max,
        "-".repeat(80),
        super::sparkline::render(&samples)
    );
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}

/// How long ago something was, in its largest unit.
fn age(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}
