//! Containers in networks: joining, leaving, and the links that carry it.

use std::net::Ipv4Addr;
use std::rc::Rc;

use docker_api::types::{Endpoint, Map};

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::ids;
use crate::model::container::Container;
use crate::model::ipam::{mac_text, parse_mac, random_mac};
use crate::model::network::{DEFAULT, Member, Network};

/// Why an address of one's own is refused on the default bridge.
fn on_default_bridge(network: &Network, ip: &str) -> String {
    let mut errors = vec!["user specified IP address is supported on user defined networks only".to_string()];
    let inside = |ip: Ipv4Addr| network.subnet.as_ref().is_some_and(|subnet| subnet.contains(ip));
    if !ip.parse().is_ok_and(inside) {
        errors.push(format!("no configured subnet or ip-range contain the IP address {ip}"));
    }
    let text = match errors.as_slice() {
        [one] => one.clone(),
        all => all.iter().map(|e| format!("* {e}")).collect::<Vec<_>>().join("\n"),
    };
    format!("invalid config for network bridge: invalid endpoint settings:\n{text}")
}

/// Checks the address that an endpoint asks for.
pub fn check(network: &Network, endpoint: &Endpoint) -> ApiResult<Option<Ipv4Addr>> {
    let text = endpoint.ipam_config.as_ref().map_or("", |i| i.ipv4_address.as_str());
    if text.is_empty() {
        return Ok(None);
    }
    let invalid = |why: String| Err(ApiError::bad(format!("invalid endpoint settings:\n{why}")));
    let Ok(ip) = text.parse::<Ipv4Addr>() else { return invalid(format!("invalid IPv4 address: {text}")) };
    if !network.own_subnet {
        return invalid(
            "user specified IP address is supported only when connecting to networks with user configured subnets"
                .into(),
        );
    }
    if !network.subnet.as_ref().is_some_and(|s| s.contains(ip)) {
        return invalid(format!("no configured subnet or ip-range contain the IP address {ip}"));
    }
    Ok(Some(ip))
}

/// All names of a container in a network: its own, its aliases, its short id.
fn dns_names(c: &Container, network: &Network, endpoint: &Endpoint) -> Option<Vec<String>> {
    if !network.has_dns() {
        return None;
    }
    let mut names = vec![c.name.borrow().clone()];
    let config = c.config.borrow();
    let more = endpoint.aliases.iter().flatten().cloned().chain([c.short().to_string(), config.hostname.clone()]);
    for name in more {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    Some(names)
}

/// Joins a running container (or one that is just being started) to a network.
pub fn join(d: &Rc<Daemon>, c: &Rc<Container>, network: &Rc<Network>) -> ApiResult<()> {
    let wanted = c.endpoints.borrow().get(&network.name).cloned().unwrap_or_default();
    let ip = check(network, &wanted)?;
    let ip = network.allocate(ip)?;
    let asked = parse_mac(&c.config.borrow().mac_address).or_else(|| {
        // A MAC address that was asked for stays; one of an earlier run does not.
        wanted.endpoint_id.is_empty().then(|| parse_mac(&wanted.mac_address)).flatten()
    });
    let mac = asked.unwrap_or_else(|| random_mac(&d.sys));
    let names = dns_names(c, network, &wanted);
    let member = Member {
        endpoint: ids::new_id(&d.sys),
        name: c.name.borrow().clone(),
        mac: if ip.is_some() { mac_text(mac) } else { String::new() },
        ip,
        dns: names.clone().unwrap_or_default(),
    };
    if let (Some(ip), Some(subnet)) = (ip, &network.subnet)
        && let Some(sandbox) = c.sandbox.borrow().clone()
        && let Err(error) = sandbox.plug(&d.sys, network, ip, subnet, mac)
    {
        network.release(Some(ip));
        return Err(error.into());
    }
    {
        let mut endpoints = c.endpoints.borrow_mut();
        let endpoint = endpoints.entry(network.name.clone()).or_default();
        endpoint.network_id.clone_from(&network.id);
        endpoint.endpoint_id.clone_from(&member.endpoint);
        endpoint.mac_address.clone_from(&member.mac);
        endpoint.dns_names = names;
        if let (Some(ip), Some(subnet)) = (ip, &network.subnet) {
            endpoint.ip_address = ip.to_string();
            endpoint.ip_prefix_len = i64::from(subnet.prefix);
            endpoint.gateway = if network.wanted.internal { String::new() } else { subnet.gateway.to_string() };
        }
    }
    network.members.borrow_mut().insert(c.id.clone(), member);
    d.event(
        "network",
        "connect",
        &network.id,
        &[("container", &c.id), ("name", &network.name), ("type", &network.driver)],
    );
    Ok(())
}

/// Takes a container out of a network; its configuration stays.
pub fn leave(d: &Rc<Daemon>, c: &Container, network_id: &str) {
    let network = d.networks.all.borrow().get(network_id).cloned();
    if let Some(network) = network {
        let member = network.members.borrow_mut().remove(&c.id);
        if let Some(member) = member {
            network.release(member.ip);
            if let Some(sandbox) = c.sandbox.borrow().clone() {
                sandbox.unplug(&d.sys, &network);
            }
            let about = [("container", c.id.as_str()), ("name", &network.name), ("type", &network.driver)];
            d.event("network", "disconnect", &network.id, &about);
        }
    }
    for endpoint in c.endpoints.borrow_mut().values_mut().filter(|e| e.network_id == network_id) {
        clear(endpoint);
    }
}

/// Forgets what an endpoint had while it ran.
fn clear(endpoint: &mut Endpoint) {
    endpoint.endpoint_id.clear();
    endpoint.gateway.clear();
    endpoint.ip_address.clear();
    endpoint.ip_prefix_len = 0;
    endpoint.mac_address.clear();
}

/// The endpoints of a new container.
pub fn initial(d: &Rc<Daemon>, mode: &str, asked: &Map<Endpoint>) -> ApiResult<Map<Endpoint>> {
    let mut out = Map::new();
    if mode.starts_with("container:") {
        return Ok(out);
    }
    let mode = if mode.is_empty() || mode == "default" { DEFAULT } else { mode };
    let mut names: Vec<String> = vec![mode.to_string()];
    names.extend(asked.keys().filter(|k| k.as_str() != mode && k.as_str() != "default").cloned());
    for (i, name) in names.iter().enumerate() {
        let mut endpoint =
            asked.get(name).or_else(|| (i == 0).then(|| asked.get("default")).flatten()).cloned().unwrap_or_default();
        // A network that is not there is missed only when the container starts.
        let Ok(network) = d.networks.find(name) else {
            out.insert(name.clone(), endpoint);
            continue;
        };
        let fixed = endpoint.ipam_config.as_ref().is_some_and(|i| !i.ipv4_address.is_empty());
        if fixed && network.name == DEFAULT {
            let ip = endpoint.ipam_config.as_ref().map_or("", |i| i.ipv4_address.as_str());
            return Err(ApiError::bad(on_default_bridge(&network, ip)));
        }
        check(&network, &endpoint).map_err(|error| {
            let message = format!("invalid config for network {}: {}", network.name, error.message);
            ApiError { message, ..error }
        })?;
        if endpoint.aliases.as_ref().is_some_and(|a| !a.is_empty()) && !network.has_dns() {
            return Err(ApiError::bad(
                "invalid config for network bridge: invalid endpoint settings:\nnetwork-scoped aliases are only supported for user-defined networks",
            ));
        }
        endpoint.network_id.clone_from(&network.id);
        out.insert(network.name.clone(), endpoint);
    }
    Ok(out)
}
