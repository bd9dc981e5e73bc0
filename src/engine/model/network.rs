//! Networks: their addresses and members.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::rc::Rc;

use docker_api::types::NetworkCreate;
use machine::UnixTime;

use super::ipam::Subnet;
use crate::error::{ApiError, ApiResult};

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
    pub taken: RefCell<BTreeSet<Ipv4Addr>>,
    /// The subnet was given by the user.
    pub own_subnet: bool,
}

impl Network {
    /// A network without members.
    pub fn new(
        id: String,
        created: UnixTime,
        wanted: NetworkCreate,
        subnet: Option<Subnet>,
        bridge: String,
        own_subnet: bool,
    ) -> Network {
        Network {
            id,
            name: wanted.name.clone(),
            created,
            driver: wanted.driver.clone(),
            wanted,
            subnet,
            bridge,
            members: RefCell::default(),
            taken: RefCell::default(),
            own_subnet,
        }
    }

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
    pub ports: RefCell<BTreeSet<(String, bool, u16)>>,
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
}
