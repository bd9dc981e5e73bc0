//! An HTTP/1.1 client (RFC 9112), as far as `curl` and `wget` need one.

use std::net::IpAddr;
use std::time::Duration;

use machine::net::{SocketAddress, SocketKind};
use machine::{Errno, Fd, Instant, PollFd, Sys};

/// A response's head is at most so long.
const HEAD_MAX: usize = 100 * 1024;
/// Bytes read at once.
const CHUNK: usize = 16 * 1024;

/// A URL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Url {
    /// `http`, in small letters.
    pub scheme: String,
    /// What stands before `@`.
    pub user: Option<String>,
    /// The host, without the brackets of an IPv6 address.
    pub host: String,
    /// The port, if it is given.
    pub given_port: Option<u16>,
    /// Path and query.
    pub path: String,
}

impl Url {
    /// Reads a URL; one without a scheme is `http`. `None` where host or port are none.
    pub fn parse(text: &str) -> Option<Url> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let rest = rest.split('#').next().unwrap_or("");
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
        let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(u, p)| (Some(u.to_string()), p));
        let (host, port) = match place.strip_prefix('[') {
            Some(v6) => {
                let (host, after) = v6.split_once(']')?;
                (host, after.strip_prefix(':'))
            }
            None => place.rsplit_once(':').map_or((place, None), |(h, p)| (h, Some(p))),
        };
        let given_port = match port {
            None | Some("") => None,
            Some(port) => Some(port.parse().ok()?),
        };
        let bad = |c: char| c.is_whitespace() || c.is_control();
        if host.is_empty() || host.contains(bad) {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        Some(Url { scheme, user, host: host.to_string(), given_port, path: path.replace(' ', "%20") })
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.given_port.unwrap_or(if self.scheme == "https" { 443 } else { 80 })
    }

    /// What the `Host` header says.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        self.given_port.map_or(host.clone(), |port| format!("{host}:{port}"))
    }

    /// Where a `Location` header leads.
    pub fn join(&self, location: &str) -> Option<Url> {
        if location.contains("://") {
            return Url::parse(location);
        }
        let path = match location.strip_prefix('/') {
            Some(_) => location.to_string(),
            None => format!("{}/{location}", self.path.rsplit_once('/').map_or("", |(folder, _)| folder)),
        };
        Some(Url { path, ..self.clone() })
    }

    /// The last part of the path, as a file's name.
    pub fn file_name(&self) -> &str {
        let path = self.path.split('?').next().unwrap_or("");
        path.rsplit('/').next().unwrap_or("")
    }
}

/// Why a transfer failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The time is over.
    Timeout,
    /// Nothing came before the end.
    Empty,
    /// What came is no HTTP.
    NotHttp,
    /// The end came before the body's.
    Partial(u64),
    /// Sending failed.
    Send(Errno),
    /// Receiving failed.
    Receive(Errno),
}

/// A response's head.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Response {
    /// As it came, with the empty line behind it.
    pub raw: Vec<u8>,
    /// `HTTP/1.1`.
    pub version: String,
    /// The status.
    pub status: u16,
    /// The status in words.
    pub reason: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
}

impl Response {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    fn parse(raw: &[u8]) -> Option<Response> {
        let text = String::from_utf8_lossy(raw);
        let mut lines = text.lines();
        let mut first = lines.next()?.splitn(3, ' ');
        let version = first.next().filter(|v| v.starts_with("HTTP/"))?.to_string();
        let status = first.next()?.parse().ok()?;
        let reason = first.next().unwrap_or("").to_string();
        let headers =
            lines.filter_map(|l| l.split_once(':')).map(|(n, v)| (n.to_string(), v.trim().to_string())).collect();
        Some(Response { raw: raw.to_vec(), version, status, reason, headers })
    }
}

/// How a body ends.
enum Body {
    Length(u64),
    Chunks(ChunkState),
    ToEnd,
    Over,
}

enum ChunkState {
    Size,
    Data(u64),
    AfterData,
}

/// A connection to a server.
pub struct Connection<'a> {
    sys: &'a Sys,
    fd: Fd,
    buffer: Vec<u8>,
    ended: bool,
    deadline: Option<Instant>,
    body: Body,
    /// Bytes of the body so far.
    pub received: u64,
}

impl<'a> Connection<'a> {
    /// Talks over a connected socket until `deadline`.
    pub fn new(sys: &'a Sys, fd: Fd, deadline: Option<Instant>) -> Connection<'a> {
        Connection { sys, fd, buffer: Vec::new(), ended: false, deadline, body: Body::Over, received: 0 }
    }

    /// Sends a request.
    pub async fn send(&mut self, request: &[u8]) -> Result<(), Failure> {
        self.sys.write_all(self.fd, request).await.map_err(Failure::Send)
    }

    async fn fill(&mut self) -> Result<bool, Failure> {
        if self.ended {
            return Ok(false);
        }
        if let Some(deadline) = self.deadline {
            let left = deadline.since(self.sys.now());
            let ready = self.sys.poll(&mut [PollFd::readable(self.fd)], Some(left)).await;
            if ready == Ok(0) {
                return Err(Failure::Timeout);
            }
        }
        let data = self.sys.read_vec(self.fd, CHUNK).await.map_err(Failure::Receive)?;
        self.ended = data.is_empty();
        self.buffer.extend_from_slice(&data);
        Ok(!self.ended)
    }

    /// Reads a response's head; `no_body` for the answer to `HEAD`.
    pub async fn head(&mut self, no_body: bool) -> Result<Response, Failure> {
        let end = loop {
            if let Some(end) = find_end(&self.buffer) {
                break end;
            }
            let start = &self.buffer[..self.buffer.len().min(5)];
            if !b"HTTP/".starts_with(start) && start != b"HTTP/" || self.buffer.len() > HEAD_MAX {
                return Err(Failure::NotHttp);
            }
            if !self.fill().await? {
                return Err(if self.buffer.is_empty() { Failure::Empty } else { Failure::NotHttp });
            }
        };
        let raw: Vec<u8> = self.buffer.drain(..end).collect();
        let response = Response::parse(&raw).ok_or(Failure::NotHttp)?;
        let chunked = response.header("Transfer-Encoding").is_some_and(|v| v.to_ascii_lowercase().contains("chunked"));
        let length = response.header("Content-Length").and_then(|v| v.parse().ok());
        self.body = match (chunked, length) {
            _ if no_body || matches!(response.status, 100..=199 | 204 | 304) => Body::Over,
            (true, _) => Body::Chunks(ChunkState::Size),
            (false, Some(length)) => Body::Length(length),
            (false, None) => Body::ToEnd,
        };
        Ok(response)
    }

    /// The next piece of the body; `None` at its end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        loop {
            let most = match &mut self.body {
                Body::Over | Body::Length(0) => return Ok(None),
                Body::Length(left) => *left,
                Body::ToEnd => u64::MAX,
                Body::Chunks(ChunkState::Data(left)) if *left > 0 => *left,
                Body::Chunks(state) => {
                    let Some(line) = take_line(&mut self.buffer) else {
                        if !self.fill().await? {
                            return Err(Failure::Partial(0));
                        }
                        continue;
                    };
                    match state {
                        ChunkState::Data(_) | ChunkState::AfterData => *state = ChunkState::Size,
                        ChunkState::Size => {
                            let digits = line.split(';').next().unwrap_or("").trim();
                            match u64::from_str_radix(digits, 16) {
                                Ok(0) => self.body = Body::Over,
                                Ok(size) => *state = ChunkState::Data(size),
                                Err(_) => return Err(Failure::NotHttp),
                            }
                        }
                    }
                    continue;
                }
            };
            if self.buffer.is_empty() && !self.fill().await? {
                return match self.body {
                    Body::ToEnd => Ok(None),
                    Body::Length(left) => Err(Failure::Partial(left)),
                    _ => Err(Failure::Partial(0)),
                };
            }
            let n = (self.buffer.len() as u64).min(most) as usize;
            let piece: Vec<u8> = self.buffer.drain(..n).collect();
            self.received += n as u64;
            match &mut self.body {
                Body::Length(left) => *left -= n as u64,
                Body::Chunks(ChunkState::Data(left)) => {
                    *left -= n as u64;
                    if *left == 0 {
                        self.body = Body::Chunks(ChunkState::AfterData);
                    }
                }
                _ => {}
            }
            return Ok(Some(piece));
        }
    }
}

/// Where the head ends: behind its empty line.
fn find_end(bytes: &[u8]) -> Option<usize> {
    let crlf = bytes.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4);
    let lf = bytes.windows(2).position(|w| w == b"\n\n").map(|at| at + 2);
    crlf.into_iter().chain(lf).min()
}

fn take_line(buffer: &mut Vec<u8>) -> Option<String> {
    let end = buffer.iter().position(|b| *b == b'\n')?;
    let line: Vec<u8> = buffer.drain(..=end).collect();
    Some(String::from_utf8_lossy(&line).trim_end().to_string())
}

/// Connects to the first of the addresses that answers, each until `deadline`; tells what was tried.
pub async fn connect(
    sys: &Sys,
    addresses: &[IpAddr],
    port: u16,
    deadline: Option<Instant>,
) -> Result<(Fd, IpAddr), Vec<(IpAddr, Errno)>> {
    let mut tried = Vec::new();
    for address in addresses {
        let to = SocketAddress::Inet((*address, port).into());
        match connect_one(sys, &to, deadline).await {
            Ok(fd) => return Ok((fd, *address)),
            Err(error) => tried.push((*address, error)),
        }
    }
    Err(tried)
}

/// Connects to one address; `ETIMEDOUT` when `deadline` comes first.
pub async fn connect_one(sys: &Sys, to: &SocketAddress, deadline: Option<Instant>) -> Result<Fd, Errno> {
    let kind = match to {
        SocketAddress::Inet(a) if a.is_ipv4() => SocketKind::Tcp4,
        SocketAddress::Inet(_) => SocketKind::Tcp6,
        SocketAddress::Unix(_) => SocketKind::UnixStream,
    };
    let fd = sys.socket(kind)?;
    let result = match deadline {
        None => sys.connect(fd, to).await,
        Some(deadline) => connect_until(sys, fd, to, deadline).await,
    };
    result.map(|()| fd).inspect_err(|_| {
        let _ = sys.close(fd);
    })
}

async fn connect_until(sys: &Sys, fd: Fd, to: &SocketAddress, deadline: Instant) -> Result<(), Errno> {
    sys.set_nonblocking(fd, true)?;
    match sys.connect(fd, to).await {
        Err(Errno::EINPROGRESS) => {}
        other => {
            sys.set_nonblocking(fd, false)?;
            return other;
        }
    }
    let left: Duration = deadline.since(sys.now());
    if sys.poll(&mut [PollFd::writable(fd)], Some(left)).await? == 0 {
        return Err(Errno::ETIMEDOUT);
    }
    sys.set_nonblocking(fd, false)?;
    sys.socket_error(fd)
}

/// Base64 (RFC 4648), for `Authorization: Basic`.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let url = Url::parse("http://me@web:8080/a/b?c#d").unwrap();
        assert_eq!((url.host.as_str(), url.port(), url.path.as_str(), url.file_name()), ("web", 8080, "/a/b?c", "b"));
        assert_eq!(url.join("x").unwrap().path, "/a/x");
        assert_eq!(url.join("http://other/").unwrap().authority(), "other");
        assert_eq!(Url::parse("localhost").map(|u| (u.port(), u.path)), Some((80, "/".into())));
        assert_eq!(Url::parse("[::1]:81").map(|u| u.authority()), Some("[::1]:81".into()));
        assert_eq!(Url::parse("http://x:99999/"), None);
        assert_eq!(Url::parse("http:///x"), None);
    }

    #[test]
    fn base64_is_padded() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|t| base64(t.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }
}
