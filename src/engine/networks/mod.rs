//! What is done with networks, and with containers in them. Error texts are moby's and libnetwork's.

use machine::Sys;
pub mod connect;
pub mod dns;
pub mod endpoint;
pub mod files;
pub mod links;
pub mod ports;
pub mod sandbox;
pub mod step;
pub mod view;

use std::net::Ipv4Addr;
use std::rc::Rc;

use docker_api::types::{IpamConfig, Map, NetworkCreate, NetworksPrune};
use machine::Errno;

use crate::daemon::Daemon;
use crate::disk::networks::Kept;
use crate::error::{ApiError, ApiResult};
use crate::model::ipam::{self, Subnet};
use crate::model::network::{DEFAULT, Member, Network};
use crate::time::point_in_time;
use crate::{disk, ids};

/// Makes `bridge`, `host` and `none`, and finds the networks of the time before.
pub fn set_up(d: &Rc<Daemon>) -> ApiResult<()> {
    d.networks.next_port.set(32768);
    for kept in disk::networks::kept(&d.sys) {
        restore(d, kept)?;
    }
    for (name, driver) in [("none", "null"), ("host", "host")] {
        if d.networks.find(name).is_err() {
            let wanted = NetworkCreate { name: name.into(), driver: driver.into(), ..NetworkCreate::default() };
            let (id, now) = (ids::new_id(&d.sys), d.sys.wall_clock());
            add(d, Network::new(id, now, wanted, None, String::new(), false));
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
    make_bridge(&d.sys, "docker0", &subnet, false)?;
    let (id, now) = (ids::new_id(&d.sys), d.sys.wall_clock());
    add(d, Network::new(id, now, wanted, Some(subnet), "docker0".into(), false));
    disk::networks::save(d);
    Ok(())
}

/// A network of the time before the daemon was started again.
fn restore(d: &Daemon, kept: Kept) -> ApiResult<()> {
    let created = kept.created();
    // What the user gave says more than what is shown of it.
    let given = kept.wanted.ipam.as_ref().and_then(|i| i.config.as_ref()).and_then(|all| given_subnet(all));
    let subnet = given.or(kept.subnet.as_ref()).map(Subnet::from_config).transpose()?;
    if let Some(subnet) = subnet.as_ref().filter(|_| !kept.bridge.is_empty()) {
        make_bridge(&d.sys, &kept.bridge, subnet, kept.wanted.internal)?;
    }
    add(d, Network::new(kept.id, created, kept.wanted, subnet, kept.bridge, kept.own_subnet));
    Ok(())
}

/// A network that is there from now on.
fn add(d: &Daemon, network: Network) -> Rc<Network> {
    let network = Rc::new(network);
    d.networks.all.borrow_mut().insert(network.id.clone(), network.clone());
    network
}

fn make_bridge(sys: &Sys, name: &str, subnet: &Subnet, internal: bool) -> ApiResult<()> {
    let host = sys.netns();
    match sys.add_bridge(host, name, ipam::random_mac(sys)) {
        Ok(()) => sys.add_address(host, name, subnet.gateway.into(), subnet.prefix)?,
        // It outlived the daemon that made it, with its address.
        Err(Errno::EEXIST) => {}
        Err(error) => return Err(error.into()),
    }
    sys.set_link_up(host, name, true)?;
    sys.isolate_bridge(host, name, internal)?;
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
    let (id, now) = (ids::new_id(&d.sys), d.sys.wall_clock());
    let mut bridge = String::new();
    if driver == "bridge" {
        let named = wanted.options.iter().flatten().find(|(k, _)| *k == "com.docker.network.bridge.name");
        bridge = named.map_or(format!("br-{}", &id[..12]), |(_, v)| v.clone());
        make_bridge(&d.sys, &bridge, &subnet, wanted.internal)?;
    }
    let network = add(d, Network::new(id, now, wanted, Some(subnet), bridge, given.is_some()));
    disk::networks::save(d);
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
    disk::networks::save(d);
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
        if !network.predefined() && !used && !young && filters.prunes(&labels) {
            remove(d, &network.id)?;
            gone.push(network.name.clone());
        }
    }
    d.prune_event("network", 0);
    Ok(NetworksPrune { networks_deleted: (!gone.is_empty()).then_some(gone) })
}
