//! Opening real sockets.

use mio::net::{TcpListener, TcpStream, UnixListener};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;

fn failed(what: &str) -> impl Fn(Errno) -> String {
    move |error| format!("{what}: {}", super::host::words(&error.into()))
}

fn socket(family: AddressFamily) -> Result<OwnedFd, String> {
    net::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)
        .map_err(failed("socket"))
}

/// A listening TCP socket. Not the standard library's: that takes neither the length of the queue
/// nor an IPv6 address for IPv6 alone.
pub fn tcp(address: SocketAddr, backlog: u32) -> Result<TcpListener, String> {
    let fd = socket(if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 })?;
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&fd, true).map_err(failed("setsockopt"))?;
    }
    sockopt::set_socket_reuseaddr(&fd, true).map_err(failed("setsockopt SO_REUSEADDR"))?;
    net::bind(&fd, &address).map_err(failed("bind"))?;
    net::listen(&fd, backlog as i32).map_err(failed("listen"))?;
    Ok(TcpListener::from_std(fd.into()))
}

/// A connection that begins, from an address of this machine's if one is given.
pub fn connect(to: SocketAddr, from: Option<IpAddr>) -> Result<TcpStream, String> {
    let Some(from) = from.filter(|from| from.is_ipv4() == to.is_ipv4()) else {
        return TcpStream::connect(to).map_err(|e| super::host::words(&e));
    };
    let fd = socket(if to.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 })?;
    sockopt::set_socket_reuseaddr(&fd, true).map_err(failed("setsockopt SO_REUSEADDR"))?;
    net::bind(&fd, &SocketAddr::new(from, 0)).map_err(failed("bind"))?;
    match net::connect(&fd, &to) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(TcpStream::from_std(fd.into())),
        Err(error) => Err(failed("connect")(error)),
    }
}

/// A listening Unix socket.
pub fn unix(path: &str, mode: Option<u32>, backlog: u32) -> Result<UnixListener, String> {
    let fd = socket(AddressFamily::UNIX)?;
    let address = SocketAddrUnix::new(path).map_err(failed("bind"))?;
    net::bind(&fd, &address).map_err(failed("bind"))?;
    net::listen(&fd, backlog as i32).map_err(failed("listen"))?;
    if let Some(mode) = mode {
        rustix::fs::chmod(path, rustix::fs::Mode::from_raw_mode(mode)).map_err(failed("chmod"))?;
    }
    Ok(UnixListener::from_std(fd.into()))
}
