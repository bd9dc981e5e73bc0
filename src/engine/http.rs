//! A request as the handlers see it, and the reply that they write on the connection.

use docker_api::filters::Filters;
use docker_api::http::{
    BodyDecoder, HttpError, LAST_CHUNK, Query, RequestHead, ResponseHead, encode_chunk, parse_request,
};
use docker_api::types::ErrorBody;
use docker_api::{API_VERSION, DOCKER_VERSION};
use machine::{Fd, Sys, SysResult};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, ApiResult};

/// Bodies larger than this are refused: build contexts and archives are kept in memory.
const MAX_BODY: usize = 256 * 1024 * 1024;
/// How much is read from a connection at once.
const CHUNK: usize = 32 * 1024;

/// A request.
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without the version prefix.
    pub path: String,
    /// What `*` in the route's pattern matched.
    pub arg: String,
    /// The parameters.
    pub query: Query,
    /// The whole body.
    pub body: Vec<u8>,
    /// Headers and the request line.
    pub head: RequestHead,
}

impl Request {
    /// The body as JSON; an empty one is the default.
    pub fn json<T: DeserializeOwned + Default>(&self) -> ApiResult<T> {
        if self.body.is_empty() {
            return Ok(T::default());
        }
        serde_json::from_slice(&self.body).map_err(|e| ApiError::bad(format!("invalid JSON: {e}")))
    }

    /// The `filters` parameter, checked against what the call accepts.
    pub fn filters(&self, accepted: &[&str]) -> ApiResult<Filters> {
        let filters = Filters::from_json(self.query.get("filters").unwrap_or("")).map_err(ApiError::bad)?;
        filters.validate(accepted).map_err(ApiError::bad)?;
        Ok(filters)
    }

    /// A number parameter.
    pub fn number(&self, key: &str) -> Option<i64> {
        self.query.get(key)?.parse().ok()
    }
}

/// Reads requests from one connection.
pub struct Connection {
    sys: Sys,
    fd: Fd,
    buf: Vec<u8>,
}

impl Connection {
    /// Takes over a connection.
    pub fn new(sys: Sys, fd: Fd) -> Connection {
        Connection { sys, fd, buf: Vec::new() }
    }

    /// The next request; `None` at the end of the connection.
    pub async fn next(&mut self) -> Result<Option<Request>, HttpError> {
        let head = loop {
            if let Some((head, used)) = parse_request(&self.buf)? {
                self.buf.drain(..used);
                break head;
            }
            if !self.fill().await {
                return Ok(None);
            }
        };
        let mut decoder = BodyDecoder::new(head.body_kind()?);
        let mut body = Vec::new();
        loop {
            decoder.decode(&mut self.buf, &mut body)?;
            if decoder.is_done() {
                break;
            }
            if body.len() > MAX_BODY {
                return Err(HttpError::BadLength);
            }
            if !self.fill().await {
                return Ok(None);
            }
        }
        let path = docker_api::http::decode_component(unversioned(head.path()), false);
        let query = Query::parse(head.query());
        Ok(Some(Request { method: head.method.clone(), path, arg: String::new(), query, body, head }))
    }

    async fn fill(&mut self) -> bool {
        match self.sys.read_vec(self.fd, CHUNK).await {
            Ok(data) if !data.is_empty() => {
                self.buf.extend_from_slice(&data);
                true
            }
            _ => false,
        }
    }

    /// The reply to a request.
    pub fn reply(&mut self, request: &Request) -> Reply {
        Reply {
            sys: self.sys.clone(),
            fd: self.fd,
            early: std::mem::take(&mut self.buf),
            state: State::Nothing,
            upgrade: request.head.wants_upgrade(),
            headless: request.method == "HEAD",
        }
    }

    /// Gives back what the reply did not use of the bytes that came early.
    pub fn resume(&mut self, reply: Reply) -> bool {
        self.buf = reply.early;
        reply.state == State::Done
    }
}

/// `/v1.51/info` is `/info`.
fn unversioned(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/v") else { return path };
    let end = rest.find('/').unwrap_or(rest.len());
    let version =
        rest[..end].bytes().all(|b| b.is_ascii_digit() || b == b'.') && rest.starts_with(|c: char| c.is_ascii_digit());
    if version { &rest[end..] } else { path }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Nothing,
    Streaming,
    Hijacked,
    Done,
}

/// A reply being written.
pub struct Reply {
    /// For waiting.
    pub sys: Sys,
    fd: Fd,
    early: Vec<u8>,
    state: State,
    upgrade: bool,
    headless: bool,
}

/// The raw connection after an upgrade.
pub struct Hijacked {
    /// The connection.
    pub fd: Fd,
    /// What the client sent already.
    pub early: Vec<u8>,
}

fn head(status: u16) -> ResponseHead {
    let mut head = ResponseHead::new(status);
    head.headers.push("Api-Version", API_VERSION);
    head.headers.push("Docker-Experimental", "false");
    head.headers.push("Ostype", "linux");
    head.headers.push("Server", format!("Docker/{DOCKER_VERSION} (linux)"));
    head
}

impl Reply {
    /// A whole body.
    pub async fn raw(&mut self, status: u16, kind: &str, body: &[u8], extra: &[(&str, String)]) -> ApiResult<()> {
        let mut head = head(status);
        for (name, value) in extra {
            head.headers.push(name, value.clone());
        }
        if status != 204 && status != 304 {
            head.headers.push("Content-Type", kind);
            head.headers.push("Content-Length", body.len().to_string());
        }
        let mut wire = head.encode();
        if !self.headless && status != 204 && status != 304 {
            wire.extend_from_slice(body);
        }
        self.state = State::Done;
        self.send(&wire).await
    }

    /// A JSON body.
    pub async fn json<T: Serialize>(&mut self, status: u16, body: &T) -> ApiResult<()> {
        let mut text = serde_json::to_vec(body).map_err(|e| ApiError::internal(e.to_string()))?;
        text.push(b'\n');
        self.raw(status, "application/json", &text, &[]).await
    }

    /// No body.
    pub async fn empty(&mut self, status: u16) -> ApiResult<()> {
        self.raw(status, "text/plain", b"", &[]).await
    }

    /// A refusal; behind the head of a stream there is nothing left to say.
    pub async fn error(&mut self, error: &ApiError) {
        if self.state == State::Nothing {
            let _ = self.json(error.status, &ErrorBody { message: error.message.clone() }).await;
        } else if self.state == State::Streaming {
            let _ = self.finish().await;
        }
    }

    /// Begins a body of unknown length.
    pub async fn stream(&mut self, kind: &str) -> ApiResult<()> {
        let mut head = head(200);
        head.headers.push("Content-Type", kind);
        head.headers.push("Transfer-Encoding", "chunked");
        self.state = State::Streaming;
        self.send(&head.encode()).await
    }

    /// More of the body.
    pub async fn chunk(&mut self, data: &[u8]) -> ApiResult<()> {
        self.send(&encode_chunk(data)).await
    }

    /// The end of the body.
    pub async fn finish(&mut self) -> ApiResult<()> {
        self.state = State::Done;
        self.send(LAST_CHUNK).await
    }

    /// Makes the connection a raw stream (`101 UPGRADED` if the client asked for it).
    pub async fn hijack(&mut self, kind: &str) -> ApiResult<Hijacked> {
        let mut head = if self.upgrade { head(101) } else { head(200) };
        head.headers.push("Content-Type", kind);
        if self.upgrade {
            head.headers.push("Connection", "Upgrade");
            head.headers.push("Upgrade", "tcp");
        }
        self.state = State::Hijacked;
        self.send(&head.encode()).await?;
        Ok(Hijacked { fd: self.fd, early: std::mem::take(&mut self.early) })
    }

    async fn send(&self, data: &[u8]) -> ApiResult<()> {
        let sent: SysResult<()> = self.sys.write_all(self.fd, data).await;
        sent.map_err(|_| ApiError::internal("the client is gone"))
    }
}

#[cfg(test)]
mod tests {
    use super::unversioned;

    #[test]
    fn versions_are_optional() {
        assert_eq!(unversioned("/v1.51/containers/json"), "/containers/json");
        assert_eq!(unversioned("/volumes"), "/volumes");
        assert_eq!(unversioned("/version"), "/version");
        assert_eq!(unversioned("/v1.24/_ping"), "/_ping");
    }
}
