//! What all kinds of sockets have in common, and the file that a descriptor of one refers to.

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

use super::{Datagram, Shutdown, SocketAddress, StreamId};
use crate::errno::{Errno, SysResult};
use crate::fs::{Attr, FileKind};
use crate::io::{Description, File, FileRef, Ready};
use crate::kernel::{UnixTime, WaitQueue};

/// A socket, as [`crate::io::FileRef`] shows it. No operation waits: see [`File`].
pub trait Socket: File + Any {
    /// Identifies the stream that reads come from: the address of something that lives as long as the
    /// connection. `None` for listeners and datagrams.
    fn read_stream(&self) -> Option<StreamId> {
        None
    }

    /// Identifies the stream that writes go into: the peer's [`Socket::read_stream`].
    fn write_stream(&self) -> Option<StreamId> {
        None
    }

    /// `bind(2)`.
    fn bind(&self, address: &SocketAddress) -> SysResult<()> {
        let _ = address;
        Err(Errno::EOPNOTSUPP)
    }

    /// `listen(2)`.
    fn listen(&self, backlog: u32) -> SysResult<()> {
        let _ = backlog;
        Err(Errno::EOPNOTSUPP)
    }

    /// `accept(2)`: the next connection and where it comes from, or `EAGAIN`.
    fn accept(&self) -> SysResult<(Rc<dyn Socket>, SocketAddress)> {
        Err(Errno::EOPNOTSUPP)
    }

    /// `connect(2)`: done, failed, or `EINPROGRESS`.
    fn connect(&self, address: &SocketAddress) -> SysResult<()> {
        let _ = address;
        Err(Errno::EOPNOTSUPP)
    }

    /// After `EINPROGRESS`: `EAGAIN` while the connection is being made, then what came of it.
    fn connected(&self) -> SysResult<()> {
        Ok(())
    }

    /// Takes the pending error (`SO_ERROR`).
    fn take_error(&self) -> Option<Errno> {
        None
    }

    /// `getsockname(2)`.
    fn local(&self) -> SocketAddress;

    /// `getpeername(2)`.
    fn peer(&self) -> SysResult<SocketAddress> {
        Err(Errno::ENOTCONN)
    }

    /// `shutdown(2)`.
    fn shutdown(&self, how: Shutdown) -> SysResult<()> {
        let _ = how;
        Err(Errno::EOPNOTSUPP)
    }

    /// `sendto(2)`.
    fn send_to(&self, data: &[u8], to: &SocketAddress) -> SysResult<usize> {
        let _ = (data, to);
        Err(Errno::EOPNOTSUPP)
    }

    /// `recvfrom(2)`, or `EAGAIN`.
    fn recv_from(&self) -> SysResult<Datagram> {
        Err(Errno::EOPNOTSUPP)
    }

    /// `setsockopt(IP_TTL)`.
    fn set_ttl(&self, ttl: u8) -> SysResult<()> {
        let _ = ttl;
        Err(Errno::ENOPROTOOPT)
    }

    /// Number, owner and birth.
    fn identity(&self) -> &Identity;

    /// The last descriptor was closed.
    fn released(&self);
}

/// What the file system knows of a socket.
#[derive(Default)]
pub struct Identity {
    ino: Cell<u64>,
    uid: Cell<u32>,
    created: Cell<UnixTime>,
}

impl Identity {
    /// Gives a socket its number, owner and birth.
    pub fn set(&self, ino: u64, uid: u32, created: UnixTime) {
        self.ino.set(ino);
        self.uid.set(uid);
        self.created.set(created);
    }

    /// Inode number; 0 before the socket has a descriptor.
    pub fn ino(&self) -> u64 {
        self.ino.get()
    }

    /// Who made it.
    pub fn uid(&self) -> u32 {
        self.uid.get()
    }
}

/// The attributes that `fstat` gives for a socket.
pub(crate) fn attr(identity: &Identity) -> Attr {
    let t = identity.created.get();
    let (ino, uid) = (identity.ino(), identity.uid());
    Attr { ino, uid, kind: FileKind::Socket, mode: 0o777, nlink: 1, atime: t, mtime: t, ctime: t, ..Attr::default() }
}

/// An open file description of a socket: its end is the socket's last `close`.
struct SocketFile {
    socket: Rc<dyn Socket>,
}

/// A description of a socket.
pub(crate) fn description(socket: Rc<dyn Socket>) -> Rc<Description> {
    Description::new(SocketFile { socket })
}

impl File for SocketFile {
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        self.socket.read(buf)
    }

    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        self.socket.write(buf)
    }

    fn ready(&self) -> Ready {
        self.socket.ready()
    }

    fn queue(&self) -> Option<&WaitQueue> {
        self.socket.queue()
    }

    fn attr(&self) -> SysResult<Attr> {
        Ok(attr(self.socket.identity()))
    }

    fn label(&self) -> String {
        format!("socket:[{}]", self.socket.identity().ino())
    }

    fn kind(&self) -> FileRef<'_> {
        FileRef::Socket(&self.socket)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        self.socket.released();
    }
}
