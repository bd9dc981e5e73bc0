//! The table of `docker stats`: its columns, and a row from a measurement.

use docker_api::http::Query;
use docker_api::units::{bytes_size, human_size_with};
use serde_json::Value;

use crate::cli::{Failure, Invocation};
use crate::commands::common::{int, short_id, text};
use crate::format::{Column, Listing, Row};

const COLUMNS: &[Column] = &[
    ("Container", "CONTAINER"),
    ("ID", "CONTAINER ID"),
    ("Name", "NAME"),
    ("CPUPerc", "CPU %"),
    ("MemUsage", "MEM USAGE / LIMIT"),
    ("MemPerc", "MEM %"),
    ("NetIO", "NET I/O"),
    ("BlockIO", "BLOCK I/O"),
    ("PIDs", "PIDS"),
];
const TABLE: &str =
    "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";

/// The table of these rows.
pub(super) fn listing(rows: Vec<Row>) -> Listing {
    Listing {
        type_name: "*container.statsContext",
        columns: COLUMNS,
        default: TABLE.to_string(),
        rows,
        ..Listing::default()
    }
}

/// A row without figures.
pub(super) fn unknown_row(stats: &Value, asked: &str, whole: bool) -> Row {
    let nothing = || "--".to_string();
    Row::new(vec![
        ("Container", asked.to_string()),
        ("ID", short_id(text(stats, "id"), whole)),
        ("Name", text(stats, "name").trim_start_matches('/').to_string()),
        ("CPUPerc", nothing()),
        ("MemUsage", "-- / --".to_string()),
        ("MemPerc", nothing()),
        ("NetIO", nothing()),
        ("BlockIO", nothing()),
        ("PIDs", nothing()),
    ])
}

/// The containers that are asked for, or all that run.
pub(super) async fn names(c: &Invocation) -> Result<Vec<String>, Failure> {
    if !c.matches.args.is_empty() {
        return Ok(c.matches.args.clone());
    }
    let mut query = Query::default();
    if c.matches.on("all") {
        query.push("all", "1");
    }
    let containers = c.client().get("/containers/json", &query).await?;
    Ok(containers.as_array().into_iter().flatten().map(|v| text(v, "Id").to_string()).collect())
}

fn number(stats: &Value, path: &str) -> f64 {
    stats.pointer(path).and_then(Value::as_f64).unwrap_or(0.0)
}

/// The row of a measurement.
pub(super) fn row(stats: &Value, asked: &str, whole: bool) -> Row {
    let cpu = number(stats, "/cpu_stats/cpu_usage/total_usage") - number(stats, "/precpu_stats/cpu_usage/total_usage");
    let system = number(stats, "/cpu_stats/system_cpu_usage") - number(stats, "/precpu_stats/system_cpu_usage");
    let cpus = number(stats, "/cpu_stats/online_cpus").max(1.0);
    let percent = if cpu > 0.0 && system > 0.0 { cpu / system * cpus * 100.0 } else { 0.0 };
    let (used, limit) = (number(stats, "/memory_stats/usage"), number(stats, "/memory_stats/limit"));
    let cache = number(stats, "/memory_stats/stats/inactive_file");
    let used = if cache < used { used - cache } else { used };
    let memory = if limit > 0.0 { used / limit * 100.0 } else { 0.0 };
    let (mut received, mut sent) = (0.0, 0.0);
    for network in stats.get("networks").and_then(Value::as_object).into_iter().flatten().map(|(_, v)| v) {
        received += int(network, "rx_bytes") as f64;
        sent += int(network, "tx_bytes") as f64;
    }
    let (mut read, mut written) = (0.0, 0.0);
    let blocks = stats.pointer("/blkio_stats/io_service_bytes_recursive").and_then(Value::as_array);
    for entry in blocks.into_iter().flatten() {
        match text(entry, "op").to_lowercase().as_str() {
            "read" => read += int(entry, "value") as f64,
            "write" => written += int(entry, "value") as f64,
            _ => {}
        }
    }
    let pair = |a: f64, b: f64| format!("{} / {}", human_size_with(a, 3), human_size_with(b, 3));
    Row::new(vec![
        ("Container", asked.to_string()),
        ("ID", short_id(text(stats, "id"), whole)),
        ("Name", text(stats, "name").trim_start_matches('/').to_string()),
        ("CPUPerc", format!("{percent:.2}%")),
        ("MemUsage", format!("{} / {}", bytes_size(used), bytes_size(limit))),
        ("MemPerc", format!("{memory:.2}%")),
        ("NetIO", pair(received, sent)),
        ("BlockIO", pair(read, written)),
        ("PIDs", (number(stats, "/pids_stats/current") as i64).to_string()),
    ])
}
