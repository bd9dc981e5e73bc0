//! Sockets.

use std::rc::Rc;

use super::Sys;
use crate::errno::{Errno, SysResult};
use crate::io::{Description, Fd, FileRef};
use crate::net::{
    Accepted, Datagram, NetNamespaceId, PeerCredentials, Shutdown, Socket, SocketAddress, SocketKind, UnixKey,
    description, tcp_socket, unix_socket,
};

impl Sys {
    /// `socket(2)`, close-on-exec.
    pub fn socket(&self, kind: SocketKind) -> SysResult<Fd> {
        self.socket_in(self.netns(), kind)
    }

    /// `socketpair(2)` of Unix streams, close-on-exec.
    pub fn socketpair(&self) -> SysResult<(Fd, Fd)> {
        let (a, b) = self.kernel.network.pair(self.netns(), self.owner());
        let a = self.add_socket(a)?;
        let b = self.add_socket(b).inspect_err(|_| {
            let _ = self.close(a);
        })?;
        Ok((a, b))
    }

    /// `bind(2)`. Port 0 takes a free one. TCP sockets have `SO_REUSEADDR` on, as servers set it.
    pub fn bind(&self, fd: Fd, address: &SocketAddress) -> SysResult<()> {
        let description = self.description(fd)?;
        let socket = socket_of(&description)?;
        let Some(unix) = unix_socket(socket) else { return socket.bind(address) };
        let name = unix_name(address)?;
        unix.may_bind()?;
        unix.bind_to(self.make_unix_key(name)?, name.to_string())
    }

    /// `listen(2)`.
    pub fn listen(&self, fd: Fd, backlog: u32) -> SysResult<()> {
        socket_of(&*self.description(fd)?)?.listen(backlog)
    }

    /// `accept4(2)`, close-on-exec. Waits unless the listener is non-blocking.
    pub async fn accept(&self, fd: Fd) -> Accepted {
        let listener = self.description(fd)?;
        let (socket, from) = self.retry(&listener, |d| socket_of(d)?.accept(), false).await?;
        Ok((self.add_socket(socket)?, from))
    }

    /// `connect(2)`. Non-blocking: `EINPROGRESS`, then wait for writable and ask [`Sys::socket_error`].
    pub async fn connect(&self, fd: Fd, address: &SocketAddress) -> SysResult<()> {
        let description = self.description(fd)?;
        let socket = socket_of(&description)?.clone();
        if unix_socket(&socket).is_some() {
            return self.connect_unix(&description, &socket, address).await;
        }
        match socket.connect(address) {
            Err(Errno::EINPROGRESS | Errno::EALREADY) if !description.nonblocking.get() => {}
            result => return result,
        }
        self.retry(&description, |_| socket.connected(), true).await
    }

    async fn connect_unix(
        &self,
        description: &Rc<Description>,
        socket: &Rc<dyn Socket>,
        address: &SocketAddress,
    ) -> SysResult<()> {
        let unix = unix_socket(socket).ok_or(Errno::ENOTSOCK)?;
        let name = unix_name(address)?;
        let key = match name.strip_prefix('\0') {
            Some(_) => UnixKey::Abstract(self.netns(), name.to_string()),
            None => {
                let (vfs, context) = self.files()?;
                let (device, ino) = vfs.find_socket(&context, name)?;
                UnixKey::Node(device, ino)
            }
        };
        loop {
            match unix.connect_to(&key) {
                Err(Errno::EAGAIN) if !description.nonblocking.get() => {
                    let listener = self.kernel.network.core().unix.listener(&key).ok_or(Errno::ECONNREFUSED)?;
                    if let Some(queue) = crate::io::File::queue(&*listener) {
                        self.wait_on(queue).await?;
                    }
                }
                result => return result,
            }
        }
    }

    fn make_unix_key(&self, name: &str) -> SysResult<UnixKey> {
        if name.starts_with('\0') {
            return Ok(UnixKey::Abstract(self.netns(), name.to_string()));
        }
        let (vfs, context) = self.files()?;
        let umask = self.with_process(|p| p.fs.umask);
        let (device, ino) = vfs.make_socket(&context, name, 0o777 & !umask)?;
        Ok(UnixKey::Node(device, ino))
    }

    /// `getsockopt(SO_ERROR)`: takes the pending error.
    pub fn socket_error(&self, fd: Fd) -> SysResult<()> {
        match socket_of(&*self.description(fd)?)?.take_error() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// `getsockname(2)`.
    pub fn socket_name(&self, fd: Fd) -> SysResult<SocketAddress> {
        Ok(socket_of(&*self.description(fd)?)?.local())
    }

    /// `getpeername(2)`.
    pub fn peer_name(&self, fd: Fd) -> SysResult<SocketAddress> {
        socket_of(&*self.description(fd)?)?.peer()
    }

    /// `getsockopt(SO_PEERCRED)` on a connected Unix socket, the process's number as the caller sees it.
    pub fn peer_credentials(&self, fd: Fd) -> SysResult<PeerCredentials> {
        let description = self.description(fd)?;
        let unix = unix_socket(socket_of(&description)?).ok_or(Errno::EOPNOTSUPP)?;
        let peer = unix.peer_credentials().ok_or(Errno::ENOTCONN)?;
        Ok(PeerCredentials { pid: self.inside(peer.pid), ..peer })
    }

    /// `shutdown(2)`.
    pub fn shutdown(&self, fd: Fd, how: Shutdown) -> SysResult<()> {
        socket_of(&*self.description(fd)?)?.shutdown(how)
    }

    /// `sendto(2)` on a datagram or ping socket.
    pub fn send_to(&self, fd: Fd, data: &[u8], to: &SocketAddress) -> SysResult<usize> {
        socket_of(&*self.description(fd)?)?.send_to(data, to)
    }

    /// `recvfrom(2)` on a datagram or ping socket. Waits unless non-blocking.
    pub async fn recv_from(&self, fd: Fd) -> SysResult<Datagram> {
        let description = self.description(fd)?;
        self.retry(&description, |d| socket_of(d)?.recv_from(), false).await
    }

    /// `setsockopt(IP_TTL)`.
    pub fn set_ttl(&self, fd: Fd, ttl: u8) -> SysResult<()> {
        socket_of(&*self.description(fd)?)?.set_ttl(ttl)
    }

    /// `setsockopt(IPV6_V6ONLY)` on a TCP socket that is not bound yet.
    pub fn set_v6_only(&self, fd: Fd, only: bool) -> SysResult<()> {
        let description = self.description(fd)?;
        tcp_socket(socket_of(&description)?).ok_or(Errno::ENOPROTOOPT)?.set_v6_only(only)
    }

    /// `setsockopt(IP_TRANSPARENT)` on a listening TCP socket, for administrators: it takes connections to any
    /// address and port that come into its namespace; [`Sys::socket_name`] of an accepted one tells which. In
    /// [`NetNamespaceId::OUTSIDE`] that makes a gateway from the machine to a real network.
    pub fn set_transparent(&self, fd: Fd) -> SysResult<()> {
        if !self.credentials().is_admin() {
            return Err(Errno::EPERM);
        }
        let description = self.description(fd)?;
        tcp_socket(socket_of(&description)?).ok_or(Errno::ENOPROTOOPT)?.set_transparent()
    }

    /// A socket made by this process in another namespace than its own (dockerd's DNS servers, proxies).
    pub fn socket_in(&self, ns: NetNamespaceId, kind: SocketKind) -> SysResult<Fd> {
        self.add_socket(self.kernel.network.socket(ns, kind, self.owner())?)
    }

    fn add_socket(&self, socket: Rc<dyn Socket>) -> SysResult<Fd> {
        let uid = self.with_process(|p| p.credentials.euid);
        socket.identity().set(self.kernel.vfs.anonymous_ino(), uid, self.wall_clock());
        self.add_description(description(socket), true)
    }

    fn owner(&self) -> PeerCredentials {
        self.with_process(|p| PeerCredentials { pid: p.pid, uid: p.credentials.euid, gid: p.credentials.egid })
    }
}

fn socket_of(description: &Description) -> SysResult<&Rc<dyn Socket>> {
    match description.file.kind() {
        FileRef::Socket(socket) => Ok(socket),
        _ => Err(Errno::ENOTSOCK),
    }
}

fn unix_name(address: &SocketAddress) -> SysResult<&str> {
    /// The longest path in a `sockaddr_un`.
    const LONGEST: usize = 108;
    match address {
        SocketAddress::Unix(Some(name)) if name.len() <= LONGEST => Ok(name),
        _ => Err(Errno::EINVAL),
    }
}
