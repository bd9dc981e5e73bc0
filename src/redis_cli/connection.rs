//! A connection to a server: what hiredis does for redis-cli, with its error texts.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use machine::net::{SocketAddress, SocketKind};
use machine::{Errno, Fd, PollFd, Sys};
use resp::reply::{Reply, ReplyReader};

/// What one read takes at most.
const CHUNK: usize = 16 * 1024;

/// Why a connection is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// A system call failed.
    Io(Errno),
    /// The server hung up.
    Closed,
    /// What came is no protocol, or the name has no address.
    Other(String),
}

impl std::fmt::Display for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(errno) => f.write_str(errno.message()),
            Self::Closed => f.write_str("Server closed the connection"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// a host name or numeric address, and a port
    Host(String, u16),
    /// a Unix socket
    Path(String),
}

/// An open connection. Dropping it closes the socket.
pub struct Link {
    sys: Sys,
    fd: Fd,
    reader: ReplyReader,
    /// The first error; it stays.
    pub error: Option<LinkError>,
    /// Waiting for the server goes on when a signal comes, which stays pending.
    pub patient: bool,
}

impl Drop for Link {
    fn drop(&mut self) {
        _ = self.sys.close(self.fd);
    }
}

/// A command as it goes over the wire.
pub fn encode(words: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        out.extend(format!("${}\r\n", word.len()).bytes());
        out.extend_from_slice(word);
        out.extend(b"\r\n");
    }
    out
}

impl Link {
    /// Connects; `timeout` in nanoseconds, 0 for none.
    pub async fn connect(sys: &Sys, address: &Address, timeout: u64) -> Result<Self, LinkError> {
        match address {
            Address::Path(path) => {
                Self::open(sys, SocketKind::UnixStream, &SocketAddress::Unix(Some(path.clone())), timeout).await
            }
            Address::Host(host, port) => {
                let found = machine::net::resolve(sys, host).await.map_err(|e| LinkError::Other(e.message().into()))?;
                // IPv6 only where there is no IPv4 address, as hiredis asks.
                let v4 = found.iter().any(IpAddr::is_ipv4);
                let mut error = LinkError::Other("Name or service not known".into());
                for ip in found.into_iter().filter(|ip| ip.is_ipv4() == v4) {
                    let kind = if v4 { SocketKind::Tcp4 } else { SocketKind::Tcp6 };
                    match Self::open(sys, kind, &SocketAddress::Inet(SocketAddr::new(ip, *port)), timeout).await {
                        Ok(link) => return Ok(link),
                        Err(why) => error = why,
                    }
                }
                Err(error)
            }
        }
    }

    async fn open(sys: &Sys, kind: SocketKind, to: &SocketAddress, timeout: u64) -> Result<Self, LinkError> {
        let fd = sys.socket(kind).map_err(LinkError::Io)?;
        // From here on the socket is closed when this goes.
        let link = Self { sys: sys.clone(), fd, reader: ReplyReader::new(), error: None, patient: false };
        if timeout == 0 {
            sys.connect(fd, to).await.map_err(LinkError::Io)?;
            return Ok(link);
        }
        sys.set_nonblocking(fd, true).map_err(LinkError::Io)?;
        match sys.connect(fd, to).await {
            Err(Errno::EINPROGRESS) => {
                let ready = sys.poll(&mut [PollFd::writable(fd)], Some(Duration::from_nanos(timeout))).await;
                if ready.map_err(LinkError::Io)? == 0 {
                    return Err(LinkError::Io(Errno::ETIMEDOUT));
                }
                sys.socket_error(fd).map_err(LinkError::Io)?;
            }
            other => other.map_err(LinkError::Io)?,
        }
        sys.set_nonblocking(fd, false).map_err(LinkError::Io)?;
        Ok(link)
    }

    /// The socket, for polling.
    pub fn fd(&self) -> Fd {
        self.fd
    }

    fn failed<T>(&mut self, error: LinkError) -> Result<T, LinkError> {
        self.error = Some(error.clone());
        Err(error)
    }

    /// Sends bytes as they are.
    pub async fn send_raw(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        match self.sys.for_thread().write_all(self.fd, bytes).await {
            Ok(()) => Ok(()),
            Err(errno) => self.failed(LinkError::Io(errno)),
        }
    }

    /// Sends a command.
    pub async fn send(&mut self, words: &[impl AsRef<[u8]>]) -> Result<(), LinkError> {
        self.send_raw(&encode(words)).await
    }

    /// A reply that has arrived already.
    pub fn buffered(&mut self) -> Result<Option<Reply>, LinkError> {
        match self.reader.next_reply() {
            Ok(reply) => Ok(reply),
            Err(error) => self.failed(LinkError::Other(error.0)),
        }
    }

    /// Waits for the next reply of any kind. `EINTR` comes back as such and leaves the connection usable.
    pub async fn receive(&mut self) -> Result<Reply, LinkError> {
        loop {
            if let Some(reply) = self.buffered()? {
                return Ok(reply);
            }
            self.fill().await?;
        }
    }

    /// Reads once.
    pub async fn fill(&mut self) -> Result<(), LinkError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let sys = if self.patient { self.sys.for_thread() } else { self.sys.clone() };
        match sys.read_vec(self.fd, CHUNK).await {
            Ok(bytes) if bytes.is_empty() => self.failed(LinkError::Closed),
            Ok(bytes) => {
                self.reader.feed(&bytes);
                Ok(())
            }
            Err(Errno::EINTR) => Err(LinkError::Io(Errno::EINTR)),
            Err(errno) => self.failed(LinkError::Io(errno)),
        }
    }

    /// Bytes that are no replies (an RDB file): what is buffered first, then what comes. Empty at the end.
    pub async fn receive_raw(&mut self) -> Result<Vec<u8>, LinkError> {
        let rest = self.reader.take_rest();
        if !rest.is_empty() {
            return Ok(rest);
        }
        self.sys.read_vec(self.fd, CHUNK).await.map_err(LinkError::Io)
    }

    /// Gives bytes back that were read raw but belong to replies.
    pub fn unread(&mut self, bytes: &[u8]) {
        self.reader.feed(bytes);
    }

    /// One command, its reply. Pushes that come between are dropped. A caught signal ends it with `EINTR`.
    pub async fn command(&mut self, words: &[impl AsRef<[u8]>]) -> Result<Reply, LinkError> {
        self.send(words).await?;
        loop {
            match self.receive().await {
                Ok(Reply::Push(_)) => {}
                other => return other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_arrays_of_bulk_strings() {
        assert_eq!(encode(&["GET", "한"]), "*2\r\n$3\r\nGET\r\n$3\r\n한\r\n".as_bytes());
    }
}
