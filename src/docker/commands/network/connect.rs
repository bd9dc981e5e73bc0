//! `docker network connect`.

use docker_api::http::Query;
use docker_api::types::{EndpointConfig, EndpointIpam, NetworkConnect};

use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::part;
use crate::commands::container::option_values as values;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["network connect"],
    usage: "[OPTIONS] NETWORK CONTAINER",
    short: "Connect a container to a network",
    flags: &[r#"
|alias|strings|Add network-scoped alias for the container
|driver-opt|strings|driver options for the network
|gw-priority|int|Highest gw-priority provides the default gateway. Accepts positive and negative values.
|ip|string|IPv4 address (e.g., "172.30.100.104")
|ip6|string|IPv6 address (e.g., "2001:db8::33")
|link|list|Add link to another container
|link-local-ip|strings|Add a link-local address for the container
"#],
    args: Args::Exactly(2),
    check,
    ..Spec::new(|c| Box::pin(run(c)))
};

fn check(name: &str, value: &str) -> Result<(), String> {
    if name == "link" { values::link(value) } else { Ok(()) }
}

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let mut endpoint = EndpointConfig::default();
    for option in m.all("driver-opt") {
        let Some((key, value)) = option.split_once('=').filter(|(k, _)| !k.is_empty()) else {
            return fail("invalid key/value pair format in driver options");
        };
        endpoint.driver_opts.get_or_insert_default().insert(key.to_string(), value.to_string());
    }
    let lists = |name: &str| Some(m.all(name)).filter(|l| !l.is_empty());
    let (ip, ip6, local) = (m.text("ip"), m.text("ip6"), lists("link-local-ip"));
    // Always sent, empty where nothing was given: `docker inspect` shows the difference from `run --network`.
    endpoint.ipam_config = Some(EndpointIpam { ipv4_address: ip, ipv6_address: ip6, link_local_ips: local });
    endpoint.driver_opts.get_or_insert_default();
    endpoint.links = lists("link");
    endpoint.aliases = Some(m.all("alias"));
    endpoint.gw_priority = m.number("gw-priority");
    let body = NetworkConnect { container: m.arg(1).to_string(), endpoint_config: Some(endpoint) };
    c.client().post_json(&format!("/networks/{}/connect", part(m.arg(0))), &Query::default(), &body).await?;
    Ok(())
}
