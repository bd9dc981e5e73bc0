//! What a location answers: files, folders, redirections.

use machine::fs::{Attr, FileKind};
use machine::{Errno, Sys};

use crate::config::{Config, Location, Server};
use crate::date;
use crate::http::{Answer, Request};

/// An answer, and what the error log gets to know.
pub struct Found {
    /// The answer.
    pub answer: Answer,
    /// Text of an error.
    pub complaint: Option<String>,
}

impl From<Answer> for Found {
    fn from(answer: Answer) -> Found {
        Found { answer, complaint: None }
    }
}

/// The server that answers at an address to a name; the first there if none has the name.
pub fn server<'a>(config: &'a Config, at: std::net::SocketAddr, host: &str) -> Option<&'a Server> {
    let here = || {
        config.servers.iter().filter(|s| {
            s.listens.iter().any(|l| l.port() == at.port() && (l.ip().is_unspecified() || l.ip() == at.ip()))
        })
    };
    here().find(|s| s.names.iter().any(|n| n.eq_ignore_ascii_case(host))).or_else(|| here().next())
}

fn location<'a>(server: &'a Server, path: &str) -> Option<&'a Location> {
    let exact = server.locations.iter().find(|l| l.exact && l.prefix == path);
    let fits = |l: &&Location| !l.exact && path.starts_with(&l.prefix);
    exact.or_else(|| server.locations.iter().filter(fits).max_by_key(|l| l.prefix.len()))
}

/// Answers a request.
pub fn answer(sys: &Sys, config: &Config, server: &Server, request: &Request) -> Found {
    let Some(location) = location(server, &request.path) else { return Answer::page(404).into() };
    if let Some((status, text)) = &location.returns {
        return returned(request, *status, text).into();
    }
    if !matches!(&*request.method, "GET" | "HEAD") {
        return Answer::page(405).into();
    }
    let mut path = request.path.clone();
    if let Some((last, tries)) = location.try_files.split_last() {
        let exists = |name: &str| {
            let attr = sys.stat(&on_disk(location, name));
            attr.is_ok_and(|a| a.is_dir() == name.ends_with('/'))
        };
        let expand = |name: &str| name.replace("$uri", &request.path).replace("$args", "");
        match tries.iter().map(|t| expand(t)).find(|t| exists(t)) {
            Some(found) => path = found,
            None => match last.strip_prefix('=') {
                Some(code) => return Answer::page(code.parse().unwrap_or(404)).into(),
                None => path = expand(last),
            },
        }
    }
    file(sys, config, location, request, &path)
}

fn returned(request: &Request, status: u16, text: &str) -> Answer {
    let text =
        text.replace("$host", request.host()).replace("$request_uri", &request.target).replace("$uri", &request.path);
    if matches!(status, 301 | 302 | 303 | 307 | 308) {
        let mut answer = Answer::page(status);
        answer.headers.push(("Location", text));
        return answer;
    }
    if text.is_empty() {
        return Answer::page(status);
    }
    Answer { status, content_type: "application/octet-stream".into(), body: text.into_bytes(), ..Answer::default() }
}

fn on_disk(location: &Location, path: &str) -> String {
    let root = location.root.trim_end_matches('/');
    match path.strip_prefix(&location.prefix) {
        Some(rest) if location.alias => format!("{}{rest}", location.root),
        _ => format!("{root}{path}"),
    }
}

fn file(sys: &Sys, config: &Config, location: &Location, request: &Request, path: &str) -> Found {
    let place = on_disk(location, path);
    if path.ends_with('/') {
        for name in &location.index {
            let index = format!("{place}{name}");
            if let Ok(attr) = sys.stat(&index)
                && attr.is_file()
            {
                return content(sys, config, request, &index, &attr);
            }
        }
        return match sys.stat(&place) {
            Ok(_) if location.autoindex => listing(sys, path, &place).into(),
            Ok(_) => {
                let complaint = format!("directory index of \"{place}\" is forbidden");
                Found { answer: Answer::page(403), complaint: Some(complaint) }
            }
            Err(error) => {
                let first = location.index.first().map_or("", |n| n);
                missing(&format!("{place}{first}"), error)
            }
        };
    }
    match sys.stat(&place) {
        Ok(attr) if attr.is_dir() => {
            let mut answer = Answer::page(301);
            let host = request.header("host").unwrap_or("localhost");
            answer.headers.push(("Location", format!("http://{host}{path}/")));
            answer.into()
        }
        Ok(attr) => content(sys, config, request, &place, &attr),
        Err(error) => missing(&place, error),
    }
}

fn missing(place: &str, error: Errno) -> Found {
    let status = if error == Errno::EACCES { 403 } else { 404 };
    let complaint = format!("open() \"{place}\" failed ({}: {})", error.number(), error.message());
    Found { answer: Answer::page(status), complaint: Some(complaint) }
}

fn content(sys: &Sys, config: &Config, request: &Request, place: &str, attr: &Attr) -> Found {
    let data = match sys.read_file(place) {
        Ok(data) => data,
        Err(error) => return missing(place, error),
    };
    let ending = place.rsplit('/').next().and_then(|n| n.rsplit_once('.')).map_or("", |(_, e)| e);
    let known = config.types.iter().find(|(e, _)| e.eq_ignore_ascii_case(ending)).map(|(_, t)| t.clone());
    let tag = format!("\"{:x}-{:x}\"", attr.mtime.seconds(), attr.size);
    let same = request.header("if-none-match") == Some(&tag)
        || request.header("if-modified-since") == Some(&date::http(attr.mtime));
    let mut headers = vec![("ETag", tag)];
    if !same {
        headers.push(("Accept-Ranges", "bytes".to_string()));
    }
    Answer {
        status: if same { 304 } else { 200 },
        content_type: known.unwrap_or_else(|| config.default_type.clone()),
        headers,
        changed: Some(attr.mtime),
        body: if same { Vec::new() } else { data },
    }
    .into()
}

/// `autoindex`.
fn listing(sys: &Sys, path: &str, place: &str) -> Answer {
    let mut entries: Vec<(bool, String, Attr)> = Vec::new();
    for entry in sys.read_dir(place).unwrap_or_default() {
        if entry.name.starts_with('.') {
            continue;
        }
        if let Ok(attr) = sys.stat(&format!("{place}{}", entry.name)) {
            entries.push((attr.kind != FileKind::Directory, entry.name, attr));
        }
    }
    entries.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let mut text = format!(
        "<html>\r\n<head><title>Index of {path}</title></head>\r\n<body>\r\n<h1>Index of {path}</h1><hr><pre><a href=\"../\">../</a>\r\n"
    );
    for (is_file, name, attr) in entries {
        let shown = if is_file { name } else { format!("{name}/") };
        let gap = 51usize.saturating_sub(shown.chars().count());
        let size = if is_file { attr.size.to_string() } else { "-".into() };
        text.push_str(&format!(
            "<a href=\"{shown}\">{shown}</a>{:gap$}{}{size:>20}\r\n",
            "",
            date::listing(attr.mtime)
        ));
    }
    text.push_str("</pre><hr></body>\r\n</html>\r\n");
    Answer { status: 200, content_type: "text/html".into(), body: text.into_bytes(), ..Answer::default() }
}
