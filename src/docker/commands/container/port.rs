//! `docker port`.

use docker_api::http::Query;
use docker_api::ports;
use serde_json::Value;

use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{part, text};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container port", "port"],
    usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
    short: "List port mappings or a specific mapping for the container",
    args: Args::Range(1, 2),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let (name, wanted) = (c.matches.arg(0), c.matches.arg(1));
    let container = c.client().get(&format!("/containers/{}/json", part(name)), &Query::default()).await?;
    let empty = serde_json::Map::new();
    let published = container.pointer("/NetworkSettings/Ports").and_then(Value::as_object).unwrap_or(&empty);
    let mut lines = Vec::new();
    if wanted.is_empty() {
        for (port, bindings) in published {
            lines.extend(addresses(bindings).into_iter().map(|a| (port.clone(), format!("{port} -> {a}"))));
        }
        lines.sort_by_key(|(port, _)| sort_key(port));
    } else {
        let (proto, port) = ports::split_proto(wanted);
        if ports::parse_range(&port).is_err() {
            return fail(format!("Error: invalid port ({port}): value must be a valid port number"));
        }
        match published.get(&format!("{port}/{proto}")).filter(|b| !b.is_null()) {
            Some(bindings) => lines.extend(addresses(bindings).into_iter().map(|a| (String::new(), a))),
            None => return fail(format!("Error: No public port '{wanted}' published for {name}")),
        }
    }
    for (_, line) in lines {
        c.println(&line).await;
    }
    Ok(())
}

fn sort_key(port: &str) -> (u32, String) {
    let (number, proto) = port.split_once('/').unwrap_or((port, ""));
    (number.parse().unwrap_or(0), proto.to_string())
}

fn addresses(bindings: &Value) -> Vec<String> {
    let address = |b: &Value| {
        let (ip, port) = (text(b, "HostIp"), text(b, "HostPort"));
        if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
    };
    bindings.as_array().into_iter().flatten().map(address).collect()
}
