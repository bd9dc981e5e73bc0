//! Sockets.

use super::Sys;
use crate::errno::SysResult;
use crate::io::Fd;
use crate::net::{Accepted, Datagram, Shutdown, SocketAddress, SocketKind};

impl Sys {
    /// `socket(2)`, close-on-exec.
    pub fn socket(&self, kind: SocketKind) -> SysResult<Fd> {
        let _ = kind;
        todo!("net")
    }

    /// `socketpair(2)` of Unix streams.
    pub fn socketpair(&self) -> SysResult<(Fd, Fd)> {
        todo!("net")
    }

    /// `bind(2)`. Port 0 takes a free one. TCP sockets have `SO_REUSEADDR` on, as servers set it.
    pub fn bind(&self, fd: Fd, address: &SocketAddress) -> SysResult<()> {
        let _ = (fd, address);
        todo!("net")
    }

    /// `listen(2)`.
    pub fn listen(&self, fd: Fd, backlog: u32) -> SysResult<()> {
        let _ = (fd, backlog);
        todo!("net")
    }

    /// `accept4(2)`, close-on-exec. Waits unless the listener is non-blocking.
    pub async fn accept(&self, fd: Fd) -> Accepted {
        let _ = fd;
        todo!("net")
    }

    /// `connect(2)`. Non-blocking: `EINPROGRESS`, then wait for writable and ask [`Sys::socket_error`].
    pub async fn connect(&self, fd: Fd, address: &SocketAddress) -> SysResult<()> {
        let _ = (fd, address);
        todo!("net")
    }

    /// `getsockopt(SO_ERROR)`: takes the pending error.
    pub fn socket_error(&self, fd: Fd) -> SysResult<()> {
        let _ = fd;
        todo!("net")
    }

    /// `getsockname(2)`.
    pub fn socket_name(&self, fd: Fd) -> SysResult<SocketAddress> {
        let _ = fd;
        todo!("net")
    }

    /// `getpeername(2)`.
    pub fn peer_name(&self, fd: Fd) -> SysResult<SocketAddress> {
        let _ = fd;
        todo!("net")
    }

    /// `shutdown(2)`.
    pub fn shutdown(&self, fd: Fd, how: Shutdown) -> SysResult<()> {
        let _ = (fd, how);
        todo!("net")
    }

    /// `sendto(2)` on a datagram or ping socket.
    pub fn send_to(&self, fd: Fd, data: &[u8], to: &SocketAddress) -> SysResult<usize> {
        let _ = (fd, data, to);
        todo!("net")
    }

    /// `recvfrom(2)` on a datagram or ping socket. Waits unless non-blocking.
    pub async fn recv_from(&self, fd: Fd) -> SysResult<Datagram> {
        let _ = fd;
        todo!("net")
    }

    /// `setsockopt(IP_TTL)`.
    pub fn set_ttl(&self, fd: Fd, ttl: u8) -> SysResult<()> {
        let _ = (fd, ttl);
        todo!("net")
    }
}
