//! `httpd`: BusyBox's web server. It serves files; scripts, accounts and its configuration file are not emulated.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use machine::net::{SocketAddress, SocketKind};
use machine::{Errno, ExitCode, Fd, Sys};

use crate::context::Context;
use crate::options::{Parsed, Spec};

const SPEC: Spec = Spec { short: "c:d:e:h:ifm:p:r:u:v", long: &[], posix: false };

const USAGE: &str = "\
Usage: httpd [-ifv[v]] [-c CONFFILE] [-p [IP:]PORT] [-u USER[:GRP]] [-r REALM] [-h HOME]
or httpd -d/-e/-m STRING

Listen for incoming HTTP requests

\t-i\t\tInetd mode
\t-f\t\tRun in foreground
\t-v[v]\t\tVerbose
\t-p [IP:]PORT\tBind to IP:PORT (default *:80)
\t-u USER[:GRP]\tSet uid/gid after binding to port
\t-r REALM\tAuthentication Realm for Basic Authentication
\t-h HOME\t\tHome directory (default .)
\t-c FILE\t\tConfiguration file (default {/etc,HOME}/httpd.conf)
\t-m STRING\tMD5 crypt STRING
\t-e STRING\tHTML encode STRING
\t-d STRING\tURL decode STRING
";

/// The most bytes of a request's head.
const MAX_HEAD: usize = 8 * 1024;

/// Types of files by the ends of their names.
const TYPES: &[(&str, &str)] = &[
    (".txt.h.c.cc.cpp", "text/plain"),
    (".htm.html", "text/html"),
    (".jpg.jpeg", "image/jpeg"),
    (".gif", "image/gif"),
    (".png", "image/png"),
    (".svg", "image/svg+xml"),
    (".css", "text/css"),
    (".js", "application/javascript"),
    (".wav", "audio/wav"),
    (".avi", "video/x-msvideo"),
    (".qt.mov", "video/quicktime"),
    (".mpe.mpeg", "video/mpeg"),
    (".mid.midi", "audio/midi"),
    (".mp3", "audio/mpeg"),
];

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if let Some(text) = parsed.value('e') {
        let shown: String = text.chars().map(encoded).collect();
        cx.line(&shown).await;
        return ExitCode::SUCCESS;
    }
    if let Some(text) = parsed.value('d') {
        let shown = machine::text::from_bytes(&decode(text));
        cx.line(&shown).await;
        return ExitCode::SUCCESS;
    }
    if let Some(option) = ['c', 'i', 'm', 'r', 'u'].into_iter().find(|o| parsed.has(*o)) {
        cx.error(format!("drydock: -{option} is not emulated here")).await;
        return ExitCode::FAILURE;
    }
    match start(cx, &parsed) {
        Ok(fd) => {
            let verbose = parsed.has('v');
            if parsed.has('f') {
                return serve(cx.sys.clone(), fd, verbose).await;
            }
            let child = cx.sys.fork(move |sys| async move {
                let _ = sys.setsid();
                for fd in [Fd::STDIN, Fd::STDOUT, Fd::STDERR] {
                    let _ = sys.close(fd);
                }
                serve(sys, fd, false).await
            });
            if child.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(why) => {
            cx.error(why).await;
            ExitCode::FAILURE
        }
    }
}

/// `a` or `&#60;`.
fn encoded(c: char) -> String {
    if c.is_ascii_alphanumeric() { c.to_string() } else { format!("&#{};", u32::from(c)) }
}

fn start(cx: &Context, parsed: &Parsed) -> Result<Fd, String> {
    let home = parsed.value('h').unwrap_or(".");
    cx.sys.chdir(home).map_err(|e| format!("can't change directory to '{home}': {e}"))?;
    let given = parsed.value('p').unwrap_or("80");
    let (ip, port) = given.rsplit_once(':').unwrap_or(("", given));
    let port: u16 = port.parse().map_err(|_| format!("bad port '{port}'"))?;
    let ip: IpAddr = match ip {
        "" => Ipv6Addr::UNSPECIFIED.into(),
        ip => ip.parse().map_err(|_| format!("bad address '{ip}'"))?,
    };
    let kind = if ip.is_ipv6() { SocketKind::Tcp6 } else { SocketKind::Tcp4 };
    let fd = cx.sys.socket(kind).map_err(|e| e.to_string())?;
    let bound = cx.sys.bind(fd, &SocketAddress::Inet(SocketAddr::new(ip, port)));
    bound.and_then(|()| cx.sys.listen(fd, 9)).map_err(|e| format!("bind: {e}"))?;
    Ok(fd)
}

async fn serve(sys: Sys, listening: Fd, verbose: bool) -> ExitCode {
    loop {
        let (fd, from) = match sys.accept(listening).await {
            Ok(accepted) => accepted,
            Err(Errno::EINTR | Errno::ECONNABORTED) => continue,
            Err(_) => return ExitCode::FAILURE,
        };
        let own = sys.for_thread();
        sys.thread(async move {
            let status = answer(&own, fd).await;
            let _ = own.close(fd);
            if let (true, Some(status), SocketAddress::Inet(from)) = (verbose, status, &from) {
                let ip = match from.ip() {
                    IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                    IpAddr::V6(ip) => ip,
                };
                let line = format!("[{ip}]:{}: response:{status}\n", from.port());
                let _ = own.write_all(Fd::STDERR, line.as_bytes()).await;
            }
        });
    }
}

/// Reads one request and answers it; the status, if anything came.
async fn answer(sys: &Sys, fd: Fd) -> Option<u16> {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") && head.len() < MAX_HEAD {
        match sys.read_vec(fd, MAX_HEAD).await {
            Ok(data) if !data.is_empty() => head.extend_from_slice(&data),
            _ => break,
        }
    }
    let line = machine::text::from_bytes(head.split(|b| *b == b'\r' || *b == b'\n').next()?);
    if line.is_empty() {
        return None;
    }
    let reply = respond(sys, &line);
    let text = reply.head(sys.wall_clock().seconds());
    sys.write_all(fd, text.as_bytes()).await.ok()?;
    if reply.with_body {
        sys.write_all(fd, &reply.body).await.ok()?;
    }
    Some(reply.status)
}

struct Reply {
    status: u16,
    kind: &'static str,
    /// More lines of the head.
    more: String,
    body: Vec<u8>,
    with_body: bool,
}

impl Reply {
    fn error(status: u16, text: &str) -> Reply {
        let title = format!("{status} {}", reason(status));
        let body =
            format!("<HTML><HEAD><TITLE>{title}</TITLE></HEAD>\n<BODY><H1>{title}</H1>\n{text}\n</BODY></HTML>\n");
        Reply { status, kind: "text/html", more: String::new(), body: body.into_bytes(), with_body: true }
    }

    fn head(&self, now: i64) -> String {
        format!(
            "HTTP/1.1 {} {}\r\nDate: {}\r\nConnection: close\r\nContent-type: {}\r\n{}\r\n",
            self.status,
            reason(self.status),
            date(now),
            self.kind,
            self.more
        )
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        404 => "Not Found",
        _ => "Not Implemented",
    }
}

fn date(seconds: i64) -> String {
    machine::calendar::strftime("%a, %d %b %Y %H:%M:%S GMT", seconds)
}

/// The reply to a request by its first line.
fn respond(sys: &Sys, line: &str) -> Reply {
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let path = target.split(['?', '#']).next().unwrap_or("");
    let Some(path) = inside(path) else { return Reply::error(400, "Unsupported method") };
    if !matches!(method, "GET" | "HEAD") {
        return Reply::error(501, "The requested method is not recognized");
    }
    let missing = || Reply::error(404, "The requested URL was not found");
    let directory = sys.stat(&format!(".{path}")).is_ok_and(|a| a.is_dir());
    if directory && !path.ends_with('/') {
        let more = format!("Location: {path}/\r\n");
        return Reply { status: 302, kind: "text/html", more, body: Vec::new(), with_body: false };
    }
    let file = format!(".{path}{}", if path.ends_with('/') { "index.html" } else { "" });
    let (Ok(attr), Ok(body)) = (sys.stat(&file), sys.read_file(&file)) else { return missing() };
    let end = file.rsplit_once('.').map_or("", |(_, end)| end);
    let fits = |ends: &str| !end.contains('/') && ends.split('.').skip(1).any(|e| e == end);
    let kind = TYPES.iter().find(|(ends, _)| fits(ends)).map_or("application/octet-stream", |(_, kind)| *kind);
    let seconds = attr.mtime.seconds();
    let more = format!(
        "Accept-Ranges: bytes\r\nLast-Modified: {}\r\nETag: \"{seconds:x}-{:x}\"\r\nContent-Length: {}\r\n",
        date(seconds),
        body.len(),
        body.len()
    );
    Reply { status: 200, kind, more, body, with_body: method == "GET" }
}

/// A request's path without `.` and `..`; none if it leads out of the home directory.
fn inside(target: &str) -> Option<String> {
    let path = String::from_utf8(decode(target)).ok()?;
    let mut parts: Vec<&str> = Vec::new();
    for part in path.strip_prefix('/')?.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part if part.contains('\0') => return None,
            part => parts.push(part),
        }
    }
    let slash = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    Some(format!("/{}{slash}", parts.join("/")))
}

/// `%41` is `A`.
fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).filter(|d| *byte == b'%' && d.iter().all(u8::is_ascii_hexdigit));
        let value = digits.and_then(|d| u8::from_str_radix(std::str::from_utf8(d).ok()?, 16).ok());
        out.push(value.unwrap_or(*byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(inside("/").as_deref(), Some("/"));
        assert_eq!(inside("/a/../b%20c/").as_deref(), Some("/b c/"));
        assert_eq!(inside("/a/%2e%2e/x").as_deref(), Some("/x"));
        assert_eq!((inside("/../etc"), inside("etc"), inside("/%00")), (None, None, None));
        assert_eq!(decode("100%"), b"100%");
    }
}
