//! LATENCY DOCTOR

use super::super::prelude::*;
use crate::config;
use crate::server::Server;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "latency|doctor",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
    docs: Docs {
        summary: "Returns a human-readable latency analysis report.",
        since: "2.8.13",
        group: "server",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

const DISABLED: &str = "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor.\n";
const NOTHING: &str = "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n";
const NO_ADVICE: &str = "\nWhile there are latency events logged, I'm not able to suggest any easy fix. Please use the Redis community to get some help, providing this report in your help request.\n";
const INSPECT: &str = "- Check your Slow Log to understand what are the commands you are running which are too slow to execute. Please check https://redis.io/commands/slowlog for more information.\n";
const SCHEDULER: &str = "- The system is slow to execute Redis code paths not containing system calls. This usually means the system does not provide Redis CPU time to run for long periods. You should try to:\n  1) Lower the system load.\n  2) Use a computer / VM just for Redis if you are running other software in the same system.\n  3) Check if you have a \"noisy neighbour\" problem.\n  4) Check with 'redis-cli --intrinsic-latency 100' what is the intrinsic latency in your system.\n  5) Check if the problem is allocator-related by recompiling Redis with MALLOC=libc, if you are using Jemalloc. However this may create fragmentation problems.\n";
const HZ: &str = "- In order to make the Redis keys expiring process more incremental, try to set the 'hz' configuration parameter to 100 using 'CONFIG SET hz 100'.\n";
const LARGE_OBJECTS: &str = "- Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you have very large objects that are often deleted, expired, or evicted, try to fragment those objects into multiple smaller objects.\n";
const MASS_EVICTION: &str = "- Sudden changes to the 'maxmemory' setting via 'CONFIG SET', or allocation of large objects via sets or sorted sets intersections, STORE option of SORT, Redis Cluster large keys migrations (RESTORE command), may create sudden memory pressure forcing the server to block trying to evict keys. \n";

fn run(cx: &mut Cx<'_>) -> Res {
    let text = report(cx.s);
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}

fn report(s: &Server) -> String {
    let events = &s.latency.events;
    if events.is_empty() {
        let off = s.config.int(config::LATENCY_MONITOR_THRESHOLD) == 0;
        return if off { DISABLED } else { NOTHING }.to_owned();
    }
    let mut text = String::from(
        "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n",
    );
    for (n, (event, series)) in events.iter().enumerate() {
        let (average, deviation) = series.spread();
        let count = series.samples.len();
        let first = series.samples.front().map_or(0, |sample| sample.time);
        let period = (s.now_ms / 1000 - first).max(1) as f64 / count.max(1) as f64;
        text.push_str(&format!(
            "{}. {event}: {count} latency spikes (average {average}ms, mean deviation {deviation}ms, period {period:.2} sec). Worst all time event {}ms.\n",
            n + 1,
            series.max
        ));
    }
    let advice = advice(s);
    if advice.is_empty() {
        text.push_str(NO_ADVICE);
    } else {
        text.push_str("\nI have a few advices for you:\n\n");
        text.push_str(&advice);
    }
    text
}

/// What can be done about the events that were seen.
fn advice(s: &Server) -> String {
    let seen = |event: &str| s.latency.events.contains_key(event);
    let threshold = s.config.int(config::LATENCY_MONITOR_THRESHOLD);
    let slower = s.config.int(config::SLOWLOG_LOG_SLOWER_THAN);
    let mut text = String::new();
    if seen("command") {
        if slower < 0 || s.config.int(config::SLOWLOG_MAX_LEN) == 0 {
            text.push_str(&format!("- There are latency issues with potentially slow commands you are using. Try to enable the Slow Log Redis feature using the command 'CONFIG SET slowlog-log-slower-than {}'. If the Slow log is disabled Redis is not able to log slow commands execution for you.\n", threshold.saturating_mul(1000)));
        } else if slower / 1000 > threshold {
            text.push_str(&format!("- Your current Slow Log configuration only logs events that are slower than your configured latency monitor threshold. Please use 'CONFIG SET slowlog-log-slower-than {}'.\n", threshold.saturating_mul(1000)));
        }
        text.push_str(INSPECT);
    }
    if seen("fast-command") {
        text.push_str(SCHEDULER);
    }
    if seen("expire-cycle") && s.config.int(config::HZ) < 100 {
        text.push_str(HZ);
    }
    if seen("command") || seen("expire-cycle") || seen("eviction-del") {
        text.push_str(LARGE_OBJECTS);
    }
    if seen("eviction-cycle") {
        text.push_str(MASS_EVICTION);
    }
    text
}
