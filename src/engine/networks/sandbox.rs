//! The network namespace of a running container: its interfaces, default route, name server, published ports.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use docker_api::types::{Map, PortBinding};
use machine::net::{NetNamespaceId, PortForward, Route};
use machine::{Errno, SysResult};

use super::ipam::{Subnet, random_mac};
use super::{Network, dns, endpoint};
use crate::containers::Container;
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::ids;

/// One interface in a namespace.
#[derive(Clone, Debug)]
struct Plug {
    network: String,
    interface: String,
    host_side: String,
}

/// A network namespace.
pub struct Sandbox {
    /// 64 digits.
    pub id: String,
    /// The kernel's namespace.
    pub ns: NetNamespaceId,
    /// It goes with the container.
    own: bool,
    plugs: RefCell<Vec<Plug>>,
    next: Cell<u32>,
    forwards: RefCell<Vec<PortForward>>,
    held: RefCell<Vec<(String, bool, u16)>>,
    server: Cell<Option<dns::Server>>,
}

impl Sandbox {
    pub(super) fn new(d: &Daemon, ns: NetNamespaceId, own: bool) -> Rc<Sandbox> {
        Rc::new(Sandbox {
            id: ids::new_id(&d.sys),
            ns,
            own,
            plugs: RefCell::default(),
            next: Cell::default(),
            forwards: RefCell::default(),
            held: RefCell::default(),
            server: Cell::default(),
        })
    }

    /// Adds an interface to a network.
    pub fn plug(&self, d: &Daemon, network: &Network, ip: Ipv4Addr, subnet: &Subnet, mac: [u8; 6]) -> SysResult<()> {
        if network.bridge.is_empty() {
            return Ok(());
        }
        let host = d.sys.netns();
        let interface = format!("eth{}", self.next.get());
        self.next.set(self.next.get() + 1);
        let host_side = format!("veth{}", &ids::new_id(&d.sys)[..7]);
        d.sys.add_veth((host, &host_side, random_mac(&d.sys)), (self.ns, &interface, mac))?;
        d.sys.set_master(host, &host_side, Some(&network.bridge))?;
        d.sys.set_link_up(host, &host_side, true)?;
        d.sys.add_address(self.ns, &interface, ip.into(), subnet.prefix)?;
        d.sys.set_link_up(self.ns, &interface, true)?;
        self.plugs.borrow_mut().push(Plug { network: network.id.clone(), interface, host_side });
        Ok(())
    }

    /// Removes the interface to a network.
    pub fn unplug(&self, d: &Daemon, network: &Network) {
        let plug = {
            let mut plugs = self.plugs.borrow_mut();
            plugs.iter().position(|p| p.network == network.id).map(|at| plugs.remove(at))
        };
        if let Some(plug) = plug {
            let _ = d.sys.remove_link(d.sys.netns(), &plug.host_side);
        }
    }

    /// Routes everything else through the gateway of one of the networks.
    pub(super) fn route(&self, d: &Daemon) {
        let all = d.networks.all.borrow();
        let mut networks: Vec<(&Rc<Network>, Plug)> =
            self.plugs.borrow().iter().filter_map(|p| Some((all.get(&p.network)?, p.clone()))).collect();
        networks.retain(|(n, _)| !n.wanted.internal);
        networks.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        let _ = d.sys.remove_route(self.ns, (Ipv4Addr::UNSPECIFIED, 0));
        if let Some((network, plug)) = networks.first()
            && let Some(subnet) = &network.subnet
        {
            let route = Route {
                destination: (Ipv4Addr::UNSPECIFIED, 0),
                gateway: Some(subnet.gateway),
                interface: plug.interface.clone(),
                source: None,
            };
            let _ = d.sys.add_route(self.ns, route);
        }
    }

    fn serve_names(self: &Rc<Self>, d: &Rc<Daemon>, c: &Rc<Container>) {
        let wanted = {
            let all = d.networks.all.borrow();
            self.plugs.borrow().iter().any(|p| all.get(&p.network).is_some_and(|n| n.has_dns()))
        };
        let server = self.server.take();
        match (wanted, server) {
            (true, None) => self.server.set(dns::start(d, c, self.ns)),
            (_, server) => self.server.set(server),
        }
    }
}

/// Removes the host's ends of interfaces that a daemon left behind which was killed.
pub fn clear(d: &Daemon) {
    let host = d.sys.netns();
    let ours = |name: &str| {
        name.strip_prefix("veth").is_some_and(|id| id.len() == 7 && id.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    for interface in d.sys.interfaces(host).unwrap_or_default().iter().filter(|i| ours(&i.name)) {
        let _ = d.sys.remove_link(host, &interface.name);
    }
}

/// The container whose network another one shares.
pub fn joined(d: &Daemon, name: &str) -> ApiResult<Rc<Container>> {
    d.container(name)
        .map_err(|error| ApiError::bad(format!("joining network namespace of container: {}", error.message)))
}

/// Sets up the namespace of a container that is about to start.
pub fn open(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<Rc<Sandbox>> {
    let mode = c.host.borrow().network_mode.clone();
    if mode == "host" {
        let sandbox = Sandbox::new(d, d.sys.netns(), false);
        *c.sandbox.borrow_mut() = Some(sandbox.clone());
        join_all(d, c)?;
        return Ok(sandbox);
    }
    if let Some(name) = mode.strip_prefix("container:") {
        let other = joined(d, name)?;
        let shared = other.sandbox.borrow().clone();
        let shared = shared.filter(|_| other.is_running()).ok_or_else(|| {
            ApiError::conflict(format!(
                "cannot join network namespace of a non running container: container {} is {}",
                other.name.borrow(),
                other.state.borrow().status()
            ))
        })?;
        let sandbox = Sandbox::new(d, shared.ns, false);
        *c.sandbox.borrow_mut() = Some(sandbox.clone());
        return Ok(sandbox);
    }
    let ns = d.sys.netns_create()?;
    let _ = d.sys.set_link_up(ns, "lo", true);
    let sandbox = Sandbox::new(d, ns, true);
    *c.sandbox.borrow_mut() = Some(sandbox.clone());
    join_all(d, c)?;
    sandbox.route(d);
    sandbox.serve_names(d, c);
    if let Err(error) = publish(d, c, &sandbox) {
        return Err(ApiError { message: format!("failed to set up container networking: {}", error.message), ..error });
    }
    Ok(sandbox)
}

fn join_all(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    let wanted: Vec<(String, String)> =
        c.endpoints.borrow().iter().map(|(name, e)| (name.clone(), e.network_id.clone())).collect();
    for (name, id) in wanted {
        let network = d.networks.all.borrow().get(&id).cloned();
        let network = network.ok_or_else(|| {
            let which = if id.is_empty() { name } else { id };
            ApiError::not_found(format!("failed to set up container networking: network {which} not found"))
        })?;
        endpoint::join(d, c, &network)
            .map_err(|e| ApiError { message: format!("failed to set up container networking: {}", e.message), ..e })?;
    }
    Ok(())
}

/// After a container joined or left a network: routes, name server, `/etc/hosts`.
pub fn refresh(d: &Rc<Daemon>, c: &Rc<Container>) {
    let Some(sandbox) = c.sandbox.borrow().clone() else { return };
    if sandbox.own {
        sandbox.route(d);
        sandbox.serve_names(d, c);
        let internal = c.endpoints.borrow().keys().any(|n| !matches!(n.as_str(), "bridge" | "host" | "none"));
        let _ = crate::containers::files::write(d, c, internal);
    }
}

/// Takes down what [`open`] set up.
pub fn close(d: &Rc<Daemon>, c: &Container) {
    let networks: Vec<String> = c.endpoints.borrow().values().map(|e| e.network_id.clone()).collect();
    for id in networks {
        endpoint::leave(d, c, &id);
    }
    c.ports.borrow_mut().clear();
    let Some(sandbox) = c.sandbox.borrow_mut().take() else { return };
    for forward in sandbox.forwards.take() {
        let _ = d.sys.remove_forward(d.sys.netns(), &forward);
    }
    for held in sandbox.held.take() {
        d.networks.ports.borrow_mut().remove(&held);
    }
    if let Some(server) = sandbox.server.take() {
        server.stop(&d.sys);
    }
    if sandbox.own {
        let _ = d.sys.netns_remove(sandbox.ns);
    }
}

/// Publishes the ports of a container on the host.
fn publish(d: &Rc<Daemon>, c: &Rc<Container>, sandbox: &Sandbox) -> ApiResult<()> {
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
        let plugs = sandbox.plugs.borrow();
        let endpoints = c.endpoints.borrow();
        let bridge =
            plugs.iter().filter_map(|p| all.get(&p.network)).find(|n| n.driver == "bridge" && !n.wanted.internal);
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
