//! Requests to the Engine API.

use std::fmt;

use docker_api::http::{BodyDecoder, JSON, LAST_CHUNK, Query, RequestHead, ResponseHead, encode_chunk};
use docker_api::types::ErrorBody;
use docker_api::{API_VERSION, DOCKER_VERSION};
use machine::{Errno, Sys};
use serde::Serialize;
use serde_json::Value;

use super::{Connection, Endpoint};
use crate::cli::{Failure, Invocation};

/// Bodies that are read whole may not be larger.
const MAX_BODY: usize = 256 * 1024 * 1024;
const UPLOAD: usize = 32 * 1024;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// The daemon refused: status and message.
    Daemon(u16, String),
    /// The daemon could not be reached: the whole text.
    Unreachable(String),
    /// The conversation broke: the whole text.
    Broken(String),
}

impl ApiError {
    /// The daemon's status, 0 if it did not answer.
    pub fn status(&self) -> u16 {
        if let ApiError::Daemon(status, _) = self { *status } else { 0 }
    }

    /// Whether the daemon does not know the object.
    pub fn is_not_found(&self) -> bool {
        self.status() == 404
    }

    /// Whether no daemon could be reached.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, ApiError::Unreachable(_))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApiError::Daemon(_, message) => write!(f, "Error response from daemon: {message}"),
            ApiError::Unreachable(text) | ApiError::Broken(text) => f.write_str(text),
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Failure {
        Failure { status: 1, text: error.to_string() }
    }
}

/// What a request carries.
pub enum Body {
    /// Nothing.
    None,
    /// JSON.
    Json(Vec<u8>),
    /// Bytes of a content type, sent in chunks.
    Bytes(&'static str, Vec<u8>),
}

impl Body {
    /// The JSON of a value.
    pub fn json(value: &impl Serialize) -> Body {
        Body::Json(serde_json::to_vec(value).unwrap_or_default())
    }
}

/// Speaks to one daemon.
#[derive(Clone)]
pub struct Client {
    sys: Sys,
    endpoint: Endpoint,
}

impl Invocation {
    /// A client of the daemon that was asked for.
    pub fn client(&self) -> Client {
        Client { sys: self.sys.clone(), endpoint: self.host.clone() }
    }
}

impl Client {
    /// A client of the daemon at `endpoint`.
    pub fn new(sys: &Sys, endpoint: Endpoint) -> Client {
        Client { sys: sys.clone(), endpoint }
    }

    /// The same for use in a thread: signals do not interrupt its calls.
    pub fn for_thread(&self) -> Client {
        Client { sys: self.sys.for_thread(), endpoint: self.endpoint.clone() }
    }

    /// The daemon's address.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn head(&self, method: &str, path: &str, query: &Query) -> RequestHead {
        let mut head = RequestHead::new(method, query.target(&format!("/v{API_VERSION}{path}")));
        let host = match &self.endpoint {
            Endpoint::Unix(_) => "api.moby.localhost".to_string(),
            Endpoint::Tcp(host, port) => format!("{host}:{port}"),
        };
        head.headers.push("Host", host);
        head.headers.push("User-Agent", format!("Docker-Client/{DOCKER_VERSION} (linux)"));
        head
    }

    async fn connect(&self, head: &RequestHead) -> Result<Connection, ApiError> {
        Connection::open(&self.sys, &self.endpoint).await.map_err(|errno| self.unreachable(head, errno))
    }

    fn unreachable(&self, head: &RequestHead, errno: Option<Errno>) -> ApiError {
        let url = self.endpoint.url();
        let verb = head.method.get(..1).unwrap_or("").to_string() + &head.method.get(1..).unwrap_or("").to_lowercase();
        ApiError::Unreachable(match (errno, &self.endpoint) {
            (Some(Errno::EACCES), Endpoint::Unix(path)) => format!(
                "permission denied while trying to connect to the Docker daemon socket at {url}: {verb} \
                 \"http://{}{}\": dial unix {path}: connect: permission denied",
                docker_api::http::encode_component(path),
                head.target
            ),
            (None, Endpoint::Tcp(host, port)) => format!(
                "error during connect: {verb} \"http://{host}:{port}{}\": dial tcp: lookup {host}{}: no such host",
                head.target,
                self.name_server()
            ),
            _ => format!("Cannot connect to the Docker daemon at {url}. Is the docker daemon running?"),
        })
    }

    /// ` on 10.0.2.3:53`: whom the resolver asked.
    fn name_server(&self) -> String {
        let file = self.sys.read_file("/etc/resolv.conf").unwrap_or_default();
        let text = String::from_utf8_lossy(&file);
        let server = text.lines().find_map(|line| line.strip_prefix("nameserver "));
        server.map_or_else(String::new, |address| format!(" on {}:53", address.trim()))
    }

    /// Sends a request and reads the head of the answer; refusals are errors.
    pub async fn send(&self, method: &str, path: &str, query: &Query, body: Body) -> Result<Response, ApiError> {
        self.begin(method, path, query, body).await?.finish().await
    }

    /// Sends a request; its answer is read later.
    pub async fn begin(&self, method: &str, path: &str, query: &Query, body: Body) -> Result<Pending, ApiError> {
        let mut head = self.head(method, path, query);
        let (content_type, data, chunked) = match body {
            Body::None => ("", Vec::new(), false),
            Body::Json(data) => (JSON, data, false),
            Body::Bytes(kind, data) => (kind, data, true),
        };
        if !content_type.is_empty() {
            head.headers.push("Content-Type", content_type);
        }
        if chunked {
            head.headers.push("Transfer-Encoding", "chunked");
        } else if method != "GET" && method != "HEAD" {
            head.headers.push("Content-Length", data.len().to_string());
        }
        head.headers.push("Connection", "close");
        let connection = self.connect(&head).await?;
        // A daemon that refuses early closes its end; its answer is then still to be read.
        let _ = upload(&connection, &head, &data, chunked).await;
        Ok(Pending { client: self.clone(), connection, head_only: method == "HEAD" })
    }

    async fn receive(&self, mut connection: Connection, head_only: bool) -> Result<Response, ApiError> {
        let broken = |why: String| {
            ApiError::Broken(match why.as_str() {
                "EOF" => format!("error during connect: {}: EOF", self.endpoint.url()),
                _ => format!("error during connect: {}: {why}", self.endpoint.url()),
            })
        };
        let head = connection.read_head().await.map_err(broken)?;
        let kind = head.body_kind(head_only).map_err(|e| broken(e.to_string()))?;
        let mut response = Response { head, connection, decoder: BodyDecoder::new(kind) };
        if response.head.status < 400 {
            return Ok(response);
        }
        let status = response.head.status;
        let text = response.body().await?;
        let message = match serde_json::from_slice::<ErrorBody>(&text) {
            Ok(body) => body.message,
            Err(_) if text.is_empty() => response.head.reason.clone(),
            Err(_) => String::from_utf8_lossy(&text).trim().to_string(),
        };
        Err(ApiError::Daemon(status, message))
    }

    /// A request whose answer is JSON.
    pub async fn json(&self, method: &str, path: &str, query: &Query, body: Body) -> Result<Value, ApiError> {
        let data = self.send(method, path, query, body).await?.body().await?;
        if data.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&data).map_err(|e| ApiError::Broken(format!("Error reading remote info: {e}")))
    }

    /// `GET` of JSON.
    pub async fn get(&self, path: &str, query: &Query) -> Result<Value, ApiError> {
        self.json("GET", path, query, Body::None).await
    }

    /// `POST` without a body, the answer not looked at.
    pub async fn post(&self, path: &str, query: &Query) -> Result<(), ApiError> {
        self.send("POST", path, query, Body::None).await?.body().await.map(|_| ())
    }

    /// `POST` of JSON for JSON.
    pub async fn post_json(&self, path: &str, query: &Query, body: &impl Serialize) -> Result<Value, ApiError> {
        self.json("POST", path, query, Body::json(body)).await
    }

    /// A request that takes the connection over.
    pub async fn hijack(&self, path: &str, query: &Query, body: Body) -> Result<Hijacked, ApiError> {
        let mut head = self.head("POST", path, query);
        let data = match body {
            Body::Json(data) => data,
            _ => Vec::new(),
        };
        head.headers.push("Connection", "Upgrade");
        head.headers.push("Upgrade", "tcp");
        head.headers.push("Content-Type", if data.is_empty() { "text/plain" } else { JSON });
        head.headers.push("Content-Length", data.len().to_string());
        let mut connection = self.connect(&head).await?;
        let mut wire = head.encode();
        wire.extend_from_slice(&data);
        let sent = connection.send(&wire).await;
        let answer = match (sent, connection.read_head().await) {
            (_, Ok(answer)) => answer,
            (_, Err(why)) => return Err(ApiError::Broken(format!("unable to upgrade to tcp: {why}"))),
        };
        match answer.status {
            101 => Ok(Hijacked { connection }),
            200 => Ok(Hijacked { connection }),
            // What the daemon says of its refusal is not read.
            status => Err(ApiError::Broken(format!("unable to upgrade to tcp, received {status}"))),
        }
    }
}

async fn upload(connection: &Connection, head: &RequestHead, data: &[u8], chunked: bool) -> Result<(), Errno> {
    connection.send_head(head).await?;
    if !chunked {
        return if data.is_empty() { Ok(()) } else { connection.send(data).await };
    }
    for part in data.chunks(UPLOAD) {
        connection.send(&encode_chunk(part)).await?;
    }
    connection.send(LAST_CHUNK).await
}

/// A request that was sent.
pub struct Pending {
    client: Client,
    connection: Connection,
    head_only: bool,
}

impl Pending {
    /// Reads the head of the answer; refusals are errors.
    pub async fn finish(self) -> Result<Response, ApiError> {
        self.client.receive(self.connection, self.head_only).await
    }
}

/// A connection that carries a raw stream now.
pub struct Hijacked {
    /// The connection.
    pub connection: Connection,
}

/// An answer whose body may still be on its way.
pub struct Response {
    /// Status and fields.
    pub head: ResponseHead,
    connection: Connection,
    decoder: BodyDecoder,
}

impl Response {
    /// The next bytes of the body; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ApiError> {
        loop {
            let mut out = Vec::new();
            let decoded = self.decoder.decode(&mut self.connection.buffer, &mut out);
            decoded.map_err(|e| ApiError::Broken(e.to_string()))?;
            if !out.is_empty() {
                return Ok(Some(out));
            }
            if self.decoder.is_done() {
                return Ok(None);
            }
            match self.connection.fill().await {
                Ok(true) => {}
                Ok(false) if self.decoder.is_cut_by_eof() => {
                    return Err(ApiError::Broken("unexpected EOF".to_string()));
                }
                Ok(false) => return Ok(None),
                Err(errno) => return Err(ApiError::Broken(errno.message().to_lowercase())),
            }
        }
    }

    /// The rest of the body.
    pub async fn body(&mut self) -> Result<Vec<u8>, ApiError> {
        let mut out = Vec::new();
        while let Some(part) = self.chunk().await? {
            out.extend_from_slice(&part);
            if out.len() > MAX_BODY {
                return Err(ApiError::Broken("response too large".to_string()));
            }
        }
        Ok(out)
    }
}

/// The messages of a stream of JSON objects, one a line.
pub struct JsonLines {
    response: Response,
    pending: Vec<u8>,
}

impl JsonLines {
    /// The messages of `response`.
    pub fn new(response: Response) -> JsonLines {
        JsonLines { response, pending: Vec::new() }
    }

    /// The next line's bytes, `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ApiError> {
        loop {
            if let Some(end) = self.pending.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return Ok(Some(line));
            }
            match self.response.chunk().await? {
                Some(more) => self.pending.extend_from_slice(&more),
                None if self.pending.iter().all(u8::is_ascii_whitespace) => return Ok(None),
                None => return Ok(Some(std::mem::take(&mut self.pending))),
            }
        }
    }
}
