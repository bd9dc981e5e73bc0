//! Published ports: the host's ports that lead into a container.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use docker_api::types::{Map, PortBinding};
use machine::Errno;
use machine::net::PortForward;

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::model::container::Container;
use crate::model::sandbox::Sandbox;

/// Publishes the ports of a container on the host.
pub fn publish(d: &Rc<Daemon>, c: &Rc<Container>, sandbox: &Sandbox) -> ApiResult<()> {
    let mut ports: Map<Option<Vec<PortBinding>>> =
        c.config.borrow().exposed_ports.iter().flatten().map(|(p, _)| (p.clone(), None)).collect();
    let mut wanted = c.host.borrow().port_bindings.clone();
    if c.host.borrow().publish_all_ports {
        for port in ports.keys() {
            wanted.entry(port.clone()).or_insert_with(|| Some(vec![PortBinding::default()]));
        }
    }
    let address = {
        let all = d.networks.all.borrow();
        let endpoints = c.endpoints.borrow();
        let bridge =
            sandbox.networks().iter().filter_map(|id| all.get(id)).find(|n| n.driver == "bridge" && !n.wanted.internal);
        bridge.and_then(|n| endpoints.get(&n.name)).map(|e| (e.ip_address.clone(), e.endpoint_id.clone()))
    };
    let Some((ip, endpoint_id)) = address else { return Ok(()) };
    let Ok(ip) = ip.parse::<Ipv4Addr>() else { return Ok(()) };
    for (port, bindings) in &wanted {
        let (proto, number) = docker_api::ports::split_proto(port);
        let Ok(number) = number.parse::<u16>() else { continue };
        let mut done = Vec::new();
        for binding in bindings.iter().flatten() {
            let bound =
                bind(d, sandbox, binding, proto == "tcp", SocketAddr::new(ip.into(), number)).map_err(|why| {
                    let name = c.name.borrow();
                    ApiError::internal(format!(
                        "driver failed programming external connectivity on endpoint {name} ({endpoint_id}): {why}"
                    ))
                })?;
            done.extend(bound);
        }
        ports.insert(port.clone(), Some(done));
    }
    *c.ports.borrow_mut() = ports;
    Ok(())
}

/// Publishes one port; the error is what stands behind the endpoint's name.
fn bind(
    d: &Daemon,
    sandbox: &Sandbox,
    binding: &PortBinding,
    tcp: bool,
    to: SocketAddr,
) -> Result<Vec<PortBinding>, String> {
    let addresses: Vec<IpAddr> = if binding.host_ip.is_empty() {
        vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()]
    } else {
        vec![binding.host_ip.parse().map_err(|_| format!("invalid IP address {}", binding.host_ip))?]
    };
    let (first, last) = match binding.host_port.as_str() {
        "" | "0" => (0, 0),
        text => docker_api::ports::parse_range(text)?,
    };
    if first == 0 {
        return ephemeral(d, sandbox, &addresses, tcp, to);
    }
    let mut error = String::new();
    for port in first..=last {
        match bind_all(d, sandbox, &addresses, tcp, port, to) {
            Ok(done) => return Ok(done),
            Err(why) => error = why,
        }
    }
    Err(error)
}

fn ephemeral(
    d: &Daemon,
    sandbox: &Sandbox,
    addresses: &[IpAddr],
    tcp: bool,
    to: SocketAddr,
) -> Result<Vec<PortBinding>, String> {
    for _ in 0..28_000 {
        let port = d.networks.next_port.get();
        d.networks.next_port.set(if port >= 60_999 { 32_768 } else { port + 1 });
        if let Ok(done) = bind_all(d, sandbox, addresses, tcp, port, to) {
            return Ok(done);
        }
    }
    Err("all ports are allocated".into())
}

fn bind_all(
    d: &Daemon,
    sandbox: &Sandbox,
    addresses: &[IpAddr],
    tcp: bool,
    port: u16,
    to: SocketAddr,
) -> Result<Vec<PortBinding>, String> {
    let key = |ip: &IpAddr| (ip.to_string(), tcp, port);
    for ip in addresses {
        let held = d.networks.ports.borrow();
        let any = ["0.0.0.0", "::"].iter().any(|any| held.contains(&(any.to_string(), tcp, port)));
        let all = ip.is_unspecified() && held.iter().any(|(_, t, p)| *t == tcp && *p == port);
        if held.contains(&key(ip)) || any || all {
            return Err(format!("Bind for {ip}:{port} failed: port is already allocated"));
        }
    }
    let host = d.sys.netns();
    let mut done: Vec<PortForward> = Vec::new();
    for ip in addresses {
        let forward = PortForward { address: *ip, tcp, port, to };
        if let Err(error) = d.sys.add_forward(host, forward.clone()) {
            for forward in &done {
                let _ = d.sys.remove_forward(host, forward);
            }
            let proto = if tcp { "tcp" } else { "udp" };
            let why = if error == Errno::EADDRINUSE {
                "address already in use".into()
            } else {
                crate::error::go_errno(error)
            };
            return Err(format!("failed to bind host port for {ip}:{port}:{to}/{proto}: {why}"));
        }
        done.push(forward);
    }
    sandbox.forwards.borrow_mut().extend(done);
    let keys: Vec<_> = addresses.iter().map(key).collect();
    d.networks.ports.borrow_mut().extend(keys.clone());
    sandbox.held.borrow_mut().extend(keys);
    Ok(addresses.iter().map(|ip| PortBinding { host_ip: ip.to_string(), host_port: port.to_string() }).collect())
}
