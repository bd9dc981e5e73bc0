//! `GET /containers/{id}/stats`.

use docker_api::types::Map;
use machine::hardware::{CPUS, MEMORY};
use machine::process::cgroup::CgroupUsage;
use serde_json::{Value, json};

use crate::daemon::Daemon;
use crate::model::container::Container;

/// A process holds at least this much.
const PROCESS_FLOOR: u64 = 400 * 1024;

/// One measurement.
#[derive(Clone, Default)]
pub struct Sample {
    time: String,
    usage: CgroupUsage,
    system: u64,
    networks: Map<Value>,
}

/// Measures now; `None` where nothing runs.
pub fn sample(d: &Daemon, c: &Container) -> Option<Sample> {
    let group = c.cgroup.get()?;
    let mut usage = d.sys.cgroup_usage(group);
    usage.memory = usage.memory.max(usage.processes * PROCESS_FLOOR);
    let mut networks = Map::new();
    if let Some(sandbox) = c.sandbox.borrow().as_ref() {
        for interface in d.sys.interfaces(sandbox.ns).unwrap_or_default() {
            if interface.name != "lo" {
                let [rx_bytes, rx_packets, tx_bytes, tx_packets] = interface.counters;
                networks.insert(
                    interface.name,
                    json!({
                        "rx_bytes": rx_bytes, "rx_packets": rx_packets, "rx_errors": 0, "rx_dropped": 0,
                        "tx_bytes": tx_bytes, "tx_packets": tx_packets, "tx_errors": 0, "tx_dropped": 0,
                    }),
                );
            }
        }
    }
    Some(Sample { time: d.now_text(), usage, system: d.sys.now().0 * CPUS, networks })
}

fn cpu(sample: &Sample) -> Value {
    json!({
        "cpu_usage": { "total_usage": sample.usage.cpu, "usage_in_kernelmode": 0, "usage_in_usermode": sample.usage.cpu },
        "system_cpu_usage": sample.system,
        "online_cpus": CPUS,
        "throttling_data": { "periods": 0, "throttled_periods": 0, "throttled_time": 0 },
    })
}

/// The body that compares a measurement with the one before.
pub fn body(c: &Container, now: Option<&Sample>, before: Option<&Sample>) -> Value {
    let zero = docker_api::time::ZERO;
    let name = format!("/{}", c.name.borrow());
    let Some(now) = now else {
        return json!({
            "name": name, "id": c.id, "read": zero, "preread": zero, "pids_stats": {}, "blkio_stats": {},
            "num_procs": 0, "storage_stats": {},
            "cpu_stats": { "cpu_usage": { "total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0 } },
            "precpu_stats": { "cpu_usage": { "total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0 } },
            "memory_stats": {},
        });
    };
    let limit = u64::try_from(c.host.borrow().memory).ok().filter(|m| *m > 0).unwrap_or(MEMORY);
    let precpu = before.map_or_else(
        || json!({ "cpu_usage": { "total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0 } }),
        cpu,
    );
    json!({
        "name": name,
        "id": c.id,
        "read": now.time,
        "preread": before.map_or(zero, |b| b.time.as_str()),
        "pids_stats": { "current": now.usage.processes, "limit": u64::MAX },
        "blkio_stats": { "io_service_bytes_recursive": [] },
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": cpu(now),
        "precpu_stats": precpu,
        "memory_stats": { "usage": now.usage.memory, "stats": { "inactive_file": 0 }, "limit": limit },
        "networks": now.networks,
    })
}
