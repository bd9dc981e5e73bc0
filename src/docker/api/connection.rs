//! One connection to the daemon.

use docker_api::http::{HttpError, RequestHead, ResponseHead, parse_response};
use machine::net::{Shutdown, SocketAddress, SocketKind};
use machine::{Errno, Fd, Sys};

use super::Endpoint;

const READ: usize = 64 * 1024;

/// A stream socket with what was read but not used yet. It closes when it is dropped.
pub struct Connection {
    sys: Sys,
    /// The socket.
    pub fd: Fd,
    /// Bytes read ahead.
    pub buffer: Vec<u8>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.sys.close(self.fd);
    }
}

impl Connection {
    /// Connects; the error is what `connect(2)` gives, `None` if the host name has no address.
    pub async fn open(sys: &Sys, endpoint: &Endpoint) -> Result<Connection, Option<Errno>> {
        let (kind, address) = match endpoint {
            Endpoint::Unix(path) => (SocketKind::UnixStream, SocketAddress::Unix(Some(path.clone()))),
            Endpoint::Tcp(host, port) => {
                let address = Endpoint::socket_address(host, *port).ok_or(None)?;
                let kind = if address.is_ipv4() { SocketKind::Tcp4 } else { SocketKind::Tcp6 };
                (kind, SocketAddress::Inet(address))
            }
        };
        // Signals that are caught (window sizes, those passed on) are for another thread, not for these calls.
        let sys = &sys.for_thread();
        let fd = sys.socket(kind).map_err(Some)?;
        let connection = Connection { sys: sys.clone(), fd, buffer: Vec::new() };
        sys.connect(fd, &address).await.map_err(Some)?;
        Ok(connection)
    }

    /// Sends a request's head.
    pub async fn send_head(&self, head: &RequestHead) -> Result<(), Errno> {
        self.sys.write_all(self.fd, &head.encode()).await
    }

    /// Sends bytes.
    pub async fn send(&self, data: &[u8]) -> Result<(), Errno> {
        self.sys.write_all(self.fd, data).await
    }

    /// Reads the next response's head; an error's text if there is none.
    pub async fn read_head(&mut self) -> Result<ResponseHead, String> {
        loop {
            match parse_response(&self.buffer).map_err(|e: HttpError| e.to_string())? {
                Some((head, used)) => {
                    self.buffer.drain(..used);
                    return Ok(head);
                }
                None if self.fill().await.map_err(|e| e.message().to_string())? => {}
                None => return Err("EOF".to_string()),
            }
        }
    }

    /// Reads more bytes into the buffer; `false` at the end of the stream.
    pub async fn fill(&mut self) -> Result<bool, Errno> {
        let more = self.sys.read_vec(self.fd, READ).await?;
        self.buffer.extend_from_slice(&more);
        Ok(!more.is_empty())
    }

    /// Tells the daemon that no more input comes.
    pub fn close_write(&self) {
        let _ = self.sys.shutdown(self.fd, Shutdown::Write);
    }
}
