//! Setting up networks (netlink's work): interfaces, addresses, routes, published ports. Reading is free
//! to all, changing is for administrators (`EPERM`).

use std::net::{IpAddr, Ipv4Addr};

use super::Sys;
use crate::errno::SysResult;
use crate::net::{Interface, NetNamespaceId, PortForward, Route, SocketEntry};

impl Sys {
    /// A new network namespace with a loopback interface that is down.
    pub fn netns_create(&self) -> SysResult<NetNamespaceId> {
        todo!("net")
    }

    /// Removes a namespace and what is in it (bridge ports and peers of veths go too).
    pub fn netns_remove(&self, ns: NetNamespaceId) -> SysResult<()> {
        let _ = ns;
        todo!("net")
    }

    /// The namespace of the calling process.
    pub fn netns(&self) -> NetNamespaceId {
        self.with_process(|p| p.namespaces.net)
    }

    /// `setns(2)`: the calling process moves to `ns`.
    pub fn set_netns(&self, ns: NetNamespaceId) -> SysResult<()> {
        let _ = ns;
        todo!("net")
    }

    /// A socket made by this process in another namespace than its own (dockerd's DNS servers, proxies).
    pub fn socket_in(&self, ns: NetNamespaceId, kind: crate::net::SocketKind) -> SysResult<crate::Fd> {
        let _ = (ns, kind);
        todo!("net")
    }

    /// `ip link add NAME type bridge`.
    pub fn add_bridge(&self, ns: NetNamespaceId, name: &str, mac: [u8; 6]) -> SysResult<()> {
        let _ = (ns, name, mac);
        todo!("net")
    }

    /// `ip link add … type veth peer …`: ends may lie in two namespaces.
    pub fn add_veth(&self, a: (NetNamespaceId, &str, [u8; 6]), b: (NetNamespaceId, &str, [u8; 6])) -> SysResult<()> {
        let _ = (a, b);
        todo!("net")
    }

    /// `ip link del`.
    pub fn remove_link(&self, ns: NetNamespaceId, name: &str) -> SysResult<()> {
        let _ = (ns, name);
        todo!("net")
    }

    /// `ip link set NAME master BRIDGE`, or `nomaster`.
    pub fn set_master(&self, ns: NetNamespaceId, name: &str, bridge: Option<&str>) -> SysResult<()> {
        let _ = (ns, name, bridge);
        todo!("net")
    }

    /// `ip link set NAME up|down`.
    pub fn set_link_up(&self, ns: NetNamespaceId, name: &str, up: bool) -> SysResult<()> {
        let _ = (ns, name, up);
        todo!("net")
    }

    /// `ip addr add`: the route to its subnet comes with it.
    pub fn add_address(&self, ns: NetNamespaceId, name: &str, address: IpAddr, prefix: u8) -> SysResult<()> {
        let _ = (ns, name, address, prefix);
        todo!("net")
    }

    /// `ip addr del`.
    pub fn remove_address(&self, ns: NetNamespaceId, name: &str, address: IpAddr) -> SysResult<()> {
        let _ = (ns, name, address);
        todo!("net")
    }

    /// `ip route add default via`.
    pub fn add_route(&self, ns: NetNamespaceId, route: Route) -> SysResult<()> {
        let _ = (ns, route);
        todo!("net")
    }

    /// `ip route del`.
    pub fn remove_route(&self, ns: NetNamespaceId, destination: (Ipv4Addr, u8)) -> SysResult<()> {
        let _ = (ns, destination);
        todo!("net")
    }

    /// Isolation between bridges (Docker's `DOCKER-ISOLATION` chains): containers on a bridge marked so
    /// reach no other such bridge. `internal` also cuts the way outside.
    pub fn isolate_bridge(&self, ns: NetNamespaceId, bridge: &str, internal: bool) -> SysResult<()> {
        let _ = (ns, bridge, internal);
        todo!("net")
    }

    /// Publishes a port; `EADDRINUSE` where it is taken by another forward or a listening socket.
    pub fn add_forward(&self, ns: NetNamespaceId, forward: PortForward) -> SysResult<()> {
        let _ = (ns, forward);
        todo!("net")
    }

    /// Takes a published port back.
    pub fn remove_forward(&self, ns: NetNamespaceId, forward: &PortForward) -> SysResult<()> {
        let _ = (ns, forward);
        todo!("net")
    }

    /// All interfaces of a namespace.
    pub fn interfaces(&self, ns: NetNamespaceId) -> SysResult<Vec<Interface>> {
        let _ = ns;
        todo!("net")
    }

    /// Its routes.
    pub fn routes(&self, ns: NetNamespaceId) -> SysResult<Vec<Route>> {
        let _ = ns;
        todo!("net")
    }

    /// Its sockets.
    pub fn sockets(&self, ns: NetNamespaceId) -> SysResult<Vec<SocketEntry>> {
        let _ = ns;
        todo!("net")
    }
}
