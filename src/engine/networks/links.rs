//! Links between containers (`--link`): what one is told of others.

use std::rc::Rc;

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::model::container::Container;
use crate::model::network::DEFAULT;

/// The containers that one is linked to and that are still there, with their names for it.
fn linked(d: &Daemon, c: &Container) -> Vec<(String, Rc<Container>)> {
    let host = c.host.borrow();
    let links = host.links.iter().flatten();
    let found = links.filter_map(|link| {
        let (name, alias) = link.split_once(':').unwrap_or((link, link));
        let alias = alias.rsplit('/').next().unwrap_or(alias);
        Some((alias.to_string(), d.container(name).ok()?))
    });
    found.collect()
}

/// On the default bridge only containers that are there too can be linked to.
pub fn check(d: &Daemon, c: &Container) -> ApiResult<()> {
    if !c.endpoints.borrow().contains_key(DEFAULT) {
        return Ok(());
    }
    match linked(d, c).into_iter().find(|(_, other)| !other.endpoints.borrow().contains_key(DEFAULT)) {
        Some((_, other)) => {
            Err(ApiError::internal(format!("container {} not attached to default bridge network", other.id)))
        }
        None => Ok(()),
    }
}

/// Addresses and names of linked containers (`--link`), for `/etc/hosts`.
pub fn hosts(d: &Daemon, c: &Container) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (alias, other) in linked(d, c) {
        let endpoints = other.endpoints.borrow();
        let Some(ip) = endpoints.values().map(|e| e.ip_address.clone()).find(|ip| !ip.is_empty()) else { continue };
        out.push((ip, format!("{alias} {} {}", other.config.borrow().hostname, other.name.borrow())));
    }
    out
}

/// What a container's environment says of those it is linked to: names, ports, and their environment.
pub fn environment(d: &Daemon, c: &Container) -> Vec<String> {
    let mut env = Vec::new();
    for (alias, other) in linked(d, c) {
        let ip = other.endpoints.borrow().get(DEFAULT).map(|e| e.ip_address.clone()).unwrap_or_default();
        if ip.is_empty() {
            continue;
        }
        let config = other.config.borrow();
        let key = alias.to_uppercase().replace('-', "_");
        let mut ports: Vec<(&str, u16)> = config
            .exposed_ports
            .iter()
            .flat_map(|all| all.keys())
            .filter_map(|p| p.split_once('/').and_then(|(port, proto)| Some((proto, port.parse().ok()?))))
            .collect();
        // The lowest TCP port is the main one.
        ports.sort_by_key(|(proto, port)| (*proto != "tcp", *port));
        if let Some((proto, port)) = ports.first() {
            env.push(format!("{key}_PORT={proto}://{ip}:{port}"));
        }
        for (proto, port) in ports {
            let one = format!("{key}_PORT_{port}_{}", proto.to_uppercase());
            env.push(format!("{one}={proto}://{ip}:{port}"));
            env.push(format!("{one}_ADDR={ip}"));
            env.push(format!("{one}_PORT={port}"));
            env.push(format!("{one}_PROTO={proto}"));
        }
        env.push(format!("{key}_NAME=/{}/{alias}", c.name.borrow()));
        let own = config.env.iter().flatten().filter_map(|e| e.split_once('='));
        env.extend(own.filter(|(k, _)| !matches!(*k, "HOME" | "PATH")).map(|(k, v)| format!("{key}_ENV_{k}={v}")));
    }
    env
}
