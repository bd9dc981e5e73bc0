//! Setting up networks (netlink's work): interfaces, addresses, routes, published ports. Reading is free
//! to all, changing is for administrators (`EPERM`).

use std::net::{IpAddr, Ipv4Addr};

use super::Sys;
use crate::errno::{Errno, SysResult};
use crate::net::{self, Interface, InterfaceKind, NetNamespaceId, PortForward, Route, SocketEntry, Topology};

impl Sys {
    /// A new network namespace with a loopback interface that is down.
    pub fn netns_create(&self) -> SysResult<NetNamespaceId> {
        self.admin()?;
        Ok(self.kernel.network.create_namespace())
    }

    /// Removes a namespace and what is in it (bridge ports and peers of veths go too).
    pub fn netns_remove(&self, ns: NetNamespaceId) -> SysResult<()> {
        self.admin()?;
        self.kernel.network.remove_namespace(ns)
    }

    /// The namespace of the calling process.
    pub fn netns(&self) -> NetNamespaceId {
        self.with_process(|p| p.namespaces.net)
    }

    /// `setns(2)`: the calling process moves to `ns`.
    pub fn set_netns(&self, ns: NetNamespaceId) -> SysResult<()> {
        self.admin()?;
        self.kernel.network.core().topology().namespace(ns)?;
        self.with_process(|p| p.namespaces.net = ns);
        Ok(())
    }

    /// `ip link add NAME type bridge`.
    pub fn add_bridge(&self, ns: NetNamespaceId, name: &str, mac: [u8; 6]) -> SysResult<()> {
        self.rewire(|t| t.add_link(ns, name, InterfaceKind::Bridge, mac).map(drop))
    }

    /// `ip link add … type veth peer …`: ends may lie in two namespaces.
    pub fn add_veth(&self, a: (NetNamespaceId, &str, [u8; 6]), b: (NetNamespaceId, &str, [u8; 6])) -> SysResult<()> {
        self.rewire(|t| t.add_pair(a, b, InterfaceKind::Veth))
    }

    /// `ip link del`.
    pub fn remove_link(&self, ns: NetNamespaceId, name: &str) -> SysResult<()> {
        self.rewire(|t| t.remove_link(ns, name))
    }

    /// `ip link set NAME master BRIDGE`, or `nomaster`.
    pub fn set_master(&self, ns: NetNamespaceId, name: &str, bridge: Option<&str>) -> SysResult<()> {
        self.rewire(|t| t.set_master(ns, name, bridge))
    }

    /// `ip link set NAME up|down`.
    pub fn set_link_up(&self, ns: NetNamespaceId, name: &str, up: bool) -> SysResult<()> {
        self.rewire(|t| t.set_up(ns, name, up))
    }

    /// `ip addr add`: the route to its subnet comes with it.
    pub fn add_address(&self, ns: NetNamespaceId, name: &str, address: IpAddr, prefix: u8) -> SysResult<()> {
        self.rewire(|t| t.add_address(ns, name, address, prefix))
    }

    /// `ip addr del`.
    pub fn remove_address(&self, ns: NetNamespaceId, name: &str, address: IpAddr) -> SysResult<()> {
        self.rewire(|t| t.remove_address(ns, name, address))
    }

    /// `ip route add default via`.
    pub fn add_route(&self, ns: NetNamespaceId, route: Route) -> SysResult<()> {
        self.rewire(|t| t.add_route(ns, route))
    }

    /// `ip route del`.
    pub fn remove_route(&self, ns: NetNamespaceId, destination: (Ipv4Addr, u8)) -> SysResult<()> {
        self.rewire(|t| t.remove_route(ns, destination))
    }

    /// Isolation between bridges (Docker's `DOCKER-ISOLATION` chains): containers on a bridge marked so
    /// reach no other such bridge. `internal` also cuts the way outside.
    pub fn isolate_bridge(&self, ns: NetNamespaceId, bridge: &str, internal: bool) -> SysResult<()> {
        self.rewire(|t| {
            let link = t.find(ns, bridge)?;
            t.namespace_mut(ns)?.isolated.insert(link, internal);
            Ok(())
        })
    }

    /// Publishes a port; `EADDRINUSE` where it is taken by another forward or a listening socket.
    pub fn add_forward(&self, ns: NetNamespaceId, forward: PortForward) -> SysResult<()> {
        self.admin()?;
        net::add_forward(self.kernel.network.core(), ns, forward)
    }

    /// Takes a published port back.
    pub fn remove_forward(&self, ns: NetNamespaceId, forward: &PortForward) -> SysResult<()> {
        self.admin()?;
        net::remove_forward(self.kernel.network.core(), ns, forward)
    }

    /// All interfaces of a namespace.
    pub fn interfaces(&self, ns: NetNamespaceId) -> SysResult<Vec<Interface>> {
        self.kernel.network.core().topology().interfaces(ns)
    }

    /// Its routes.
    pub fn routes(&self, ns: NetNamespaceId) -> SysResult<Vec<Route>> {
        self.kernel.network.core().topology().routes(ns)
    }

    /// Its sockets.
    pub fn sockets(&self, ns: NetNamespaceId) -> SysResult<Vec<SocketEntry>> {
        self.kernel.network.sockets(ns)
    }

    fn admin(&self) -> SysResult<()> {
        if self.credentials().has(crate::process::capability::NET_ADMIN) { Ok(()) } else { Err(Errno::EPERM) }
    }

    fn rewire(&self, f: impl FnOnce(&mut Topology) -> SysResult<()>) -> SysResult<()> {
        self.admin()?;
        self.kernel.network.core().change(f)
    }
}
