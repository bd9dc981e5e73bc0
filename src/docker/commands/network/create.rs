//! `docker network create`.

use std::net::IpAddr;

use docker_api::http::Query;
use docker_api::types::{ConfigReference, Ipam, IpamConfig, Map, NetworkCreate};

use crate::cli::{Args, Invocation, Matches, Outcome, Spec, fail};
use crate::commands::common::text;
use crate::commands::container::option_values as values;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["network create"],
    usage: "[OPTIONS] NETWORK",
    short: "Create a network",
    flags: &[r#"
|attachable||Enable manual container attachment
|aux-address|map|Auxiliary IPv4 or IPv6 addresses used by Network driver (default map[])
|config-from|string|The network from which to copy the configuration
|config-only||Create a configuration only network
d|driver|string|Driver to manage the Network (default "bridge")
|gateway|strings|IPv4 or IPv6 Gateway for the master subnet
|ingress||Create swarm routing-mesh network
|internal||Restrict external access to the network
|ip-range|strings|Allocate container ip from a sub-range
|ipam-driver|string|IP Address Management Driver (default "default")
|ipam-opt|map|Set IPAM driver specific options (default map[])
|ipv4||Enable or disable IPv4 address assignment (default true)
|ipv6||Enable or disable IPv6 address assignment
|label|list|Set metadata on a network
o|opt|map|Set driver specific options (default map[])
|scope|string|Control the network's scope
|subnet|strings|Subnet in CIDR format that represents a network segment
"#],
    args: Args::Exactly(1),
    check,
    ..Spec::new(|c| Box::pin(run(c)))
};

fn check(name: &str, value: &str) -> Result<(), String> {
    if name == "label" { values::label(value) } else { Ok(()) }
}

fn pairs(m: &Matches, name: &str) -> Map<String> {
    let split = |t: &String| {
        let (k, v) = t.split_once('=').unwrap_or((t, ""));
        (k.to_string(), v.to_string())
    };
    m.all(name).iter().map(split).collect()
}

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    if m.on("ingress") || m.on("config-only") && !m.all("config-from").is_empty() {
        return fail("drydock: swarm networks are not emulated here");
    }
    let ipam = Ipam { driver: m.text("ipam-driver"), options: Some(pairs(m, "ipam-opt")), config: Some(pools(m)?) };
    let config_from = m.text("config-from");
    let body = NetworkCreate {
        name: m.arg(0).to_string(),
        driver: m.text("driver"),
        scope: m.text("scope"),
        enable_ipv4: m.changed("ipv4").then(|| m.on("ipv4")),
        enable_ipv6: m.changed("ipv6").then(|| m.on("ipv6")),
        ipam: Some(ipam),
        internal: m.on("internal"),
        attachable: m.on("attachable"),
        ingress: false,
        config_only: m.on("config-only"),
        config_from: (!config_from.is_empty()).then_some(ConfigReference { network: config_from }),
        options: Some(pairs(m, "opt")),
        labels: Some(pairs(m, "label")),
    };
    let answer = c.client().post_json("/networks/create", &Query::default(), &body).await?;
    if !text(&answer, "Warning").is_empty() {
        c.eprint(&format!("WARNING: {}\n", text(&answer, "Warning"))).await;
    }
    c.println(text(&answer, "Id")).await;
    Ok(())
}

/// An address range.
#[derive(Clone, Copy)]
struct Range {
    address: u128,
    bits: u32,
    width: u32,
}

impl Range {
    fn parse(text: &str) -> Option<Range> {
        let (address, bits) = text.split_once('/')?;
        let ip: IpAddr = address.parse().ok()?;
        let (address, width) = match ip {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
            IpAddr::V6(v6) => (u128::from(v6), 128),
        };
        let bits: u32 = bits.parse().ok().filter(|b| *b <= width)?;
        Some(Range { address, bits, width })
    }

    fn contains(&self, other: &Range) -> bool {
        let shift = self.width - self.bits;
        let cut = |a: u128| if shift >= 128 { 0 } else { a >> shift };
        self.width == other.width && other.bits >= self.bits && cut(self.address) == cut(other.address)
    }
}

fn holds(subnet: &str, address: &str) -> Result<bool, String> {
    let range = |t: &str| Range::parse(t).ok_or_else(|| format!("invalid CIDR address: {t}"));
    let whole = if address.contains('/') {
        address.to_string()
    } else {
        format!("{address}/{}", if address.contains(':') { 128 } else { 32 })
    };
    let Some(inner) = Range::parse(&whole) else { return Ok(false) };
    Ok(range(subnet)?.contains(&inner))
}

/// The address pools, with docker/cli's checks.
fn pools(m: &Matches) -> Result<Vec<IpamConfig>, String> {
    let (subnets, ranges, gateways) = (m.all("subnet"), m.all("ip-range"), m.all("gateway"));
    if subnets.len() < ranges.len() || subnets.len() < gateways.len() {
        return Err("every ip-range or gateway must have a corresponding subnet".to_string());
    }
    let mut out: Vec<IpamConfig> = Vec::new();
    for subnet in &subnets {
        for other in &out {
            if holds(&other.subnet, subnet)? || holds(subnet, &other.subnet)? {
                return Err("multiple overlapping subnet configuration is not supported".to_string());
            }
        }
        out.push(IpamConfig { subnet: subnet.clone(), ..IpamConfig::default() });
    }
    let place = |out: &mut Vec<IpamConfig>, what: &str, address: &str, set: &dyn Fn(&mut IpamConfig) -> bool| {
        for pool in out.iter_mut() {
            if holds(&pool.subnet, address)? {
                if !set(pool) {
                    return Err(format!(
                        "cannot configure multiple {what}s ({address}) on the same subnet ({})",
                        pool.subnet
                    ));
                }
                return Ok(());
            }
        }
        Err(format!("no matching subnet for {what} {address}"))
    };
    for range in &ranges {
        place(&mut out, "range", range, &|pool| {
            let free = pool.ip_range.is_empty();
            pool.ip_range = range.clone();
            free
        })?;
    }
    for gateway in &gateways {
        place(&mut out, "gateway", gateway, &|pool| {
            let free = pool.gateway.is_empty();
            pool.gateway = gateway.clone();
            free
        })?;
    }
    for (name, address) in pairs(m, "aux-address") {
        place(&mut out, "aux-address", &address, &|pool| {
            pool.aux_addresses.get_or_insert_default().insert(name.clone(), address.clone());
            true
        })?;
    }
    Ok(out)
}
