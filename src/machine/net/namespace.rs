//! Network namespaces and how their interfaces are wired: links, bridges, addresses, routes.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use super::{Interface, InterfaceKind, NetNamespaceId, PortForward, Route};
use crate::errno::{Errno, SysResult};

/// An interface, wherever it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct LinkId(u32);

/// Bytes and packets received, bytes and packets sent.
pub(crate) type Counters = Rc<[Cell<u64>; 4]>;

/// An interface.
pub(crate) struct Link {
    pub ns: NetNamespaceId,
    pub index: u32,
    pub name: String,
    pub kind: InterfaceKind,
    pub mac: [u8; 6],
    pub mtu: u32,
    pub up: bool,
    pub addresses: Vec<(IpAddr, u8)>,
    pub master: Option<LinkId>,
    /// The other end of a cable.
    pub peer: Option<LinkId>,
    pub counters: Counters,
}

/// A namespace.
#[derive(Default)]
pub(crate) struct Namespace {
    next_index: u32,
    routes: Vec<Route>,
    pub forwards: Vec<PortForward>,
    /// Passes on packets that are not for itself (`net.ipv4.ip_forward`).
    pub forwarding: bool,
    /// Takes what is for any address at all (`IP_TRANSPARENT`): a gateway to a network outside the machine.
    pub transparent: bool,
    /// Bridges that reach no other such bridge; `true`: nor the outside.
    pub isolated: BTreeMap<LinkId, bool>,
}

/// All namespaces and links.
#[derive(Default)]
pub(crate) struct Topology {
    namespaces: BTreeMap<NetNamespaceId, Namespace>,
    links: BTreeMap<LinkId, Link>,
    next_namespace: u32,
    next_link: u32,
}

/// The way that a routing table gives.
pub(crate) struct Hop {
    pub link: LinkId,
    pub gateway: Option<IpAddr>,
    /// The address that packets of this host carry on it.
    pub source: Option<IpAddr>,
}

const OUTSIDE: NetNamespaceId = NetNamespaceId::OUTSIDE;
/// The host's address, the router's and the name server's that the host was given: those of QEMU's and
/// VirtualBox's user networks.
const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);
const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
const NAME_SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 3);
/// Longest name of an interface (`IFNAMSIZ` without the end).
const NAME_MAX: usize = 15;

impl Topology {
    /// The host with `lo` and `eth0` up, and the world behind `eth0`.
    pub fn host() -> Topology {
        let mut topology = Topology::default();
        let host = topology.create();
        topology.namespaces.insert(OUTSIDE, Namespace { forwarding: true, ..Namespace::default() });
        let wires = (|| {
            topology.set_up(host, "lo", true)?;
            topology.add_pair(
                (host, "eth0", [0x52, 0x54, 0x00, 0x12, 0x34, 0x56]),
                (OUTSIDE, "eth0", [0x52, 0x55, 0x0a, 0x00, 0x02, 0x02]),
                InterfaceKind::Ethernet,
            )?;
            topology.add_address(host, "eth0", HOST.into(), 24)?;
            topology.add_address(OUTSIDE, "eth0", GATEWAY.into(), 24)?;
            topology.add_address(OUTSIDE, "eth0", NAME_SERVER.into(), 24)?;
            topology.set_up(host, "eth0", true)?;
            topology.set_up(OUTSIDE, "eth0", true)?;
            let default = (Ipv4Addr::UNSPECIFIED, 0);
            let route = Route { destination: default, gateway: Some(GATEWAY), interface: "eth0".into(), source: None };
            topology.add_route(host, route)
        })();
        debug_assert!(wires.is_ok());
        if let Some(ns) = topology.namespaces.get_mut(&host) {
            ns.forwarding = true;
        }
        topology
    }

    /// All namespaces.
    pub fn namespaces(&self) -> impl Iterator<Item = NetNamespaceId> {
        self.namespaces.keys().copied()
    }

    /// A namespace.
    pub fn namespace(&self, ns: NetNamespaceId) -> SysResult<&Namespace> {
        self.namespaces.get(&ns).ok_or(Errno::EINVAL)
    }

    /// A namespace, to change.
    pub fn namespace_mut(&mut self, ns: NetNamespaceId) -> SysResult<&mut Namespace> {
        self.namespaces.get_mut(&ns).ok_or(Errno::EINVAL)
    }

    /// A new namespace with `lo`, which is down.
    pub fn create(&mut self) -> NetNamespaceId {
        let id = NetNamespaceId(self.next_namespace);
        self.next_namespace += 1;
        self.namespaces.insert(id, Namespace::default());
        let lo = self.add_link(id, "lo", InterfaceKind::Loopback, [0; 6]);
        debug_assert!(lo.is_ok());
        id
    }

    /// Removes a namespace with its links.
    pub fn remove(&mut self, ns: NetNamespaceId) -> SysResult<()> {
        self.namespaces.remove(&ns).ok_or(Errno::EINVAL)?;
        let links: Vec<LinkId> = self.links.iter().filter(|(_, l)| l.ns == ns).map(|(id, _)| *id).collect();
        links.into_iter().for_each(|id| self.unlink(id));
        Ok(())
    }

    /// A link by its name.
    pub fn find(&self, ns: NetNamespaceId, name: &str) -> SysResult<LinkId> {
        let mut links = self.links.iter();
        links.find(|(_, l)| l.ns == ns && l.name == name).map(|(id, _)| *id).ok_or(Errno::ENODEV)
    }

    /// A link.
    pub fn link(&self, id: LinkId) -> Option<&Link> {
        self.links.get(&id)
    }

    fn link_mut(&mut self, ns: NetNamespaceId, name: &str) -> SysResult<&mut Link> {
        let id = self.find(ns, name)?;
        self.links.get_mut(&id).ok_or(Errno::ENODEV)
    }

    /// Makes an interface.
    pub fn add_link(&mut self, ns: NetNamespaceId, name: &str, kind: InterfaceKind, mac: [u8; 6]) -> SysResult<LinkId> {
        if name.is_empty() || name.len() > NAME_MAX || name.contains(['/', ' ']) {
            return Err(Errno::EINVAL);
        }
        self.namespace(ns)?;
        if self.find(ns, name).is_ok() {
            return Err(Errno::EEXIST);
        }
        let index = {
            let space = self.namespace_mut(ns)?;
            space.next_index += 1;
            space.next_index
        };
        let id = LinkId(self.next_link);
        self.next_link += 1;
        let mtu = if kind == InterfaceKind::Loopback { 65536 } else { 1500 };
        let link = Link {
            ns,
            index,
            name: name.into(),
            kind,
            mac,
            mtu,
            up: false,
            addresses: Vec::new(),
            master: None,
            peer: None,
            counters: Rc::default(),
        };
        self.links.insert(id, link);
        Ok(id)
    }

    /// Makes two interfaces with a cable between them.
    pub fn add_pair(
        &mut self,
        a: (NetNamespaceId, &str, [u8; 6]),
        b: (NetNamespaceId, &str, [u8; 6]),
        kind: InterfaceKind,
    ) -> SysResult<()> {
        self.namespace(b.0)?;
        if self.find(b.0, b.1).is_ok() || (a.0 == b.0 && a.1 == b.1) {
            return Err(Errno::EEXIST);
        }
        let first = self.add_link(a.0, a.1, kind, a.2)?;
        match self.add_link(b.0, b.1, kind, b.2) {
            Ok(second) => {
                self.links.entry(first).and_modify(|l| l.peer = Some(second));
                self.links.entry(second).and_modify(|l| l.peer = Some(first));
                Ok(())
            }
            Err(error) => {
                self.links.remove(&first);
                Err(error)
            }
        }
    }

    /// Removes an interface; the other end of its cable goes too, the ports of a bridge come free.
    pub fn remove_link(&mut self, ns: NetNamespaceId, name: &str) -> SysResult<()> {
        let id = self.find(ns, name)?;
        match self.link(id).map(|l| l.kind) {
            Some(InterfaceKind::Loopback | InterfaceKind::Ethernet) => Err(Errno::EOPNOTSUPP),
            _ => {
                self.unlink(id);
                Ok(())
            }
        }
    }

    fn unlink(&mut self, id: LinkId) {
        let Some(link) = self.links.remove(&id) else { return };
        if let Some(space) = self.namespaces.get_mut(&link.ns) {
            space.routes.retain(|r| r.interface != link.name);
            space.isolated.remove(&id);
        }
        self.links.values_mut().filter(|l| l.master == Some(id)).for_each(|l| l.master = None);
        if let Some(peer) = link.peer {
            self.unlink(peer);
        }
    }

    /// Makes an interface a port of a bridge, or of none.
    pub fn set_master(&mut self, ns: NetNamespaceId, name: &str, bridge: Option<&str>) -> SysResult<()> {
        let master = bridge.map(|bridge| self.find(ns, bridge)).transpose()?;
        if let Some(id) = master
            && self.link(id).is_none_or(|l| l.kind != InterfaceKind::Bridge || l.name == name)
        {
            return Err(Errno::EINVAL);
        }
        self.link_mut(ns, name)?.master = master;
        Ok(())
    }

    /// Switches an interface on or off. `lo` gets its addresses when it is switched on; routes through an
    /// interface that goes down are lost, as Linux forgets them.
    pub fn set_up(&mut self, ns: NetNamespaceId, name: &str, up: bool) -> SysResult<()> {
        let link = self.link_mut(ns, name)?;
        link.up = up;
        if up && link.kind == InterfaceKind::Loopback && link.addresses.is_empty() {
            link.addresses = vec![(Ipv4Addr::LOCALHOST.into(), 8), (Ipv6Addr::LOCALHOST.into(), 128)];
        }
        if !up {
            let name = link.name.clone();
            self.namespace_mut(ns)?.routes.retain(|r| r.interface != name);
        }
        Ok(())
    }

    /// Gives an interface an address.
    pub fn add_address(&mut self, ns: NetNamespaceId, name: &str, address: IpAddr, prefix: u8) -> SysResult<()> {
        let most = if address.is_ipv4() { 32 } else { 128 };
        if prefix > most || address.is_unspecified() || address.is_multicast() {
            return Err(Errno::EINVAL);
        }
        let link = self.link_mut(ns, name)?;
        if link.addresses.iter().any(|(a, p)| *a == address && *p == prefix) {
            return Err(Errno::EEXIST);
        }
        link.addresses.push((address, prefix));
        Ok(())
    }

    /// Takes an address away.
    pub fn remove_address(&mut self, ns: NetNamespaceId, name: &str, address: IpAddr) -> SysResult<()> {
        let link = self.link_mut(ns, name)?;
        let before = link.addresses.len();
        link.addresses.retain(|(a, _)| *a != address);
        if link.addresses.len() == before { Err(Errno::EADDRNOTAVAIL) } else { Ok(()) }
    }

    /// Adds a route; its gateway must be on the link.
    pub fn add_route(&mut self, ns: NetNamespaceId, route: Route) -> SysResult<()> {
        let id = self.find(ns, &route.interface)?;
        let link = self.link(id).ok_or(Errno::ENODEV)?;
        if !link.up {
            return Err(Errno::ENETDOWN);
        }
        if route.destination.1 > 32 {
            return Err(Errno::EINVAL);
        }
        if let Some(gateway) = route.gateway
            && !link.addresses.iter().any(|(a, p)| contains((*a, *p), gateway.into()))
        {
            return Err(Errno::ENETUNREACH);
        }
        let routes = &mut self.namespace_mut(ns)?.routes;
        if routes.iter().any(|r| r.destination == route.destination) {
            return Err(Errno::EEXIST);
        }
        routes.push(route);
        Ok(())
    }

    /// Removes a route.
    pub fn remove_route(&mut self, ns: NetNamespaceId, destination: (Ipv4Addr, u8)) -> SysResult<()> {
        let routes = &mut self.namespace_mut(ns)?.routes;
        let before = routes.len();
        routes.retain(|r| r.destination != destination);
        if routes.len() == before { Err(Errno::ESRCH) } else { Ok(()) }
    }

    /// The links of a namespace, in the order of their numbers.
    pub fn links_of(&self, ns: NetNamespaceId) -> impl Iterator<Item = (LinkId, &Link)> {
        self.links.iter().filter(move |(_, l)| l.ns == ns).map(|(id, l)| (*id, l))
    }

    /// The ports of a bridge.
    pub fn ports(&self, bridge: LinkId) -> impl Iterator<Item = (LinkId, &Link)> {
        self.links.iter().filter(move |(_, l)| l.master == Some(bridge)).map(|(id, l)| (*id, l))
    }

    /// Whether an address is one of the namespace's own, on an interface that is up.
    pub fn is_local(&self, ns: NetNamespaceId, address: IpAddr) -> bool {
        self.links_of(ns).any(|(_, l)| {
            l.up && match l.kind {
                InterfaceKind::Loopback => l.addresses.iter().any(|(a, p)| contains((*a, *p), address)),
                _ => l.addresses.iter().any(|(a, _)| *a == address),
            }
        })
    }

    /// Whether an address is one of the namespace's own, up or not, for `bind`.
    pub fn is_own(&self, ns: NetNamespaceId, address: IpAddr) -> bool {
        address.is_unspecified()
            || self.is_local(ns, address)
            || self.links_of(ns).any(|(_, l)| l.addresses.iter().any(|(a, _)| *a == address))
    }

    /// Which way the routing table of a namespace sends what is for `to`: the longest prefix wins.
    pub fn lookup(&self, ns: NetNamespaceId, to: IpAddr) -> Option<Hop> {
        let mut best: Option<(u8, Hop)> = None;
        let mut offer = |prefix: u8, hop: Hop| {
            if best.as_ref().is_none_or(|(p, _)| *p < prefix) {
                best = Some((prefix, hop));
            }
        };
        for (id, link) in self.links_of(ns).filter(|(_, l)| l.up && l.kind != InterfaceKind::Loopback) {
            for &(address, prefix) in link.addresses.iter().filter(|a| contains(**a, to)) {
                offer(prefix, Hop { link: id, gateway: None, source: Some(address) });
            }
        }
        for route in &self.namespaces.get(&ns)?.routes {
            if !contains((route.destination.0.into(), route.destination.1), to) {
                continue;
            }
            let Ok(link) = self.find(ns, &route.interface) else { continue };
            let gateway = route.gateway.map(IpAddr::from);
            let source = route.source.map(IpAddr::from).or_else(|| self.address_towards(link, gateway.unwrap_or(to)));
            offer(route.destination.1, Hop { link, gateway, source });
        }
        best.map(|(_, hop)| hop)
    }

    /// The address of a link that is in the subnet of `to`, or its first of that family.
    pub fn address_towards(&self, link: LinkId, to: IpAddr) -> Option<IpAddr> {
        let addresses = &self.link(link)?.addresses;
        let near = addresses.iter().find(|a| contains(**a, to));
        near.or_else(|| addresses.iter().find(|(a, _)| a.is_ipv4() == to.is_ipv4())).map(|(a, _)| *a)
    }

    /// The IPv4 routes of a namespace as `ip route` lists them: default first, then by destination.
    pub fn routes(&self, ns: NetNamespaceId) -> SysResult<Vec<Route>> {
        let mut routes = self.namespace(ns)?.routes.clone();
        for (_, link) in self.links_of(ns).filter(|(_, l)| l.up && l.kind != InterfaceKind::Loopback) {
            for &(address, prefix) in &link.addresses {
                if let (IpAddr::V4(v4), 0..=31) = (address, prefix) {
                    let destination = (Ipv4Addr::from(u32::from(v4) & mask(prefix)), prefix);
                    let interface = link.name.clone();
                    routes.push(Route { destination, gateway: None, interface, source: Some(v4) });
                }
            }
        }
        routes.sort_by_key(|r| (r.destination.1 != 0, r.destination));
        routes.dedup_by(|b, a| a.destination == b.destination && a.interface == b.interface);
        Ok(routes)
    }

    /// The interfaces of a namespace.
    pub fn interfaces(&self, ns: NetNamespaceId) -> SysResult<Vec<Interface>> {
        self.namespace(ns)?;
        Ok(self.links_of(ns).map(|(id, link)| self.interface(id, link)).collect())
    }

    fn has_carrier(&self, link: &Link, id: LinkId) -> bool {
        let up = |id: LinkId| self.link(id).is_some_and(|l| l.up);
        link.up
            && match link.kind {
                InterfaceKind::Loopback => true,
                InterfaceKind::Bridge => self.ports(id).any(|(_, port)| port.up && port.peer.is_none_or(up)),
                InterfaceKind::Veth | InterfaceKind::Ethernet => link.peer.is_some_and(up),
            }
    }

    fn interface(&self, id: LinkId, link: &Link) -> Interface {
        Interface {
            index: link.index,
            name: link.name.clone(),
            kind: link.kind,
            mac: link.mac,
            mtu: link.mtu,
            up: link.up,
            carrier: self.has_carrier(link, id),
            addresses: link.addresses.clone(),
            master: link.master.and_then(|m| self.link(m)).map(|m| m.name.clone()),
            peer_index: match link.kind {
                InterfaceKind::Veth => link.peer.and_then(|p| self.link(p)).map(|p| p.index),
                _ => None,
            },
            counters: std::array::from_fn(|i| link.counters[i].get()),
        }
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

/// Whether `address` is in the subnet of `network`.
pub(crate) fn contains(network: (IpAddr, u8), address: IpAddr) -> bool {
    match (network.0, address) {
        (IpAddr::V4(net), IpAddr::V4(a)) => (u32::from(net) ^ u32::from(a)) & mask(network.1) == 0,
        (IpAddr::V6(net), IpAddr::V6(a)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(network.1)).unwrap_or(0);
            (u128::from(net) ^ u128::from(a)) & mask == 0
        }
        _ => false,
    }
}
