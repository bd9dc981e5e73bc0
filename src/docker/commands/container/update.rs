//! `docker update`.

use docker_api::http::Query;
use docker_api::types::{RestartPolicy, UpdateBody};
use docker_api::units::ram_in_bytes;

use super::options::parse_restart;
use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail, nano_cpus};
use crate::commands::common::{part, texts};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container update", "update"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Update configuration of one or more containers",
    flags: &[r"
|blkio-weight|uint16|Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)
|cpu-period|int|Limit CPU CFS (Completely Fair Scheduler) period
|cpu-quota|int|Limit CPU CFS (Completely Fair Scheduler) quota
|cpu-rt-period|int|Limit the CPU real-time period in microseconds
|cpu-rt-runtime|int|Limit the CPU real-time runtime in microseconds
c|cpu-shares|int|CPU shares (relative weight)
|cpus|decimal|Number of CPUs
|cpuset-cpus|string|CPUs in which to allow execution (0-3, 0,1)
|cpuset-mems|string|MEMs in which to allow execution (0-3, 0,1)
m|memory|bytes|Memory limit
|memory-reservation|bytes|Memory soft limit
|memory-swap|bytes|Swap limit equal to memory plus swap: -1 to enable unlimited swap
|pids-limit|int|Tune container pids limit (set -1 for unlimited)
|restart|string|Restart policy to apply when a container exits
"],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    if m.pairs().is_empty() {
        return fail("you must provide one or more flags when using this command");
    }
    let restart_policy = match m.given("restart") {
        Some(text) => parse_restart(text)?,
        None => RestartPolicy::default(),
    };
    let bytes = |name: &str| m.given(name).map_or(0, |v| if v == "-1" { -1 } else { ram_in_bytes(v).unwrap_or(0) });
    let body = UpdateBody {
        cpu_shares: m.number("cpu-shares"),
        memory: bytes("memory"),
        nano_cpus: m.given("cpus").and_then(|v| nano_cpus(v).ok()).unwrap_or(0),
        blkio_weight: m.number("blkio-weight") as u16,
        cpu_period: m.number("cpu-period"),
        cpu_quota: m.number("cpu-quota"),
        cpuset_cpus: m.text("cpuset-cpus"),
        cpuset_mems: m.text("cpuset-mems"),
        memory_reservation: bytes("memory-reservation"),
        memory_swap: bytes("memory-swap"),
        pids_limit: m.changed("pids-limit").then(|| m.number("pids-limit")),
        restart_policy,
    };
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for name in &m.args {
        let path = format!("/containers/{}/update", part(name));
        match c.client().json("POST", &path, &Query::default(), Body::json(&body)).await {
            Ok(answer) => {
                warnings.extend(texts(&answer, "Warnings"));
                c.println(name).await;
            }
            Err(error) => errors.push(error.to_string()),
        }
    }
    if !warnings.is_empty() {
        c.println(&warnings.join("\n")).await;
    }
    if errors.is_empty() { Ok(()) } else { fail(errors.join("\n")) }
}
