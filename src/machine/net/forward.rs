//! Published ports: which are taken, and by whom.

use std::net::{IpAddr, SocketAddr};

use super::core::Core;
use super::namespace::Namespace;
use super::table::overlaps;
use super::{NetNamespaceId, PortForward, SocketAddress, SocketEntry, SocketKind};
use crate::errno::{Errno, SysResult};

impl Namespace {
    /// Whether a published port takes what is for this address and port.
    pub fn forwarded(&self, tcp: bool, address: IpAddr, port: u16, v6_only: bool) -> bool {
        let at = |f: &PortForward| f.tcp == tcp && f.port == port;
        // The proxy's IPv6 sockets are for IPv6 only.
        self.forwards.iter().any(|f| at(f) && overlaps((f.address, true), (address, v6_only)))
    }
}

impl PortForward {
    /// The socket that Docker's proxy listens on for it.
    pub(crate) fn entry(&self) -> SocketEntry {
        let kind = match (self.tcp, self.address.is_ipv4()) {
            (true, true) => SocketKind::Tcp4,
            (true, false) => SocketKind::Tcp6,
            (false, true) => SocketKind::Udp4,
            (false, false) => SocketKind::Udp6,
        };
        SocketEntry {
            kind,
            state: if self.tcp { "LISTEN" } else { "UNCONN" },
            local: SocketAddress::Inet(SocketAddr::new(self.address, self.port)),
            peer: None,
            queued: (0, if self.tcp { 4096 } else { 0 }),
            ino: 0,
            uid: 0,
        }
    }
}

/// Publishes a port; `EADDRINUSE` where it is taken.
pub(crate) fn add(core: &Core, ns: NetNamespaceId, forward: PortForward) -> SysResult<()> {
    if !core.topology().is_own(ns, forward.address) {
        return Err(Errno::EADDRNOTAVAIL);
    }
    let taken = core.topology().namespace(ns)?.forwarded(forward.tcp, forward.address, forward.port, true);
    let used = core.table(ns, |table| {
        if forward.tcp {
            return table.is_listening(forward.address, forward.port, true);
        }
        let sockets = table.udp.get(&forward.port).into_iter().flatten().filter_map(std::rc::Weak::upgrade);
        sockets.into_iter().any(|s| overlaps((s.bound_ip(), false), (forward.address, true)))
    })?;
    if taken || used {
        return Err(Errno::EADDRINUSE);
    }
    core.change(|topology| topology.namespace_mut(ns).map(|space| space.forwards.push(forward)))
}

/// Takes a published port back.
pub(crate) fn remove(core: &Core, ns: NetNamespaceId, forward: &PortForward) -> SysResult<()> {
    core.change(|topology| {
        let forwards = &mut topology.namespace_mut(ns)?.forwards;
        let before = forwards.len();
        forwards.retain(|f| f != forward);
        if forwards.len() == before { Err(Errno::ENOENT) } else { Ok(()) }
    })
}
