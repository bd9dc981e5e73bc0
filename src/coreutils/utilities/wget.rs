//! `wget`: fetches files over HTTP. GNU wget 1.21.3, and BusyBox's.

use std::net::IpAddr;
use std::time::Duration;

use machine::fs::OpenFlags;
use machine::net::resolve;
use machine::net::resolve::numeric;
use machine::{ExitCode, Fd, Instant, SysResult};

use crate::context::Context;
use crate::net::http::{Connection, Failure, Response, Url, connect};
use crate::options::{Parsed, Spec, Value, parse};

const SPEC: Spec = Spec {
    short: "qSvcO:P:T:t:U:Y:",
    long: &[
        ("quiet", 'q', Value::None),
        ("no-verbose", 'n', Value::None),
        ("verbose", 'v', Value::None),
        ("server-response", 'S', Value::None),
        ("spider", 's', Value::None),
        ("output-document", 'O', Value::Required),
        ("directory-prefix", 'P', Value::Required),
        ("timeout", 'T', Value::Required),
        ("tries", 't', Value::Required),
        ("user-agent", 'U', Value::Required),
        ("header", 'h', Value::Required),
        ("post-data", 'p', Value::Required),
        ("no-check-certificate", 'k', Value::None),
        ("continue", 'c', Value::None),
    ],
    posix: false,
};

const BUSYBOX_USAGE: &str = "\
Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
\t[--post-data STR | --post-file FILE] [-Y on/off]
\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...

Retrieve files via HTTP or FTP

\t--spider\tOnly check URL existence: $? is 0 if exists
\t--header STR\tAdd STR (of form 'header: value') to headers
\t--post-data STR\tSend STR using POST method
\t--post-file FILE\tSend FILE using POST method
\t--no-check-certificate\tDon't validate the server's certificate
\t-c\t\tContinue retrieval of aborted transfer
\t-q\t\tQuiet
\t-P DIR\t\tSave to DIR (default .)
\t-S    \t\tShow server response
\t-T SEC\t\tNetwork read timeout is SEC seconds
\t-O FILE\t\tSave to FILE ('-' for stdout)
\t-o LOGFILE\tLog messages to FILE
\t-U STR\t\tUse STR for User-Agent header
\t-Y on/off\tUse proxy
";

/// Redirections followed.
const REDIRECTS: usize = 20;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    // `-nv` is one option.
    let args: Vec<String> =
        cx.args.iter().map(|a| if a == "-nv" { "--no-verbose".into() } else { a.clone() }).collect();
    let parsed = match parse(&SPEC, &args) {
        Ok(parsed) if !parsed.operands.is_empty() => parsed,
        other => {
            let why = match other {
                Ok(_) if cx.is_busybox() => String::new(),
                Ok(_) => "wget: missing URL\n".to_string(),
                Err(error) => format!("wget: {error}\n"),
            };
            let usage = match cx.is_busybox() {
                true => format!("{}\n\n{BUSYBOX_USAGE}", crate::context::BUSYBOX_BANNER),
                false => "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n".to_string(),
            };
            cx.complain(&format!("{why}{usage}")).await;
            return ExitCode(if why.contains("missing") || cx.is_busybox() { 1 } else { 2 });
        }
    };
    let mut status = ExitCode::SUCCESS;
    for text in parsed.operands.clone() {
        let mut fetch = Fetch { parsed: &parsed, log: !parsed.has('q'), brief: parsed.has('n') };
        let code = fetch.run(cx, &text).await;
        if code != 0 {
            status = ExitCode(code);
        }
    }
    cx.flush().await;
    status
}

struct Fetch<'a> {
    parsed: &'a Parsed,
    /// Tells what it does.
    log: bool,
    /// `-nv`.
    brief: bool,
}

impl Fetch<'_> {
    async fn say(&self, cx: &mut Context, text: &str) {
        if self.log && !self.brief {
            cx.complain(text).await;
        }
    }

    async fn fail(&self, cx: &mut Context, text: &str, code: u8) -> u8 {
        if self.log || cx.is_busybox() {
            cx.complain(&format!("wget: {text}\n")).await;
        }
        if cx.is_busybox() { 1 } else { code }
    }

    /// When `-T` gives up.
    fn deadline(&self, cx: &Context) -> Option<Instant> {
        let seconds = self.parsed.value('T').and_then(|v| v.parse::<u64>().ok()).filter(|s| *s > 0);
        seconds.map(|s| cx.sys.now() + Duration::from_secs(s))
    }

    fn clock(cx: &Context) -> String {
        super::date::strftime("%Y-%m-%d %H:%M:%S", cx.sys.wall_clock())
    }

    async fn run(&mut self, cx: &mut Context, text: &str) -> u8 {
        let Some(mut url) = Url::parse(text) else {
            return self.fail(cx, &format!("{text}: Invalid host name."), 1).await;
        };
        let first_name = url.file_name().to_string();
        for _ in 0..=REDIRECTS {
            if url.scheme != "http" {
                return self.fail(cx, &format!("drydock: {} is not emulated here", url.scheme), 1).await;
            }
            if !cx.is_busybox() {
                let line = format!("--{}--  http://{}{}\n", Self::clock(cx), url.authority(), url.path);
                self.say(cx, &line).await;
            }
            let (fd, _) = match self.open(cx, &url).await {
                Ok(opened) => opened,
                Err(code) => return code,
            };
            let sys = cx.sys.clone();
            let mut connection = Connection::new(&sys, fd, self.deadline(cx));
            let outcome = self.ask(cx, &mut connection, &url).await;
            let response = match outcome {
                Ok(response) => response,
                Err(failure) => {
                    let _ = sys.close(fd);
                    return self.broken(cx, failure).await;
                }
            };
            let location = response.header("Location").filter(|_| matches!(response.status, 301..=303 | 307 | 308));
            if let Some(next) = location.and_then(|l| url.join(l)) {
                let _ = sys.close(fd);
                if !cx.is_busybox() {
                    self.say(cx, &format!("Location: {} [following]\n", location.unwrap_or(""))).await;
                }
                url = next;
                continue;
            }
            let code = self.save(cx, &mut connection, &response, &url, &first_name).await;
            let _ = sys.close(fd);
            return code;
        }
        self.fail(cx, &format!("{REDIRECTS} redirections exceeded."), 8).await
    }

    async fn open(&self, cx: &mut Context, url: &Url) -> Result<(Fd, IpAddr), u8> {
        let port = url.port();
        let deadline = self.deadline(cx);
        let named = numeric(&url.host).is_none();
        let addresses = resolve(&cx.sys, &url.host).await;
        if cx.is_busybox() {
            let Ok(addresses) = addresses else {
                return Err(self.fail(cx, &format!("bad address '{}'", url.authority()), 4).await);
            };
            let first = addresses.first().map(|a| format!("{a}:{port}")).unwrap_or_default();
            self.say(cx, &format!("Connecting to {} ({first})\n", url.authority())).await;
            return match connect(&cx.sys, &addresses, port, deadline).await {
                Ok(opened) => Ok(opened),
                Err(_) if deadline.is_some_and(|at| cx.sys.now() >= at) => {
                    Err(self.fail(cx, "download timed out", 4).await)
                }
                Err(tried) => {
                    let (address, error) =
                        tried.last().map_or((String::new(), String::new()), |(a, e)| (a.to_string(), e.to_string()));
                    Err(self.fail(cx, &format!("can't connect to remote host ({address}): {error}"), 4).await)
                }
            };
        }
        if named {
            let found =
                addresses.as_ref().map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
            let what = found.unwrap_or_else(|e| format!("failed: {}.", e.message()));
            self.say(cx, &format!("Resolving {host} ({host})... {what}\n", host = url.host)).await;
        }
        let Ok(addresses) = addresses else {
            if self.log {
                cx.complain(&format!("wget: unable to resolve host address ‘{}’\n", url.host)).await;
            }
            return Err(4);
        };
        for address in &addresses {
            let who = if named { format!("{host} ({host})|{address}|", host = url.host) } else { address.to_string() };
            self.say(cx, &format!("Connecting to {who}:{port}... ")).await;
            match connect(&cx.sys, &[*address], port, deadline).await {
                Ok(opened) => {
                    self.say(cx, "connected.\n").await;
                    return Ok(opened);
                }
                Err(tried) => {
                    let error = tried.first().map(|t| t.1.to_string()).unwrap_or_default();
                    self.say(cx, &format!("failed: {error}.\n")).await;
                }
            }
        }
        Err(4)
    }

    async fn ask(&self, cx: &mut Context, connection: &mut Connection<'_>, url: &Url) -> Result<Response, Failure> {
        let method = match (self.parsed.has('s'), self.parsed.has('p')) {
            (true, _) => "HEAD",
            (_, true) => "POST",
            _ => "GET",
        };
        let agent = self.parsed.value('U').unwrap_or(if cx.is_busybox() { "Wget" } else { "Wget/1.21.3" });
        let mut head =
            format!("{method} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {agent}\r\n", url.path, url.authority());
        if !cx.is_busybox() {
            head.push_str("Accept: */*\r\nAccept-Encoding: identity\r\n");
        }
        for (_, value) in self.parsed.options.iter().filter(|(o, _)| *o == 'h') {
            head.push_str(&format!("{}\r\n", value.as_deref().unwrap_or("")));
        }
        let data = self.parsed.value('p').unwrap_or("");
        if self.parsed.has('p') {
            head.push_str(&format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                data.len()
            ));
        }
        head.push_str("Connection: close\r\n\r\n");
        head.push_str(data);
        connection.send(head.as_bytes()).await?;
        if !cx.is_busybox() {
            self.say(cx, "HTTP request sent, awaiting response... ").await;
        }
        let response = connection.head(self.parsed.has('s')).await?;
        if self.parsed.has('S') {
            let lines: String =
                String::from_utf8_lossy(&response.raw).trim_end().lines().map(|l| format!("  {l}\n")).collect();
            self.say(cx, &format!("{}{lines}", if cx.is_busybox() { "" } else { "\n" })).await;
        } else if !cx.is_busybox() {
            self.say(cx, &format!("{} {}\n", response.status, response.reason)).await;
        }
        Ok(response)
    }

    async fn broken(&self, cx: &mut Context, failure: Failure) -> u8 {
        if cx.is_busybox() {
            let text = match failure {
                Failure::Timeout => "download timed out".to_string(),
                Failure::Receive(error) | Failure::Send(error) => error.to_string(),
                _ => "error getting response".to_string(),
            };
            return self.fail(cx, &text, 4).await;
        }
        let text = match failure {
            Failure::Empty | Failure::Partial(_) => "No data received.".to_string(),
            Failure::NotHttp => "200 No headers, assuming HTTP/0.9".to_string(),
            Failure::Timeout => "Read error (Connection timed out) in headers.".to_string(),
            Failure::Receive(error) | Failure::Send(error) => format!("Read error ({error}) in headers."),
        };
        self.say(cx, &format!("{text}\n")).await;
        4
    }

    async fn save(
        &self,
        cx: &mut Context,
        connection: &mut Connection<'_>,
        response: &Response,
        url: &Url,
        first_name: &str,
    ) -> u8 {
        if response.status >= 400 {
            let line = format!("{} ERROR {}: {}.\n\n", Self::clock(cx), response.status, response.reason);
            if cx.is_busybox() {
                return self
                    .fail(
                        cx,
                        &format!("server returned error: {} {} {}", response.version, response.status, response.reason),
                        8,
                    )
                    .await;
            }
            self.say(cx, &line).await;
            return 8;
        }
        if self.parsed.has('s') {
            self.say(cx, if cx.is_busybox() { "remote file exists\n" } else { "Remote file exists.\n\n" }).await;
            return 0;
        }
        let default = if first_name.is_empty() { "index.html" } else { first_name };
        let mut name = self.parsed.value('O').map_or(default.to_string(), str::to_string);
        if let (Some(folder), None) = (self.parsed.value('P'), self.parsed.value('O')) {
            name = format!("{folder}/{name}");
        }
        if self.parsed.value('O').is_none() {
            name = match free_name(cx, &name) {
                Some(name) => name,
                None => return self.fail(cx, &format!("can't open '{name}': File exists"), 1).await,
            };
        }
        let total: Option<u64> = response.header("Content-Length").and_then(|v| v.parse().ok());
        let shown = if name == "-" { "STDOUT" } else { &name }.to_string();
        if cx.is_busybox() {
            self.say(
                cx,
                &if name == "-" { "writing to stdout\n".to_string() } else { format!("saving to '{name}'\n") },
            )
            .await;
        } else {
            let length = total.map_or("unspecified".to_string(), |n| {
                if n >= 1024 { format!("{n} ({})", human(n)) } else { n.to_string() }
            });
            let kind = response
                .header("Content-Type")
                .map(|t| format!(" [{}]", t.split(';').next().unwrap_or("")))
                .unwrap_or_default();
            self.say(cx, &format!("Length: {length}{kind}\nSaving to: ‘{shown}’\n\n")).await;
        }
        let started = cx.sys.now();
        match copy(cx, connection, &name).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => return self.broken(cx, failure).await,
            Err(error) => return self.fail(cx, &format!("{name}: {error}"), 3).await,
        }
        let seconds = cx.sys.now().since(started).as_secs_f64();
        self.done(cx, &name, &shown, connection.received, total, seconds, url).await;
        0
    }

    #[allow(clippy::too_many_arguments)]
    async fn done(
        &self,
        cx: &mut Context,
        name: &str,
        shown: &str,
        size: u64,
        total: Option<u64>,
        seconds: f64,
        url: &Url,
    ) {
        if cx.is_busybox() {
            let short: String = name.chars().take(20).collect();
            self.say(cx, &format!("{short:<20} 100% |{}| {size:>5}  0:00:00 ETA\n", "*".repeat(32))).await;
            let end = if name == "-" { "written to stdout\n".to_string() } else { format!("'{name}' saved\n") };
            return self.say(cx, &end).await;
        }
        let speed = rate(size as f64 / seconds.max(1e-6));
        let took = if seconds < 0.05 { "0s".to_string() } else { format!("{seconds:.1}s") };
        let cut: String = shown.chars().take(20).collect();
        if cx.sys.isatty(Fd::STDERR) {
            let bar = if total.is_some() { "100%[===================>]" } else { "    [ <=>                ]" };
            self.say(cx, &format!("{cut:<20}{bar} {:>7}  --.-KB/s    in {took:<6} \n\n", short(size))).await;
        } else {
            let dots = ".".repeat((size / 1024).min(50) as usize);
            let rest = if total.is_some() { "100%" } else { "    " };
            self.say(cx, &format!("     0K {dots:<55}{rest} {speed}={took}\n\n")).await;
        }
        let of = total.map(|t| format!("{size}/{t}")).unwrap_or(size.to_string());
        let line = match name {
            "-" => format!("{} ({speed}/s) - written to stdout [{of}]\n\n", Self::clock(cx)),
            _ => format!("{} ({speed}/s) - ‘{name}’ saved [{of}]\n\n", Self::clock(cx)),
        };
        self.say(cx, &line).await;
        if self.brief && self.log {
            let line =
                format!("{} URL:http://{}{} [{of}] -> \"{name}\" [1]\n", Self::clock(cx), url.authority(), url.path);
            cx.complain(&line).await;
        }
    }
}

/// A name that no file has: BusyBox gives up, GNU counts.
fn free_name(cx: &Context, name: &str) -> Option<String> {
    let free = |name: &str| cx.sys.lstat(name).is_err();
    if free(name) {
        return Some(name.to_string());
    }
    if cx.is_busybox() {
        return None;
    }
    (1..10_000).map(|n| format!("{name}.{n}")).find(|n| free(n))
}

async fn copy(cx: &mut Context, connection: &mut Connection<'_>, name: &str) -> SysResult<Result<(), Failure>> {
    let file = match name {
        "-" => None,
        name => Some(cx.sys.open(name, OpenFlags::CREATE.cloexec(), 0o666).await?),
    };
    let result = loop {
        match connection.next().await {
            Ok(Some(piece)) => match file {
                Some(fd) => cx.sys.write_all(fd, &piece).await?,
                None => cx.put(&piece).await,
            },
            Ok(None) => break Ok(()),
            Err(failure) => break Err(failure),
        }
    };
    cx.flush().await;
    if let Some(fd) = file {
        cx.sys.close(fd)?;
    }
    Ok(result)
}

/// `1.2K`, as wget shortens sizes.
fn human(n: u64) -> String {
    let (mut value, mut unit) = (n as f64 / 1024.0, 'K');
    for next in ['M', 'G'] {
        if value >= 1024.0 {
            (value, unit) = (value / 1024.0, next);
        }
    }
    if value < 10.0 { format!("{value:.1}{unit}") } else { format!("{value:.0}{unit}") }
}

fn short(n: u64) -> String {
    if n < 1024 { n.to_string() } else { format!("{:.2}K", n as f64 / 1024.0) }
}

fn rate(bytes_per_second: f64) -> String {
    let units = ["B", "KB", "MB", "GB"];
    let (mut value, mut at) = (bytes_per_second, 0);
    while value >= 1024.0 && at + 1 < units.len() {
        value /= 1024.0;
        at += 1;
    }
    if value < 100.0 { format!("{value:.1} {}", units[at]) } else { format!("{value:.0} {}", units[at]) }
}
