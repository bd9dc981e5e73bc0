//! Network namespaces, interfaces, bridges, routes, NAT, TCP, UDP, ICMP echo and Unix sockets.

use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::errno::SysResult;
use crate::io::{File, Fd};

/// A network namespace. 0 is the host's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default)]
pub struct NetNamespaceId(pub u32);

/// An address of a socket.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SocketAddress {
    /// IPv4 or IPv6 with a port.
    Inet(SocketAddr),
    /// A Unix socket's path; `None`: unnamed.
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

/// A socket, as [`crate::io::FileRef`] shows it.
pub trait Socket: File + Any {
    /// Identifies the stream that reads come from: the address of a buffer that lives as long as the
    /// connection. `None` for listeners and datagrams.
    fn read_stream(&self) -> Option<StreamId>;
    /// Identifies the stream that writes go into: the peer's [`Socket::read_stream`].
    fn write_stream(&self) -> Option<StreamId>;
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
pub(crate) struct Network {}

impl Network {
    /// The host's namespace alone.
    pub fn new() -> Network {
        Network {}
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
}

/// `getaddrinfo` for a host name or numeric address: `/etc/hosts`, then the name servers of
/// `/etc/resolv.conf` over UDP port 53 (search domains, ndots). A library function, not a system call.
pub async fn resolve(sys: &crate::Sys, host: &str) -> Result<Vec<IpAddr>, ResolveError> {
    let _ = (sys, host);
    todo!("net")
}

/// Socket descriptor with the peer's address.
pub type Accepted = SysResult<(Fd, SocketAddress)>;
