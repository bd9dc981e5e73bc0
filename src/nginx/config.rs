//! The configuration: text to directives, directives to servers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use machine::Sys;

/// How deep blocks and included files may nest.
const DEEPEST: usize = 16;

/// A directive with the place it stands at.
struct Directive {
    name: String,
    words: Vec<String>,
    block: Option<Vec<Directive>>,
    place: String,
}

/// What a location does.
#[derive(Clone, Debug, Default)]
pub struct Location {
    /// The beginning of the path, or all of it if `exact`.
    pub prefix: String,
    /// `=`
    pub exact: bool,
    /// Where files are.
    pub root: String,
    /// `alias` instead of `root`: it stands for the prefix.
    pub alias: bool,
    /// Files that stand for a folder.
    pub index: Vec<String>,
    /// `try_files`
    pub try_files: Vec<String>,
    /// `return`: status and text or address.
    pub returns: Option<(u16, String)>,
    /// `autoindex on`
    pub autoindex: bool,
}

/// A virtual server.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// Where it listens.
    pub listens: Vec<SocketAddr>,
    /// Names it answers to.
    pub names: Vec<String>,
    /// Its locations; the one for `/` is always there, first.
    pub locations: Vec<Location>,
}

/// All that counts.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Servers in order; the first for an address is its default.
    pub servers: Vec<Server>,
    /// `daemon off` was not given.
    pub daemon: bool,
    /// Path of the file with the master's number.
    pub pid: String,
    /// Path of the access log; empty: none.
    pub access_log: String,
    /// Path of the error log.
    pub error_log: String,
    /// The user that workers run as.
    pub user: String,
    /// Seconds that an idle connection stays.
    pub keepalive: u64,
    /// Types by file ending.
    pub types: Vec<(String, String)>,
    /// The type of all others.
    pub default_type: String,
}

type Read<T> = Result<T, String>;

/// Directives that are known to the real one, say nothing that shows here, and may stand.
const WITHOUT_EFFECT: &[&str] = &[
    "charset",
    "client_max_body_size",
    "error_page",
    "gzip",
    "gzip_types",
    "log_format",
    "sendfile",
    "server_tokens",
    "tcp_nodelay",
    "tcp_nopush",
    "use",
    "worker_connections",
    "worker_processes",
    "multi_accept",
    "worker_rlimit_nofile",
    "client_body_timeout",
    "client_header_timeout",
    "send_timeout",
];

/// Directives of the real one that would change what is answered.
const NOT_HERE: &[&str] = &[
    "add_header",
    "allow",
    "auth_basic",
    "auth_basic_user_file",
    "auth_request",
    "deny",
    "expires",
    "fastcgi_pass",
    "geo",
    "if",
    "limit_conn",
    "limit_req",
    "limit_req_zone",
    "map",
    "proxy_cache",
    "proxy_pass",
    "proxy_set_header",
    "resolver",
    "rewrite",
    "set",
    "split_clients",
    "ssl_certificate",
    "ssl_certificate_key",
    "stream",
    "sub_filter",
    "upstream",
    "uwsgi_pass",
    "mail",
    "internal",
    "access_log_format",
    "proxy_redirect",
    "proxy_http_version",
];

impl Config {
    /// Reads a file with all that it includes, behind the directives of `-g`.
    pub fn load(sys: &Sys, path: &str, global: &str) -> Read<Config> {
        let mut config = Config {
            daemon: true,
            pid: "/run/nginx.pid".into(),
            access_log: "/var/log/nginx/access.log".into(),
            error_log: "/var/log/nginx/error.log".into(),
            user: "nobody".into(),
            keepalive: 75,
            default_type: "text/plain".into(),
            ..Config::default()
        };
        let global = parse(global, "command line")?;
        config.main(sys, &global, 0)?;
        let directives = read(sys, path)?;
        config.main(sys, &directives, 0)?;
        Ok(config)
    }

    fn main(&mut self, sys: &Sys, directives: &[Directive], depth: usize) -> Read<()> {
        for directive in directives {
            match &*directive.name {
                "daemon" => self.daemon = directive.word()? != "off",
                "pid" => self.pid = directive.word()?.into(),
                "user" => self.user = directive.word()?.into(),
                "error_log" => self.error_log = directive.word()?.into(),
                "include" => {
                    for included in include(sys, directive, depth)? {
                        self.main(sys, &included, depth + 1)?;
                    }
                }
                "events" => {}
                "http" => self.http(sys, directive.block()?, depth + 1)?,
                _ => directive.known()?,
            }
        }
        Ok(())
    }

    fn http(&mut self, sys: &Sys, directives: &[Directive], depth: usize) -> Read<()> {
        for directive in directives {
            match &*directive.name {
                "include" => {
                    for included in include(sys, directive, depth)? {
                        self.http(sys, &included, depth + 1)?;
                    }
                }
                "types" => {
                    for line in directive.block()? {
                        let endings = line.words.iter().map(|e| (e.clone(), line.name.clone()));
                        self.types.extend(endings);
                    }
                }
                "default_type" => self.default_type = directive.word()?.into(),
                "access_log" if directive.word()? == "off" => self.access_log.clear(),
                "access_log" => self.access_log = directive.word()?.into(),
                "error_log" => self.error_log = directive.word()?.into(),
                "keepalive_timeout" => self.keepalive = seconds(directive.word()?),
                "server" => {
                    let server = self.server(sys, directive)?;
                    self.servers.push(server);
                }
                _ => directive.known()?,
            }
        }
        Ok(())
    }

    fn server(&mut self, sys: &Sys, directive: &Directive) -> Read<Server> {
        let base = Location {
            prefix: "/".into(),
            root: "/etc/nginx/html".into(),
            index: vec!["index.html".into()],
            ..Location::default()
        };
        let mut server = Server { locations: vec![base], ..Server::default() };
        self.inside(sys, &mut server, directive.block()?, 0)?;
        if server.listens.is_empty() {
            server.listens.push(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 80));
        }
        Ok(server)
    }

    fn inside(&mut self, sys: &Sys, server: &mut Server, directives: &[Directive], depth: usize) -> Read<()> {
        // What stands in the server itself is what its locations begin with, wherever it stands.
        let (locations, rest): (Vec<&Directive>, Vec<&Directive>) =
            directives.iter().partition(|d| d.name == "location");
        for directive in rest {
            match &*directive.name {
                "listen" => server.listens.push(address(directive)?),
                "server_name" => server.names.extend(directive.words.iter().cloned()),
                "include" => {
                    for included in include(sys, directive, depth)? {
                        self.inside(sys, server, &included, depth + 1)?;
                    }
                }
                "access_log" if directive.word()? == "off" => self.access_log.clear(),
                "access_log" => self.access_log = directive.word()?.into(),
                "error_log" => self.error_log = directive.word()?.into(),
                "keepalive_timeout" => self.keepalive = seconds(directive.word()?),
                _ => {
                    if let Some(base) = server.locations.first_mut() {
                        base.set(directive)?;
                    }
                }
            }
        }
        for directive in locations {
            let mut location = server.locations.first().cloned().unwrap_or_default();
            (location.returns, location.try_files) = (None, Vec::new());
            match &directive.words[..] {
                [prefix] => location.prefix = prefix.clone(),
                [sign, prefix] if sign == "=" || sign == "^~" => {
                    (location.prefix, location.exact) = (prefix.clone(), sign == "=");
                }
                [sign, _] if sign == "~" || sign == "~*" => {
                    return Err(format!(
                        "drydock: locations with regular expressions are not emulated here in {}",
                        directive.place
                    ));
                }
                _ => return Err(directive.count_wrong()),
            }
            for inner in directive.block()? {
                location.set(inner)?;
            }
            if location.prefix == "/" && !location.exact {
                server.locations.remove(0);
                server.locations.insert(0, location);
            } else {
                server.locations.push(location);
            }
        }
        Ok(())
    }
}

impl Location {
    fn set(&mut self, directive: &Directive) -> Read<()> {
        match &*directive.name {
            "root" => (self.root, self.alias) = (directive.word()?.into(), false),
            "alias" => (self.root, self.alias) = (directive.word()?.into(), true),
            "index" => self.index = directive.words.clone(),
            "autoindex" => self.autoindex = directive.word()? == "on",
            "try_files" => self.try_files = directive.words.clone(),
            "return" => {
                let first = directive.words.first().map_or("", |w| w);
                let text = directive.words.get(1).cloned().unwrap_or_default();
                self.returns = match first.parse() {
                    Ok(status) => Some((status, text)),
                    Err(_) if first.starts_with("http") => Some((302, first.to_string())),
                    Err(_) => return Err(format!("invalid return code \"{first}\" in {}", directive.place)),
                };
            }
            _ => directive.known()?,
        }
        Ok(())
    }
}

impl Directive {
    fn word(&self) -> Read<&str> {
        self.words.first().map(|w| &**w).ok_or_else(|| self.count_wrong())
    }

    fn count_wrong(&self) -> String {
        format!("invalid number of arguments in \"{}\" directive in {}", self.name, self.place)
    }

    fn block(&self) -> Read<&[Directive]> {
        let missing = || format!("directive \"{}\" has no opening \"{{\" in {}", self.name, self.place);
        self.block.as_deref().ok_or_else(missing)
    }

    /// A directive that nobody here asked for: it may stand, is not emulated, or there is none of that name.
    fn known(&self) -> Read<()> {
        if WITHOUT_EFFECT.contains(&&*self.name) {
            return Ok(());
        }
        if NOT_HERE.contains(&&*self.name) {
            return Err(format!("drydock: the directive \"{}\" is not emulated here in {}", self.name, self.place));
        }
        Err(format!("unknown directive \"{}\" in {}", self.name, self.place))
    }
}

fn seconds(text: &str) -> u64 {
    text.trim_end_matches('s').parse().unwrap_or(75)
}

fn address(directive: &Directive) -> Read<SocketAddr> {
    let text = directive.word()?;
    if directive.words.iter().any(|w| w == "ssl") {
        return Err(format!("drydock: TLS is not emulated here in {}", directive.place));
    }
    let wrong = |what: &str| format!("{what} in \"{text}\" of the \"listen\" directive in {}", directive.place);
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ if text.chars().all(|c| c.is_ascii_digit()) => ("*", text),
        _ => (text, "80"),
    };
    let port = port.parse::<u16>().ok().filter(|p| *p > 0).ok_or_else(|| wrong("invalid port"))?;
    let ip: IpAddr = match host {
        "*" => Ipv4Addr::UNSPECIFIED.into(),
        "[::]" => Ipv6Addr::UNSPECIFIED.into(),
        "localhost" => Ipv4Addr::LOCALHOST.into(),
        host => host.trim_matches(['[', ']']).parse().map_err(|_| wrong("host not found"))?,
    };
    Ok(SocketAddr::new(ip, port))
}

fn read(sys: &Sys, path: &str) -> Read<Vec<Directive>> {
    let data =
        sys.read_file(path).map_err(|e| format!("open() \"{path}\" failed ({}: {})", e.number(), e.message()))?;
    parse(&String::from_utf8_lossy(&data), path)
}

/// The files that `include` names, in order; without a `*` one has to be there.
fn include(sys: &Sys, directive: &Directive, depth: usize) -> Read<Vec<Vec<Directive>>> {
    if depth > DEEPEST {
        return Err(format!("too many levels of includes in {}", directive.place));
    }
    let word = directive.word()?;
    let path = if word.starts_with('/') { word.to_string() } else { format!("/etc/nginx/{word}") };
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let Some((before, behind)) = name.split_once('*') else { return Ok(vec![read(sys, &path)?]) };
    let mut names: Vec<String> = sys.read_dir(folder).unwrap_or_default().into_iter().map(|e| e.name).collect();
    names.retain(|n| n.len() >= before.len() + behind.len() && n.starts_with(before) && n.ends_with(behind));
    names.retain(|n| !n.starts_with('.'));
    names.sort();
    names.iter().map(|n| read(sys, &format!("{folder}/{n}"))).collect()
}

/// Words, quoted words, and signs with the line they stand on.
fn tokens(text: &str) -> Vec<(String, bool, usize)> {
    let (mut out, mut line) = (Vec::new(), 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => line += 1,
            c if c.is_whitespace() => {}
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            ';' | '{' | '}' => out.push((c.to_string(), false, line)),
            '"' | '\'' => {
                let (start, mut word) = (line, String::new());
                while let Some(inner) = chars.next().filter(|i| *i != c) {
                    line += usize::from(inner == '\n');
                    word.push(if inner == '\\' { chars.next().unwrap_or('\\') } else { inner });
                }
                out.push((word, true, start));
            }
            c => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !matches!(c, ';' | '{')) {
                    word.push(c);
                }
                out.push((word, true, line));
            }
        }
    }
    out
}

fn parse(text: &str, path: &str) -> Read<Vec<Directive>> {
    let tokens = tokens(text);
    let mut at = 0;
    let directives = block(&tokens, &mut at, path, 0)?;
    match tokens.get(at) {
        Some((_, _, line)) => Err(format!("unexpected \"}}\" in {path}:{line}")),
        None => Ok(directives),
    }
}

fn block(tokens: &[(String, bool, usize)], at: &mut usize, path: &str, depth: usize) -> Read<Vec<Directive>> {
    let (mut directives, mut words) = (Vec::new(), Vec::<String>::new());
    let mut last = tokens.last().map_or(1, |t| t.2);
    if depth > DEEPEST {
        return Err(format!("too many levels of blocks in {path}:{last}"));
    }
    while let Some((word, is_word, line)) = tokens.get(*at) {
        let place = format!("{path}:{line}");
        match (&**word, is_word) {
            (_, true) => words.push(word.clone()),
            ("}", _) if words.is_empty() => return Ok(directives),
            ("}", _) => return Err(format!("unexpected \"}}\" in {place}")),
            (sign, _) => {
                let mut taken = std::mem::take(&mut words).into_iter();
                let Some(name) = taken.next() else { return Err(format!("unexpected \"{sign}\" in {place}")) };
                let mut inner = None;
                if sign == "{" {
                    *at += 1;
                    inner = Some(block(tokens, at, path, depth + 1)?);
                    if tokens.get(*at).is_none() {
                        return Err(format!("unexpected end of file, expecting \"}}\" in {path}:{}", last + 1));
                    }
                }
                directives.push(Directive { name, words: taken.collect(), block: inner, place });
            }
        }
        last = *line;
        *at += 1;
    }
    if words.is_empty() {
        return Ok(directives);
    }
    Err(format!("unexpected end of file, expecting \";\" or \"}}\" in {path}:{last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<usize, &str>) {
        let got = parse(text, "f").map(|d| d.len());
        assert_eq!(got, expected.map_err(String::from), "{text}");
    }

    #[test]
    fn reads_as_the_real_one() {
        check("a b; c { d 'e f'; } # g\n", Ok(2));
        check("", Ok(0));
        check("a b\nc", Err("unexpected end of file, expecting \";\" or \"}\" in f:2"));
        check("a { b;", Err("unexpected end of file, expecting \"}\" in f:2"));
        check("a;\n}", Err("unexpected \"}\" in f:2"));
        check(";", Err("unexpected \";\" in f:1"));
        check(&"a {".repeat(100), Err("too many levels of blocks in f:1"));
    }
}
