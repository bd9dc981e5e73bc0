//! Networks: subnets, bridges, endpoints. Error texts are moby's and libnetwork's.

pub mod dns;
pub mod endpoint;
pub mod ipam;
pub mod sandbox;
pub mod step;
pub mod view;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::rc::Rc;

use docker_api::types::{Ipam, IpamConfig, Map, NetworkCreate, NetworksPrune};
use machine::{Errno, UnixTime};

use crate::containers::Container;
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::ids;
use crate::state::{self, KeptNetwork};
use crate::time::point_in_time;
use ipam::Subnet;

/// The network that containers join without being told.
pub const DEFAULT: &str = "bridge";

/// A member of a network.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// The endpoint's id.
    pub endpoint: String,
    /// The container's name.
    pub name: String,
    /// Its hardware address.
    pub mac: String,
    /// Its address.
    pub ip: Option<Ipv4Addr>,
    /// All names by which it is found.
    pub dns: Vec<String>,
}

/// A network.
pub struct Network {
    /// 64 digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: UnixTime,
    /// `bridge`, `host`, `null`, `macvlan`.
    pub driver: String,
    /// What it was asked to be.
    pub wanted: NetworkCreate,
    /// Its addresses.
    pub subnet: Option<Subnet>,
    /// The bridge's interface.
    pub bridge: String,
    /// Members by container id.
    pub members: RefCell<BTreeMap<String, Member>>,
    /// Addresses in use.
    pub taken: RefCell<std::collections::BTreeSet<Ipv4Addr>>,
    /// The subnet was given by the user.
    pub own_subnet: bool,
}

impl Network {
    /// Whether it is one of the three that cannot be removed.
    pub fn predefined(&self) -> bool {
        matches!(self.name.as_str(), "bridge" | "host" | "none")
    }

    /// Whether containers have names in it.
    pub fn has_dns(&self) -> bool {
        !self.predefined()
    }

    /// Takes an address: the wanted one or the lowest that is free.
    pub fn allocate(&self, wanted: Option<Ipv4Addr>) -> ApiResult<Option<Ipv4Addr>> {
        let Some(subnet) = &self.subnet else { return Ok(None) };
        let mut taken = self.taken.borrow_mut();
        let ip = match wanted {
            Some(ip) if taken.contains(&ip) || ip == subnet.gateway => {
                return Err(ApiError::forbidden("Address already in use"));
            }
            Some(ip) => ip,
            None => subnet
                .candidates()
                .find(|ip| *ip != subnet.gateway && !taken.contains(ip) && !subnet.reserved.contains(ip))
                .ok_or_else(|| {
                    ApiError::internal(
                        "no available IPv4 addresses on this network's address pools: ".to_string()
                            + &format!("{} ({})", self.name, self.id),
                    )
                })?,
        };
        taken.insert(ip);
        Ok(Some(ip))
    }

    /// Gives an address back.
    pub fn release(&self, ip: Option<Ipv4Addr>) {
        if let Some(ip) = ip {
            self.taken.borrow_mut().remove(&ip);
        }
    }
}

/// All networks.
#[derive(Default)]
pub struct Networks {
    /// By id.
    pub all: RefCell<BTreeMap<String, Rc<Network>>>,
    /// The next port to publish where none was asked for.
    pub next_port: Cell<u16>,
    /// Ports that containers hold: address, protocol, port.
    pub ports: RefCell<std::collections::BTreeSet<(String, bool, u16)>>,
}

impl Networks {
    /// The address of `docker0`.
    pub fn bridge_gateway(&self) -> String {
        let all = self.all.borrow();
        let bridge = all.values().find(|n| n.name == DEFAULT);
        bridge.and_then(|n| n.subnet.as_ref()).map_or("172.17.0.1".into(), |s| s.gateway.to_string())
    }

    /// By name, id or the beginning of an id.
    pub fn find(&self, name: &str) -> ApiResult<Rc<Network>> {
        let all = self.all.borrow();
        if let Some(found) = all.get(name).or_else(|| all.values().find(|n| n.name == name)) {
            return Ok(found.clone());
        }
        let mut fits = all.range(name.to_string()..).take_while(|(id, _)| !name.is_empty() && id.starts_with(name));
        match (fits.next(), fits.next()) {
            (Some((_, found)), None) => Ok(found.clone()),
            (Some(_), Some(_)) => {
                Err(ApiError::bad(format!("network {name} is ambiguous (2 matches found based on ID prefix)")))
            }
            _ => Err(ApiError::not_found(format!("network {name} not found"))),
        }
    }

    /// Addresses and names of linked containers (`--link`), for `/etc/hosts`.
    pub fn link_hosts(&self, d: &Daemon, c: &Container) -> Vec<(String, String)> {
        let host = c.host.borrow();
        let mut out = Vec::new();
        for link in host.links.iter().flatten() {
            let (name, alias) = link.split_once(':').unwrap_or((link, link));
            let alias = alias.rsplit('/').next().unwrap_or(alias);
            let Ok(other) = d.container(name) else { continue };
            let endpoints = other.endpoints.borrow();
            let Some(ip) = endpoints.values().map(|e| e.ip_address.clone()).find(|ip| !ip.is_empty()) else { continue };
            out.push((ip, format!("{alias} {} {}", other.config.borrow().hostname, other.name.borrow())));
        }
        out
    }
}

impl Networks {
    /// What a container's environment says of those it is linked to: names, ports, and their environment.
    pub fn link_environment(&self, d: &Daemon, c: &Container) -> Vec<String> {
        let host = c.host.borrow();
        let mut env = Vec::new();
        for link in host.links.iter().flatten() {
            let (name, alias) = link.split_once(':').unwrap_or((link, link));
            let alias = alias.rsplit('/').next().unwrap_or(alias);
            let Ok(other) = d.container(name) else { continue };
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
}

/// Makes `bridge`, `host` and `none`, and finds the networks of the time before.
pub fn set_up(d: &Rc<Daemon>) -> ApiResult<()> {
    d.networks.next_port.set(32768);
    for kept in state::kept_networks(d) {
        restore(d, kept)?;
    }
    for (name, driver) in [("none", "null"), ("host", "host")] {
        if d.networks.find(name).is_err() {
            let wanted = NetworkCreate { name: name.into(), driver: driver.into(), ..NetworkCreate::default() };
            add(d, wanted, None, String::new(), false);
        }
    }
    let subnet = Subnet::new(Ipv4Addr::new(172, 17, 0, 0), 16);
    let options = [
        ("bridge.default_bridge", "true"),
        ("bridge.enable_icc", "true"),
        ("bridge.enable_ip_masquerade", "true"),
        ("bridge.host_binding_ipv4", "0.0.0.0"),
        ("bridge.name", "docker0"),
        ("driver.mtu", "1500"),
    ];
    let options: Map<String> =
        options.iter().map(|(k, v)| (format!("com.docker.network.{k}"), v.to_string())).collect();
    let wanted = NetworkCreate {
        name: DEFAULT.into(),
        driver: "bridge".into(),
        options: Some(options),
        ..NetworkCreate::default()
    };
    make_bridge(d, "docker0", &subnet, false)?;
    add(d, wanted, Some(subnet), "docker0".into(), false);
    state::save_networks(d);
    Ok(())
}

/// A network of the time before the daemon was started again.
fn restore(d: &Rc<Daemon>, kept: KeptNetwork) -> ApiResult<()> {
    // What the user gave says more than what is shown of it.
    let given = kept.wanted.ipam.as_ref().and_then(|i| i.config.as_ref()).and_then(|all| given_subnet(all));
    let subnet = given.or(kept.subnet.as_ref()).map(Subnet::from_config).transpose()?;
    if let Some(subnet) = subnet.as_ref().filter(|_| !kept.bridge.is_empty()) {
        make_bridge(d, &kept.bridge, subnet, kept.wanted.internal)?;
    }
    let network = Rc::new(Network {
        created: kept.created(),
        id: kept.id,
        name: kept.wanted.name.clone(),
        driver: kept.wanted.driver.clone(),
        wanted: kept.wanted,
        subnet,
        bridge: kept.bridge,
        members: RefCell::default(),
        taken: RefCell::default(),
        own_subnet: kept.own_subnet,
    });
    d.networks.all.borrow_mut().insert(network.id.clone(), network);
    Ok(())
}

fn add(d: &Rc<Daemon>, wanted: NetworkCreate, subnet: Option<Subnet>, bridge: String, own_subnet: bool) -> Rc<Network> {
    let id = ids::new_id(&d.sys);
    let network = Rc::new(Network {
        id: id.clone(),
        name: wanted.name.clone(),
        created: d.sys.wall_clock(),
        driver: wanted.driver.clone(),
        wanted,
        subnet,
        bridge,
        members: RefCell::default(),
        taken: RefCell::default(),
        own_subnet,
    });
    d.networks.all.borrow_mut().insert(id, network.clone());
    network
}

fn make_bridge(d: &Daemon, name: &str, subnet: &Subnet, internal: bool) -> ApiResult<()> {
    let host = d.sys.netns();
    match d.sys.add_bridge(host, name, ipam::random_mac(&d.sys)) {
        Ok(()) => d.sys.add_address(host, name, subnet.gateway.into(), subnet.prefix)?,
        // It outlived the daemon that made it, with its address.
        Err(Errno::EEXIST) => {}
        Err(error) => return Err(error.into()),
    }
    d.sys.set_link_up(host, name, true)?;
    d.sys.isolate_bridge(host, name, internal)?;
    Ok(())
}

fn check_name(d: &Daemon, name: &str) -> ApiResult<()> {
    if name.trim().is_empty() {
        return Err(ApiError::bad("invalid name: name is empty"));
    }
    if matches!(name, "bridge" | "host" | "none" | "default") {
        return Err(ApiError::forbidden(format!("operation is not permitted on predefined {name} network")));
    }
    if d.networks.all.borrow().values().any(|n| n.name == name) {
        return Err(ApiError::conflict(format!("network with name {name} already exists")));
    }
    Ok(())
}

/// The pool of IPv4 addresses that the user asked for.
fn given_subnet(config: &[IpamConfig]) -> Option<&IpamConfig> {
    config.iter().find(|c| !c.subnet.is_empty() && !c.subnet.contains(':'))
}

/// `POST /networks/create`
pub fn create(d: &Rc<Daemon>, mut wanted: NetworkCreate) -> ApiResult<Rc<Network>> {
    check_name(d, &wanted.name)?;
    if wanted.driver.is_empty() || wanted.driver == "default" {
        wanted.driver = "bridge".into();
    }
    let driver = wanted.driver.clone();
    match driver.as_str() {
        "bridge" | "macvlan" => {}
        "host" | "null" => {
            return Err(ApiError::forbidden(format!("only one instance of \"{driver}\" network is allowed")));
        }
        "overlay" => {
            return Err(ApiError::new(
                503,
                "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
            ));
        }
        "ipvlan" => return Err(ApiError::internal("operation not supported")),
        other => {
            return Err(ApiError::not_found(format!("plugin \"{other}\" not found")));
        }
    }
    let config = wanted.ipam.as_ref().and_then(|i| i.config.clone()).unwrap_or_default();
    let given = given_subnet(&config);
    let used: Vec<Subnet> = d.networks.all.borrow().values().filter_map(|n| n.subnet.clone()).collect();
    let subnet = match given {
        Some(config) => {
            let subnet = Subnet::from_config(config)?;
            if used.iter().any(|u| u.overlaps(&subnet)) {
                return Err(ApiError::forbidden(
                    "invalid pool request: Pool overlaps with other one on this address space",
                ));
            }
            subnet
        }
        None => ipam::free_pool(&used)
            .ok_or_else(|| ApiError::not_found("all predefined address pools have been fully subnetted"))?,
    };
    let own_subnet = given.is_some();
    let network = add(d, wanted, Some(subnet.clone()), String::new(), own_subnet);
    let bridge = network.wanted.options.iter().flatten().find(|(k, _)| *k == "com.docker.network.bridge.name");
    let bridge = bridge.map_or(format!("br-{}", &network.id[..12]), |(_, v)| v.clone());
    if driver == "bridge"
        && let Err(error) = make_bridge(d, &bridge, &subnet, network.wanted.internal)
    {
        d.networks.all.borrow_mut().remove(&network.id);
        return Err(error);
    }
    let bridge = if driver == "bridge" { bridge } else { String::new() };
    let network = Rc::new(Network {
        bridge,
        id: network.id.clone(),
        name: network.name.clone(),
        created: network.created,
        driver: network.driver.clone(),
        wanted: network.wanted.clone(),
        subnet: network.subnet.clone(),
        members: RefCell::default(),
        taken: RefCell::default(),
        own_subnet,
    });
    d.networks.all.borrow_mut().insert(network.id.clone(), network.clone());
    state::save_networks(d);
    d.event("network", "create", &network.id, &[("name", &network.name), ("type", &network.driver)]);
    Ok(network)
}

/// `DELETE /networks/{id}`
pub fn remove(d: &Rc<Daemon>, name: &str) -> ApiResult<()> {
    let network = d.networks.find(name)?;
    if network.predefined() {
        return Err(ApiError::forbidden(format!("{} is a pre-defined network and cannot be removed", network.name)));
    }
    let held = network.members.borrow();
    let mut by_name: Vec<&Member> = held.values().collect();
    by_name.sort_by(|a, b| a.name.cmp(&b.name));
    let members: Vec<String> = by_name
        .iter()
        .map(|m| format!("name:\"{}\" id:\"{}\"", m.name, docker_api::ids::truncate(&m.endpoint)))
        .collect();
    if !members.is_empty() {
        return Err(ApiError::forbidden(format!(
            "error while removing network: network {} has active endpoints ({})",
            network.name,
            members.join(", ")
        )));
    }
    if !network.bridge.is_empty() {
        let _ = d.sys.remove_link(d.sys.netns(), &network.bridge);
    }
    d.networks.all.borrow_mut().remove(&network.id);
    state::save_networks(d);
    d.event("network", "destroy", &network.id, &[("name", &network.name), ("type", &network.driver)]);
    Ok(())
}

/// `POST /networks/prune`
pub fn prune(d: &Rc<Daemon>, filters: &docker_api::filters::Filters) -> ApiResult<NetworksPrune> {
    let until = filters.get("until").first().map(|t| point_in_time(t, d.sys.wall_clock())).transpose()?;
    let all: Vec<Rc<Network>> = d.networks.all.borrow().values().cloned().collect();
    let mut gone = Vec::new();
    for network in all {
        let used = !network.members.borrow().is_empty()
            || d.containers
                .borrow()
                .values()
                .any(|c| c.endpoints.borrow().values().any(|e| e.network_id == network.id));
        let labels = network.wanted.labels.clone().unwrap_or_default();
        let young = until.is_some_and(|u| i128::from(network.created.0) >= u);
        if !network.predefined() && !used && !young && filters.labels("label", &labels) {
            remove(d, &network.id)?;
            gone.push(network.name.clone());
        }
    }
    d.prune_event("network", 0);
    Ok(NetworksPrune { networks_deleted: (!gone.is_empty()).then_some(gone) })
}

/// The address management as inspect shows it.
pub fn ipam_of(network: &Network) -> Ipam {
    if !matches!(network.driver.as_str(), "bridge" | "macvlan") {
        return Ipam { driver: "default".into(), options: None, config: None };
    }
    let given = network.wanted.ipam.as_ref().and_then(|i| i.config.clone()).unwrap_or_default();
    let mut config: Vec<IpamConfig> = given.iter().filter(|c| c.subnet.contains(':')).cloned().collect();
    if let Some(subnet) = &network.subnet {
        config.push(subnet.to_config());
    }
    let options = if network.predefined() { None } else { Some(Map::new()) };
    Ipam { driver: "default".into(), options, config: Some(config) }
}
