//! A small server for the built page: files of one folder, the right types, brotli where the build left it.

use crate::run::Failure;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

const MAX_HEAD: u64 = 16 << 10;
const IDLE: Duration = Duration::from_secs(30);

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    folder: PathBuf,
}

impl Server {
    /// Listens on localhost; port 0 takes any free one.
    pub fn bind(folder: &Path, port: u16) -> Result<Server, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .map_err(|error| Failure(format!("cannot listen on port {port}: {error} (--port chooses another)")))?;
        Ok(Server { listener, folder: folder.to_owned() })
    }

    /// Where the page is.
    pub fn address(&self) -> String {
        let port = self.listener.local_addr().map_or(0, |address| address.port());
        format!("http://localhost:{port}/")
    }

    /// Serves for ever.
    pub fn run(self) {
        for stream in self.listener.incoming().flatten() {
            let folder = self.folder.clone();
            // A connection that breaks concerns nobody else.
            thread::spawn(move || drop(converse(&stream, &folder)));
        }
    }

    /// Serves beside what else there is to do; returns the address.
    pub fn spawn(self) -> String {
        let address = self.address();
        thread::spawn(move || self.run());
        address
    }
}

/// Answers the requests of one connection, one after the other.
fn converse(stream: &TcpStream, folder: &Path) -> std::io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = Request::read(&mut reader)? {
        let response = respond(&request, folder);
        response.write(stream, request.method == "HEAD")?;
    }
    Ok(())
}

struct Request {
    method: String,
    path: String,
    brotli: bool,
}

impl Request {
    fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
        let mut head = reader.take(MAX_HEAD);
        let mut first = String::new();
        if head.read_line(&mut first)? == 0 {
            return Ok(None);
        }
        let mut brotli = false;
        loop {
            let mut line = String::new();
            if head.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            if line.trim_end().is_empty() {
                break;
            }
            let line = line.to_ascii_lowercase();
            brotli |= line
                .strip_prefix("accept-encoding:")
                .is_some_and(|value| value.split([',', ';']).any(|name| name.trim() == "br"));
        }
        let mut words = first.split_ascii_whitespace();
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let path = target.split(['?', '#']).next().unwrap_or_default();
        Ok(Some(Request { method: method.to_owned(), path: path.to_owned(), brotli }))
    }
}

struct Response {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Response {
    fn text(status: &'static str) -> Response {
        let headers = "Content-Type: text/plain; charset=utf-8\r\n".to_owned();
        Response { status, headers, body: format!("{status}\n").into_bytes() }
    }

    fn write(&self, mut stream: impl Write, head_only: bool) -> std::io::Result<()> {
        let head = format!("HTTP/1.1 {}\r\n{}Content-Length: {}\r\n\r\n", self.status, self.headers, self.body.len());
        let mut bytes = head.into_bytes();
        if !head_only {
            bytes.extend_from_slice(&self.body);
        }
        stream.write_all(&bytes)
    }
}

fn respond(request: &Request, folder: &Path) -> Response {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Response::text("405 Method Not Allowed");
    }
    let Some(name) = file_name(&request.path) else { return Response::text("404 Not Found") };
    let path = folder.join(&name);
    let packed = request.brotli.then(|| fs::read(folder.join(format!("{name}.br"))).ok()).flatten();
    let encoding = if packed.is_some() { "Content-Encoding: br\r\n" } else { "" };
    let Some(body) = packed.or_else(|| fs::read(path).ok()) else { return Response::text("404 Not Found") };
    let headers = format!(
        "Content-Type: {}\r\n{encoding}Vary: Accept-Encoding\r\nCache-Control: {}\r\nX-Content-Type-Options: nosniff\r\n",
        media_type(&name),
        if is_hashed(&name) { "public, max-age=31536000, immutable" } else { "no-cache" },
    );
    Response { status: "200 OK", headers, body }
}

/// The file below the folder that a path means; `None` for one that would lead out of it.
fn file_name(path: &str) -> Option<String> {
    let name = path.strip_prefix('/')?;
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '%']);
    if name.is_empty() {
        return Some("index.html".to_owned());
    }
    name.split('/').all(plain).then(|| name.to_owned())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        "png" => "image/png",
        "webp" => "image/webp",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// True for names with a content hash (`main-5GXCUEM7.js`): such a file never changes.
fn is_hashed(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        assert_eq!(file_name("/").as_deref(), Some("index.html"));
        assert_eq!(file_name("/fonts/a.woff2").as_deref(), Some("fonts/a.woff2"));
        for bad in ["", "a", "/../etc/passwd", "/a/../b", "/%2e%2e/a", "//etc", "/.git/config", "/c:/x", "/a\\b", "/a/"]
        {
            assert_eq!(file_name(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("main-5GXCUEM7.js"));
        assert!(is_hashed("jetbrains-mono-latin-wght-normal-AB12CD34.woff2"));
        assert!(!is_hashed("index.html"));
        assert!(!is_hashed("site-manifest.webmanifest"));
    }

    #[test]
    fn a_request_says_whether_it_takes_brotli() {
        let read = |text: &str| Request::read(&mut text.as_bytes()).unwrap();
        let request = read("GET /a.js?x=1 HTTP/1.1\r\nAccept-Encoding: gzip, deflate, br;q=1\r\n\r\n").unwrap();
        assert_eq!((request.path.as_str(), request.brotli), ("/a.js", true));
        assert!(!read("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap().brotli);
        assert!(read("GET / HTTP/1.1\r\nHost: a\r\n").is_none());
    }
}
