//! Network namespaces, interfaces, bridges, routes, NAT, TCP, UDP, ICMP echo and Unix sockets.

mod bytes;
mod core;
pub mod dns;
mod forward;
mod icmp;
mod namespace;
mod path;
pub mod resolve;
mod socket;
mod table;
mod tcp;
#[cfg(test)]
mod tests;
mod udp;
mod unix;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

pub(crate) use forward::{add as add_forward, remove as remove_forward};
pub(crate) use namespace::Topology;
pub use resolve::resolve;
pub(crate) use socket::description;
pub use socket::{Identity, Socket};
pub(crate) use tcp::downcast as tcp_socket;
pub(crate) use unix::{UnixKey, downcast as unix_socket};

use self::core::Core;
use self::icmp::PingSocket;
use self::table::SocketTable;
use self::tcp::TcpSocket;
use self::udp::UdpSocket;
use self::unix::UnixSocket;
use crate::errno::{Errno, SysResult};
use crate::io::Fd;
use crate::kernel::{Clock, Instant};
use crate::process::Pid;

/// A network namespace. 0 is the host's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default)]
pub struct NetNamespaceId(pub u32);

impl NetNamespaceId {
    /// The host's.
    pub const HOST: NetNamespaceId = NetNamespaceId(0);
    /// The world behind the host's `eth0`: a router (10.0.2.2) that answers `ping` and knows no further
    /// network. What a real client outside sends comes from a socket in here.
    pub const OUTSIDE: NetNamespaceId = NetNamespaceId(u32::MAX);
}

/// An address of a socket.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SocketAddress {
    /// IPv4 or IPv6 with a port.
    Inet(SocketAddr),
    /// A Unix socket's path, or an abstract name after a NUL character; `None`: unnamed.
    Unix(Option<String>),
}

/// What kind of socket to make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SocketKind {
    /// TCP over IPv4.
    Tcp4,
    /// TCP over IPv6; bound to `[::]` it takes IPv4 too unless `IPV6_V6ONLY`.
    Tcp6,
    /// UDP over IPv4.
    Udp4,
    /// UDP over IPv6.
    Udp6,
    /// ICMP echo over IPv4 (Linux's ping sockets): `send_to` a payload, `recv_from` gives replies.
    Ping4,
    /// A Unix stream socket.
    UnixStream,
}

/// Which half to close.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shutdown {
    /// `SHUT_RD`.
    Read,
    /// `SHUT_WR`.
    Write,
    /// `SHUT_RDWR`.
    Both,
}

/// Who is at the other end of a Unix socket (`SO_PEERCRED`), in the kernel's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PeerCredentials {
    /// Process.
    pub pid: Pid,
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
}

pub use crate::io::relay::StreamId;

/// The namespace's view of one interface.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interface {
    /// Number in the namespace.
    pub index: u32,
    /// Name: `lo`, `eth0`, `docker0`, `veth1a2b3c4`.
    pub name: String,
    /// What it is.
    pub kind: InterfaceKind,
    /// Hardware address.
    pub mac: [u8; 6],
    /// Largest packet.
    pub mtu: u32,
    /// Administratively up.
    pub up: bool,
    /// Something is at the other end: the peer of a cable is up, a bridge has a port with a carrier.
    pub carrier: bool,
    /// Addresses with the length of their prefix.
    pub addresses: Vec<(IpAddr, u8)>,
    /// The bridge that it is a port of, by name.
    pub master: Option<String>,
    /// For veth: the number of the other end (in its namespace).
    pub peer_index: Option<u32>,
    /// Bytes and packets received, bytes and packets sent.
    pub counters: [u64; 4],
}

/// What an interface is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InterfaceKind {
    /// `lo`.
    Loopback,
    /// One end of a pair.
    Veth,
    /// A switch in software.
    Bridge,
    /// The host's card to the outside.
    Ethernet,
}

/// One line of the routing table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// Where to; `0.0.0.0/0` is the default route.
    pub destination: (Ipv4Addr, u8),
    /// Through which gateway, if not on the link.
    pub gateway: Option<Ipv4Addr>,
    /// Through which interface.
    pub interface: String,
    /// The source address that it gives.
    pub source: Option<Ipv4Addr>,
}

/// A published port: what arrives for `port` at the host goes to `to` (Docker's DNAT rule and proxy).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortForward {
    /// The host's address; unspecified: all of them.
    pub address: IpAddr,
    /// TCP, or UDP.
    pub tcp: bool,
    /// The host's port.
    pub port: u16,
    /// The container's address and port.
    pub to: SocketAddr,
}

/// An entry of `/proc/net/tcp`, for `ss` and `netstat`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SocketEntry {
    /// Its kind.
    pub kind: SocketKind,
    /// State by its name in `ss`: `LISTEN`, `ESTAB`, `SYN-SENT`, `CLOSE-WAIT`, …
    pub state: &'static str,
    /// This end.
    pub local: SocketAddress,
    /// The other end.
    pub peer: Option<SocketAddress>,
    /// Bytes waiting to be read, bytes not yet taken by the peer.
    pub queued: (usize, usize),
    /// Inode number of the socket.
    pub ino: u64,
    /// Who made it.
    pub uid: u32,
}

/// Why a name has no address (`getaddrinfo(3)`), with glibc's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResolveError {
    /// `Name or service not known`.
    NoName,
    /// `Temporary failure in name resolution`.
    Again,
    /// `No address associated with hostname`.
    NoAddress,
}

impl ResolveError {
    /// glibc's `gai_strerror`.
    pub fn message(self) -> &'static str {
        match self {
            ResolveError::NoName => "Name or service not known",
            ResolveError::Again => "Temporary failure in name resolution",
            ResolveError::NoAddress => "No address associated with hostname",
        }
    }
}

/// All network namespaces of the machine.
pub(crate) struct Network {
    core: Rc<Core>,
}

impl Network {
    /// The host's namespace with `lo` and `eth0` up, and a router outside.
    pub fn new(clock: Clock) -> Network {
        Network { core: Core::new(clock) }
    }

    /// Lets everything arrive whose time has come.
    pub fn deliver(&self, now: Instant) {
        self.core.deliver(now);
    }

    /// When the next thing arrives.
    pub fn next_event(&self) -> Option<Instant> {
        self.core.next_event()
    }

    /// What all sockets share.
    pub fn core(&self) -> &Rc<Core> {
        &self.core
    }

    /// A new socket in a namespace.
    pub fn socket(&self, ns: NetNamespaceId, kind: SocketKind, owner: PeerCredentials) -> SysResult<Rc<dyn Socket>> {
        self.core.topology().namespace(ns)?;
        Ok(match kind {
            SocketKind::Tcp4 => TcpSocket::new(&self.core, ns, false),
            SocketKind::Tcp6 => TcpSocket::new(&self.core, ns, true),
            SocketKind::Udp4 => UdpSocket::new(&self.core, ns, false),
            SocketKind::Udp6 => UdpSocket::new(&self.core, ns, true),
            SocketKind::Ping4 => PingSocket::new(&self.core, ns),
            SocketKind::UnixStream => UnixSocket::new(&self.core, ns, owner),
        })
    }

    /// Two Unix sockets connected with each other.
    pub fn pair(&self, ns: NetNamespaceId, owner: PeerCredentials) -> (Rc<dyn Socket>, Rc<dyn Socket>) {
        let (a, b) = UnixSocket::pair(&self.core, ns, owner);
        (a, b)
    }

    /// Makes a namespace.
    pub fn create_namespace(&self) -> NetNamespaceId {
        let ns = self.core.change(|t| t.create());
        self.core.tables.borrow_mut().insert(ns, SocketTable::new(ns));
        ns
    }

    /// Removes a namespace. Its sockets reach nobody any more.
    pub fn remove_namespace(&self, ns: NetNamespaceId) -> SysResult<()> {
        if ns == NetNamespaceId::HOST || ns == NetNamespaceId::OUTSIDE {
            return Err(Errno::EBUSY);
        }
        self.core.change(|t| t.remove(ns))?;
        let table = self.core.tables.borrow_mut().remove(&ns);
        drop(table);
        Ok(())
    }

    /// All sockets of a namespace.
    pub fn sockets(&self, ns: NetNamespaceId) -> SysResult<Vec<SocketEntry>> {
        let now = self.core.now();
        let (mut entries, ended) = self.core.table(ns, |table| {
            table.expire(now);
            let listeners = table.listeners.values().flatten();
            let tcp = listeners.chain(table.tcp.values()).map(|s| s.entry()).collect::<Vec<_>>();
            (tcp, table.time_wait.iter().map(table::TimeWait::entry).collect::<Vec<_>>())
        })?;
        entries.extend(ended);
        entries.extend(self.core.topology().namespace(ns)?.forwards.iter().map(PortForward::entry));
        entries.extend(UdpSocket::entries(&self.core, ns));
        entries.extend(self.core.unix.entries(ns));
        Ok(entries)
    }
}

/// What a received datagram carries.
pub struct Datagram {
    /// The payload.
    pub data: Vec<u8>,
    /// Who sent it.
    pub from: SocketAddress,
    /// Remaining hops, for `ping`.
    pub ttl: u8,
    /// On ping sockets: the request could not be answered, as `from` reports.
    pub error: Option<IcmpError>,
}

/// What a host or router reports to a ping socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IcmpError {
    /// `Destination Host Unreachable`.
    HostUnreachable,
    /// `Destination Net Unreachable`.
    NetUnreachable,
    /// `Time to live exceeded`.
    TimeExceeded,
}

/// Socket descriptor with the peer's address.
pub type Accepted = SysResult<(Fd, SocketAddress)>;
