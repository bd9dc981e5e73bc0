//! Requests and answers (`RFC 9112`).

use machine::UnixTime;

use crate::{VERSION, date};

/// Bytes that a request's head may have.
pub const LONGEST_HEAD: usize = 32 << 10;

/// A request's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Its first line, as it came.
    pub line: String,
    /// The method.
    pub method: String,
    /// The path, decoded, without `.` and `..`.
    pub path: String,
    /// The target as it came.
    pub target: String,
    /// HTTP/1.1
    pub is_new: bool,
    /// Headers, names in small letters.
    pub headers: Vec<(String, String)>,
}

/// What is wrong with a request: the status to answer.
pub type Refusal = u16;

impl Request {
    /// Reads a head, without the empty line that ends it. The refusal comes with the first line.
    pub fn parse(head: &str) -> Result<Request, (Refusal, String)> {
        let mut lines = head.split("\r\n").flat_map(|l| l.split('\n'));
        let line = lines.next().unwrap_or("").to_string();
        let refuse = |status| (status, line.clone());
        let words: Vec<&str> = line.split(' ').collect();
        let [method, target, version] = words[..] else { return Err(refuse(400)) };
        if method.is_empty() || !method.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c == '-') {
            return Err(refuse(400));
        }
        let is_new = match version {
            "HTTP/1.1" => true,
            "HTTP/1.0" => false,
            v if v.starts_with("HTTP/") => return Err(refuse(505)),
            _ => return Err(refuse(400)),
        };
        let path = normal(target).ok_or_else(|| refuse(400))?;
        let mut headers = Vec::new();
        for header in lines.filter(|l| !l.is_empty()) {
            let (name, value) = header.split_once(':').ok_or_else(|| refuse(400))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
        }
        let request =
            Request { method: method.into(), target: target.into(), path, is_new, headers, line: line.clone() };
        if is_new && request.header("host").is_none() {
            return Err(refuse(400));
        }
        Ok(request)
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| &**v)
    }

    /// The host without the port.
    pub fn host(&self) -> &str {
        let host = self.header("host").unwrap_or("");
        host.rsplit_once(':').filter(|(_, p)| p.chars().all(|c| c.is_ascii_digit())).map_or(host, |(h, _)| h)
    }

    /// Whether the connection stays open.
    pub fn keeps_alive(&self) -> bool {
        match self.header("connection").map(str::to_ascii_lowercase).as_deref() {
            Some("close") => false,
            Some("keep-alive") => true,
            _ => self.is_new,
        }
    }

    /// Bytes of the body that follows.
    pub fn body(&self) -> usize {
        self.header("content-length").and_then(|l| l.parse().ok()).unwrap_or(0)
    }
}

/// A target's path: without its query, decoded, `.` and `..` and doubled slashes gone.
fn normal(target: &str) -> Option<String> {
    let rest = match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    let path = rest.split(['?', '#']).next()?;
    if !path.starts_with('/') {
        return None;
    }
    let (bytes, mut decoded, mut at) = (path.as_bytes(), Vec::new(), 0);
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let digits = std::str::from_utf8(bytes.get(at + 1..at + 3)?).ok()?;
            decoded.push(u8::from_str_radix(digits, 16).ok().filter(|b| *b != 0)?);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    let decoded = machine::text::from_bytes(&decoded);
    let mut parts: Vec<&str> = Vec::new();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    let slash = if decoded.ends_with('/') || decoded.ends_with("/.") || decoded.ends_with("/..") { "/" } else { "" };
    Some(if parts.is_empty() { "/".into() } else { format!("/{}{slash}", parts.join("/")) })
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Its type.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// When the content last changed.
    pub changed: Option<UnixTime>,
    /// The content.
    pub body: Vec<u8>,
}

/// The words of a status.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Not Allowed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Temporarily Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

impl Answer {
    /// A page that tells the status.
    pub fn page(status: u16) -> Answer {
        let title = match status {
            302 => "302 Found".to_string(),
            _ => format!("{status} {}", reason(status)),
        };
        let text = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>nginx/{VERSION}</center>\r\n</body>\r\n</html>\r\n"
        );
        Answer { status, content_type: "text/html".into(), body: text.into_bytes(), ..Answer::default() }
    }

    /// The bytes that go out.
    pub fn encode(&self, now: UnixTime, keep: bool, head_only: bool) -> Vec<u8> {
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nServer: nginx/{VERSION}\r\nDate: {}\r\n",
            self.status,
            reason(self.status),
            date::http(now)
        );
        if self.status != 304 && self.status != 204 {
            head.push_str(&format!("Content-Type: {}\r\nContent-Length: {}\r\n", self.content_type, self.body.len()));
        }
        if let Some(changed) = self.changed {
            head.push_str(&format!("Last-Modified: {}\r\n", date::http(changed)));
        }
        for (name, value) in self.headers.iter().filter(|(n, _)| *n == "Location") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(if keep { "Connection: keep-alive\r\n" } else { "Connection: close\r\n" });
        for (name, value) in self.headers.iter().filter(|(n, _)| *n != "Location") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut out = head.into_bytes();
        if !head_only && self.status != 304 && self.status != 204 {
            out.extend_from_slice(&self.body);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (target, path) in [
            ("/", Some("/")),
            ("/a//b/../c?x=1", Some("/a/c")),
            ("/a/.", Some("/a/")),
            ("/%61%20b", Some("/a b")),
            ("/..", None),
            ("/%2e%2e/etc", None),
            ("/%zz", None),
            ("/%00", None),
            ("*", None),
            ("http://host/x", Some("/x")),
        ] {
            assert_eq!(normal(target).as_deref(), path, "{target}");
        }
    }

    #[test]
    fn heads() {
        let request = Request::parse("GET /x HTTP/1.1\r\nHost: a:80\r\nConnection: close").unwrap();
        assert_eq!((request.host(), request.keeps_alive(), &*request.path), ("a", false, "/x"));
        for (head, status) in
            [("GET / HTTP/1.1", 400), ("hello", 400), ("GET / HTTP/3.0\r\nHost: a", 505), ("get / HTTP/1.0", 400)]
        {
            assert_eq!(Request::parse(head).map_err(|e| e.0), Err(status), "{head}");
        }
    }
}
