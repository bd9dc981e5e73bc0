//! Request and response heads.

use super::body::BodyKind;
use super::error::HttpError;

/// The largest head that is accepted, as in Go's server default order of magnitude.
pub const MAX_HEAD: usize = 64 * 1024;

/// Header fields in their order; names compare without case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Adds a field.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_string(), value.into()));
    }

    /// Whether the comma-separated list in `name` holds `token`.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.0
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .flat_map(|(_, v)| v.split(','))
            .any(|t| t.trim().eq_ignore_ascii_case(token))
    }

    fn length(&self) -> Result<Option<u64>, HttpError> {
        match self.get("Content-Length") {
            None => Ok(None),
            Some(text) => text.trim().parse().map(Some).map_err(|_| HttpError::BadLength),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        for (name, value) in &self.0 {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            // A line break inside a value would start a forged header.
            out.extend(value.bytes().map(|b| if b == b'\r' || b == b'\n' { b' ' } else { b }));
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// A request's first line and fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestHead {
    /// GET, POST, …
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// The fields.
    pub headers: Headers,
}

impl RequestHead {
    /// A head with method and target, without fields.
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        RequestHead { method: method.to_string(), target: target.into(), headers: Headers::default() }
    }

    /// The path without the query, as sent (escapes kept).
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or("")
    }

    /// The raw query, empty if there is none.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, q)| q)
    }

    /// Whether the client asks to take the connection over (`Upgrade: tcp`).
    pub fn wants_upgrade(&self) -> bool {
        self.headers.has_token("Connection", "Upgrade") && self.headers.get("Upgrade").is_some()
    }

    /// How the body that follows is framed.
    pub fn body_kind(&self) -> Result<BodyKind, HttpError> {
        if self.headers.has_token("Transfer-Encoding", "chunked") {
            return Ok(BodyKind::Chunked);
        }
        Ok(BodyKind::Length(self.headers.length()?.unwrap_or(0)))
    }

    /// The bytes on the wire.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        for part in [self.method.as_str(), " ", self.target.as_str(), " HTTP/1.1\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        self.headers.write(&mut out);
        out
    }
}

/// A response's first line and fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// The fields.
    pub headers: Headers,
}

impl ResponseHead {
    /// A head with a status and its usual reason, without fields.
    pub fn new(status: u16) -> Self {
        let reason = reason_phrase(status).to_string();
        ResponseHead { status, reason, headers: Headers::default() }
    }

    /// How the body that follows is framed; `head_request` answers to HEAD have none.
    pub fn body_kind(&self, head_request: bool) -> Result<BodyKind, HttpError> {
        if head_request || self.status == 204 || self.status == 304 {
            return Ok(BodyKind::Length(0));
        }
        if self.status == 101 {
            return Ok(BodyKind::UntilClose);
        }
        if self.headers.has_token("Transfer-Encoding", "chunked") {
            return Ok(BodyKind::Chunked);
        }
        Ok(self.headers.length()?.map_or(BodyKind::UntilClose, BodyKind::Length))
    }

    /// The bytes on the wire.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        let status = self.status.to_string();
        for part in ["HTTP/1.1 ", status.as_str(), " ", self.reason.as_str(), "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        self.headers.write(&mut out);
        out
    }
}

/// The usual reason phrase of a status code.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        101 => "UPGRADED",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

/// Parses a request head at the start of `buf`. `None` means more bytes are needed; otherwise
/// the head and the number of bytes it took.
pub fn parse_request(buf: &[u8]) -> Result<Option<(RequestHead, usize)>, HttpError> {
    let Some((line, headers, used)) = split_head(buf)? else { return Ok(None) };
    let mut parts = line.split(' ');
    let (Some(method), Some(target), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(HttpError::BadHead);
    };
    if method.is_empty() || target.is_empty() || !version.starts_with("HTTP/1.") {
        return Err(HttpError::BadHead);
    }
    let head = RequestHead { method: method.to_string(), target: target.to_string(), headers };
    Ok(Some((head, used)))
}

/// Parses a response head likewise.
pub fn parse_response(buf: &[u8]) -> Result<Option<(ResponseHead, usize)>, HttpError> {
    let Some((line, headers, used)) = split_head(buf)? else { return Ok(None) };
    let rest = line.strip_prefix("HTTP/1.").ok_or(HttpError::BadHead)?;
    let mut parts = rest.splitn(3, ' ');
    let status = parts.nth(1).and_then(|s| s.parse().ok()).ok_or(HttpError::BadHead)?;
    let reason = parts.next().unwrap_or("").to_string();
    Ok(Some((ResponseHead { status, reason, headers }, used)))
}

fn split_head(buf: &[u8]) -> Result<Option<(String, Headers, usize)>, HttpError> {
    let Some(end) = buf.windows(4).position(|w| w == b"\r\n\r\n") else {
        return if buf.len() > MAX_HEAD { Err(HttpError::HeadTooLarge) } else { Ok(None) };
    };
    if end > MAX_HEAD {
        return Err(HttpError::HeadTooLarge);
    }
    let text = String::from_utf8_lossy(&buf[..end]);
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or("").to_string();
    let mut headers = Headers::default();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(HttpError::BadHead)?;
        if name.is_empty() || name.contains(' ') {
            return Err(HttpError::BadHead);
        }
        headers.push(name, value.trim());
    }
    Ok(Some((first, headers, end + 4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_survives_the_wire_in_pieces() {
        let mut head = RequestHead::new("POST", "/v1.51/containers/create?name=web");
        head.headers.push("Host", "api.moby.localhost");
        head.headers.push("Content-Length", "2");
        let mut wire = head.encode();
        wire.extend_from_slice(b"{}");
        for cut in 0..wire.len() - 2 {
            assert_eq!(parse_request(&wire[..cut]), Ok(None), "{cut}");
        }
        let (parsed, used) = parse_request(&wire).unwrap().unwrap();
        assert_eq!(parsed, head);
        assert_eq!(&wire[used..], b"{}");
        assert_eq!(parsed.path(), "/v1.51/containers/create");
        assert_eq!(parsed.query(), "name=web");
        assert_eq!(parsed.body_kind(), Ok(BodyKind::Length(2)));
    }

    #[test]
    fn an_upgrade_is_recognised() {
        let wire = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw";
        let (head, used) = parse_response(wire).unwrap().unwrap();
        assert_eq!((head.status, head.reason.as_str(), used), (101, "UPGRADED", wire.len() - 3));
        assert_eq!(head.body_kind(false), Ok(BodyKind::UntilClose));
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(parse_request(b"GET /\r\n\r\n"), Err(HttpError::BadHead));
        assert_eq!(parse_request(b"GET / HTTP/1.1\r\nnocolon\r\n\r\n"), Err(HttpError::BadHead));
        assert_eq!(parse_response(b"HTTP/1.1 abc\r\n\r\n"), Err(HttpError::BadHead));
        assert_eq!(parse_request(&vec![b'a'; MAX_HEAD + 1]), Err(HttpError::HeadTooLarge));
        let (head, _) = parse_request(b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n").unwrap().unwrap();
        assert_eq!(head.body_kind(), Err(HttpError::BadLength));
    }

    #[test]
    fn a_header_value_cannot_forge_another() {
        let mut head = ResponseHead::new(200);
        head.headers.push("X", "a\r\nEvil: 1");
        let (parsed, _) = parse_response(&head.encode()).unwrap().unwrap();
        assert_eq!(parsed.headers.get("Evil"), None);
    }
}
