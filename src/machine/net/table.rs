//! The sockets of one namespace: who is bound to which port, who listens, which connections there are.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::rc::{Rc, Weak};

use super::tcp::{TcpSocket, show};
use super::udp::UdpSocket;
use super::{NetNamespaceId, SocketAddress, SocketEntry, SocketKind};
use crate::errno::{Errno, SysResult};
use crate::kernel::Instant;

/// Ports that the kernel chooses from (`net.ipv4.ip_local_port_range`).
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32768..=60999;
/// Connections remembered after their end, at most.
const TIME_WAIT_MAX: usize = 4096;

/// Ports in use by one protocol.
#[derive(Default)]
pub(crate) struct Ports {
    used: BTreeMap<u16, u32>,
    next: u16,
}

impl Ports {
    /// Takes a port.
    pub fn take(&mut self, port: u16) {
        *self.used.entry(port).or_insert(0) += 1;
    }

    /// Gives a port back.
    pub fn give_back(&mut self, port: u16) {
        if let Some(count) = self.used.get_mut(&port) {
            *count -= 1;
            if *count == 0 {
                self.used.remove(&port);
            }
        }
    }

    /// A free port, taken. They follow each other in steps that only look random.
    pub fn choose(&mut self) -> SysResult<u16> {
        let count = u32::from(EPHEMERAL.end() - EPHEMERAL.start()) + 1;
        for _ in 0..count {
            // 7919 has no factor in common with the number of ports: all come in turn.
            self.next = ((u32::from(self.next) + 7919) % count) as u16;
            let port = EPHEMERAL.start() + self.next;
            if !self.used.contains_key(&port) {
                self.take(port);
                return Ok(port);
            }
        }
        Err(Errno::EADDRNOTAVAIL)
    }
}

/// A connection that ended, as `ss` shows it for a minute.
pub(crate) struct TimeWait {
    pub until: Instant,
    pub local: SocketAddr,
    pub remote: SocketAddr,
    pub v6: bool,
}

impl TimeWait {
    /// Its line in `/proc/net/tcp`.
    pub fn entry(&self) -> SocketEntry {
        SocketEntry {
            kind: if self.v6 { SocketKind::Tcp6 } else { SocketKind::Tcp4 },
            state: "TIME-WAIT",
            local: SocketAddress::Inet(show(self.local, self.v6)),
            peer: Some(SocketAddress::Inet(show(self.remote, self.v6))),
            queued: (0, 0),
            ino: 0,
            uid: 0,
        }
    }
}

/// The sockets of one namespace.
pub(crate) struct SocketTable {
    pub tcp: BTreeMap<u64, Rc<TcpSocket>>,
    pub listeners: BTreeMap<u16, Vec<Rc<TcpSocket>>>,
    /// Who takes connections to any address and port (`IP_TRANSPARENT`).
    pub transparent: Weak<TcpSocket>,
    pub udp: BTreeMap<u16, Vec<Weak<UdpSocket>>>,
    pub tcp_ports: Ports,
    pub udp_ports: Ports,
    pub ping_ids: Ports,
    pub time_wait: VecDeque<TimeWait>,
    next: u64,
}

impl SocketTable {
    /// An empty table.
    pub fn new(ns: NetNamespaceId) -> SocketTable {
        let ports = |salt: u32| {
            let next = (ns.0.wrapping_mul(2_654_435_761).wrapping_add(salt) % 28_000) as u16;
            Ports { used: BTreeMap::new(), next }
        };
        SocketTable {
            tcp: BTreeMap::new(),
            listeners: BTreeMap::new(),
            transparent: Weak::new(),
            udp: BTreeMap::new(),
            tcp_ports: ports(11_117),
            udp_ports: ports(3_571),
            ping_ids: ports(0),
            time_wait: VecDeque::new(),
            next: 0,
        }
    }

    /// Keeps a TCP socket alive while it has a connection; the number is for [`SocketTable::forget_tcp`].
    pub fn keep_tcp(&mut self, socket: Rc<TcpSocket>) -> u64 {
        self.next += 1;
        self.tcp.insert(self.next, socket);
        self.next
    }

    /// Lets a TCP socket go.
    #[must_use]
    pub fn forget_tcp(&mut self, number: u64) -> Option<Rc<TcpSocket>> {
        self.tcp.remove(&number)
    }

    /// Who listens for a connection to `to`: an exact address before a wildcard.
    pub fn listener(&self, to: SocketAddr) -> Option<Rc<TcpSocket>> {
        let at = self.listeners.get(&to.port()).map_or(&[][..], Vec::as_slice);
        let exact = at.iter().find(|l| l.bound_ip() == to.ip());
        let found = exact.or_else(|| at.iter().find(|l| overlaps((l.bound_ip(), l.v6_only()), (to.ip(), false))));
        found.cloned().or_else(|| self.transparent.upgrade())
    }

    /// Whether somebody listens where a socket bound to `address` would.
    pub fn is_listening(&self, address: IpAddr, port: u16, v6_only: bool) -> bool {
        let at = self.listeners.get(&port);
        at.is_some_and(|at| at.iter().any(|l| overlaps((l.bound_ip(), l.v6_only()), (address, v6_only))))
    }

    /// Notes the end of a connection.
    pub fn add_time_wait(&mut self, now: Instant, entry: TimeWait) {
        self.expire(now);
        if self.time_wait.len() >= TIME_WAIT_MAX {
            self.time_wait.pop_front();
        }
        self.time_wait.push_back(entry);
    }

    /// Forgets connections that ended long ago.
    pub fn expire(&mut self, now: Instant) {
        while self.time_wait.front().is_some_and(|t| t.until <= now) {
            self.time_wait.pop_front();
        }
    }
}

/// Whether two bound addresses take the same packets. The IPv6 wildcard takes IPv4 too unless it is for
/// IPv6 only.
pub(crate) fn overlaps(a: (IpAddr, bool), b: (IpAddr, bool)) -> bool {
    let takes = |wild: (IpAddr, bool), other: IpAddr| match wild.0 {
        IpAddr::V4(v4) => v4.is_unspecified() && other.is_ipv4(),
        IpAddr::V6(v6) => v6.is_unspecified() && (other.is_ipv6() || !wild.1),
    };
    a.0 == b.0 || takes(a, b.0) || takes(b, a.0)
}
