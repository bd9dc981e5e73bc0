//! `curl`: transfers over HTTP. curl 7.88.1, without TLS.

mod report;

use std::time::Duration;

use machine::fs::OpenFlags;
use machine::net::{SocketAddress, resolve};
use machine::{Errno, ExitCode, Fd, Instant};

use crate::context::Context;
use crate::net::http::{Connection, Failure, Response, Url, base64, connect, connect_one};
use crate::options::{Parsed, Spec, Value, parse};
use report::Report;

const SPEC: Spec = Spec {
    short: "sSfLiIvkGgNOJ#qhVo:X:d:H:A:u:m:w:e:b:x:T:F:",
    long: &[
        ("help", 'h', Value::None),
        ("version", 'V', Value::None),
        ("silent", 's', Value::None),
        ("show-error", 'S', Value::None),
        ("fail", 'f', Value::None),
        ("location", 'L', Value::None),
        ("include", 'i', Value::None),
        ("head", 'I', Value::None),
        ("verbose", 'v', Value::None),
        ("insecure", 'k', Value::None),
        ("get", 'G', Value::None),
        ("globoff", 'g', Value::None),
        ("no-buffer", 'N', Value::None),
        ("remote-name", 'O', Value::None),
        ("progress-bar", '#', Value::None),
        ("output", 'o', Value::Required),
        ("request", 'X', Value::Required),
        ("data", 'd', Value::Required),
        ("data-raw", 'd', Value::Required),
        ("data-ascii", 'd', Value::Required),
        ("data-binary", 'd', Value::Required),
        ("json", 'j', Value::Required),
        ("header", 'H', Value::Required),
        ("user-agent", 'A', Value::Required),
        ("user", 'u', Value::Required),
        ("max-time", 'm', Value::Required),
        ("connect-timeout", 'c', Value::Required),
        ("write-out", 'w', Value::Required),
        ("referer", 'e', Value::Required),
        ("cookie", 'b', Value::Required),
        ("unix-socket", 'U', Value::Required),
        ("retry", 'r', Value::Required),
        ("proxy", 'x', Value::Required),
        ("form", 'F', Value::Required),
        ("upload-file", 'T', Value::Required),
    ],
    posix: false,
};

const HELP: &str = "\
Usage: curl [options...] <url>
 -d, --data <data>          HTTP POST data
 -f, --fail                 Fail fast with no output on HTTP errors
 -h, --help <category>      Get help for commands
 -i, --include              Include protocol response headers in the output
 -o, --output <file>        Write to file instead of stdout
 -O, --remote-name          Write output to a file named as the remote file
 -s, --silent               Silent mode
 -T, --upload-file <file>   Transfer local FILE to destination
 -u, --user <user:password> Server user and password
 -A, --user-agent <name>    Send User-Agent <name> to server
 -v, --verbose              Make the operation more talkative
 -V, --version              Show version number and quit

This is not the full help, this menu is stripped into categories.
Use \"--help category\" to get an overview of all categories.
For all options use the manual or \"--help all\".
";

/// Redirections followed.
const REDIRECTS: usize = 50;

/// Status and text of an error.
type Fault = (u8, String);

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(error) => {
            let text = curl_words(&error);
            cx.complain(&format!("curl: {text}\ncurl: try 'curl --help' or 'curl --manual' for more information\n"))
                .await;
            return ExitCode(2);
        }
    };
    if parsed.has('h') {
        cx.put(HELP.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has('V') {
        cx.line("curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1\nRelease-Date: 2023-02-20\nProtocols: http\nFeatures: IPv6 UnixSockets").await;
        return ExitCode::SUCCESS;
    }
    if let Some(option) = ['x', 'F', 'T', 'r'].into_iter().find(|o| parsed.has(*o)) {
        let name = SPEC.long.iter().find(|l| l.1 == option).map_or("", |l| l.0);
        cx.complain(&format!("curl: drydock: --{name} is not emulated here\n")).await;
        return ExitCode(2);
    }
    if parsed.operands.is_empty() {
        cx.complain("curl: try 'curl --help' or 'curl --manual' for more information\n").await;
        return ExitCode(2);
    }
    let mut status = ExitCode::SUCCESS;
    for text in parsed.operands.clone() {
        let mut report = Report { url: text.clone(), start: cx.sys.now(), ..Report::default() };
        let result = transfer(cx, &parsed, &text, &mut report).await;
        cx.flush().await;
        if let Err((code, error)) = result {
            status = ExitCode(code);
            if !parsed.has('s') || parsed.has('S') {
                cx.complain(&format!("curl: ({code}) {error}\n")).await;
            }
        }
        report.end = cx.sys.now();
        if let Some(format) = parsed.value('w') {
            let text = report.write_out(format);
            cx.put(text.as_bytes()).await;
        }
    }
    status
}

/// getopt's complaint in curl's words.
fn curl_words(error: &str) -> String {
    let quoted = error.split('\'').nth(1).unwrap_or("");
    let option = if quoted.len() == 1 { format!("-{quoted}") } else { quoted.to_string() };
    let option = if let Some(last) = error.strip_prefix("option requires an argument -- '") {
        format!("-{}", last.trim_end_matches('\''))
    } else {
        option
    };
    match error.contains("requires an argument") {
        true => format!("option {option}: requires parameter"),
        false => format!("option {option}: is unknown"),
    }
}

async fn transfer(cx: &mut Context, parsed: &Parsed, text: &str, report: &mut Report) -> Result<(), Fault> {
    let mut url = Url::parse(text).ok_or((3, "URL using bad/illegal format or missing URL".to_string()))?;
    let limit =
        |option: char| parsed.value(option).and_then(|v| v.parse::<f64>().ok()).filter(|s| *s > 0.0 && *s < 1e9);
    let deadline = limit('m').map(|s| report.start + Duration::from_secs_f64(s));
    let to_tty = cx.sys.isatty(Fd::STDOUT);
    let file_name = match (parsed.value('o'), parsed.has('O')) {
        (Some(name), _) if name != "-" => Some(name.to_string()),
        (None, true) if url.file_name().is_empty() => return Err((23, "Remote file name has no length!".into())),
        (None, true) => Some(url.file_name().to_string()),
        _ => None,
    };
    let meter = !parsed.has('s') && if to_tty { file_name.is_some() && !parsed.has('I') } else { true };
    let verbose = parsed.has('v');
    if meter {
        report.start_meter(cx).await;
    }
    for turn in 0..=REDIRECTS {
        check_scheme(&url)?;
        let fd = open(cx, parsed, &url, deadline, limit('c'), report).await?;
        let sys = cx.sys.clone();
        let mut connection = Connection::new(&sys, fd, deadline);
        let request = request(parsed, &url);
        if verbose {
            talk(cx, '>', request.split("\r\n\r\n").next().unwrap_or("")).await;
        }
        let outcome = exchange(cx, parsed, &mut connection, &request, report).await;
        let response = match outcome {
            Ok(response) => response,
            Err(failure) => {
                let _ = sys.close(fd);
                if meter {
                    report.end_meter(cx).await;
                }
                return Err(fault(failure, report, sys.now()));
            }
        };
        let location = response.header("Location").filter(|_| matches!(response.status, 301..=303 | 307 | 308));
        let next = location.filter(|_| parsed.has('L')).and_then(|l| url.join(l));
        let keep = next.is_none();
        let result =
            receive(cx, parsed, &mut connection, &response, file_name.as_deref().filter(|_| keep), keep, report).await;
        let _ = sys.close(fd);
        if meter {
            report.end_meter(cx).await;
        }
        result?;
        if verbose {
            cx.complain(&format!("* Connection #{turn} to host {} left intact\n", url.host)).await;
        }
        match next {
            Some(next) => url = next,
            None => return Ok(()),
        }
        report.redirects += 1;
        report.url = format!("{}://{}{}", url.scheme, url.authority(), url.path);
    }
    Err((47, format!("Maximum ({REDIRECTS}) redirects followed")))
}

fn check_scheme(url: &Url) -> Result<(), Fault> {
    match url.scheme.as_str() {
        "http" => Ok(()),
        "https" => Err((35, "drydock: TLS is not emulated here".into())),
        "ftp" | "file" | "telnet" | "dict" | "gopher" | "smtp" => {
            Err((1, format!("drydock: {} is not emulated here", url.scheme)))
        }
        other => Err((1, format!("Protocol \"{other}\" not supported or disabled in libcurl"))),
    }
}

async fn open(
    cx: &mut Context,
    parsed: &Parsed,
    url: &Url,
    deadline: Option<Instant>,
    connect_limit: Option<f64>,
    report: &mut Report,
) -> Result<Fd, Fault> {
    let start = cx.sys.now();
    let until = connect_limit.map(|s| start + Duration::from_secs_f64(s)).into_iter().chain(deadline).min();
    let verbose = parsed.has('v');
    if let Some(path) = parsed.value('U') {
        let result = connect_one(&cx.sys, &SocketAddress::Unix(Some(path.to_string())), None).await;
        report.connected = cx.sys.now();
        return result.map_err(|_| {
            (7, format!("Failed to connect to {} port {} after 0 ms: Couldn't connect to server", url.host, url.port()))
        });
    }
    let Ok(addresses) = resolve(&cx.sys, &url.host).await else {
        if verbose {
            cx.complain(&format!("* Could not resolve host: {}\n* Closing connection 0\n", url.host)).await;
        }
        return Err((6, format!("Could not resolve host: {}", url.host)));
    };
    let port = url.port();
    let result = connect(&cx.sys, &addresses, port, until).await;
    let tried = result.as_ref().err().cloned().unwrap_or_default();
    if verbose {
        for (address, error) in &tried {
            cx.complain(&format!(
                "*   Trying {address}:{port}...\n* connect to {address} port {port} failed: {error}\n"
            ))
            .await;
        }
    }
    match result {
        Ok((fd, address)) => {
            report.connected = cx.sys.now();
            report.address = Some((address, port));
            if verbose {
                cx.complain(&format!(
                    "*   Trying {address}:{port}...\n* Connected to {} ({address}) port {port} (#0)\n",
                    url.host
                ))
                .await;
            }
            Ok(fd)
        }
        Err(tried) => {
            let took = cx.sys.now().since(start).as_millis();
            let late = until.is_some_and(|at| cx.sys.now() >= at);
            let timed_out = tried.iter().any(|(_, e)| *e == Errno::ETIMEDOUT);
            let text = match late {
                true => format!("Connection timed out after {took} milliseconds"),
                false => {
                    format!("Failed to connect to {} port {port} after {took} ms: Couldn't connect to server", url.host)
                }
            };
            if verbose {
                cx.complain(&format!("* {text}\n* Closing connection 0\n")).await;
            }
            Err((if late || timed_out { 28 } else { 7 }, text))
        }
    }
}

/// The request, head and body.
fn request(parsed: &Parsed, url: &Url) -> String {
    let all = |option: char| parsed.options.iter().filter(move |(o, _)| *o == option).filter_map(|(_, v)| v.as_deref());
    let mut data = all('d').collect::<Vec<_>>().join("&");
    let json = all('j').collect::<String>();
    let mut path = url.path.clone();
    if parsed.has('G') && !data.is_empty() {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&data);
        data.clear();
    }
    let posts = (parsed.has('d') && !parsed.has('G')) || parsed.has('j');
    if parsed.has('j') {
        data = json;
    }
    let method = parsed.value('X').unwrap_or(if parsed.has('I') {
        "HEAD"
    } else if posts {
        "POST"
    } else {
        "GET"
    });
    let mut headers = vec![("Host".to_string(), url.authority())];
    if let Some(user) = parsed.value('u').or(url.user.as_deref()) {
        headers.push(("Authorization".into(), format!("Basic {}", base64(user.as_bytes()))));
    }
    headers.push(("User-Agent".into(), parsed.value('A').unwrap_or("curl/7.88.1").into()));
    headers.push(("Accept".into(), if parsed.has('j') { "application/json".into() } else { "*/*".into() }));
    for (option, name) in [('e', "Referer"), ('b', "Cookie")] {
        headers.extend(parsed.value(option).map(|v| (name.to_string(), v.to_string())));
    }
    if posts {
        headers.push(("Content-Length".into(), data.len().to_string()));
        let kind = if parsed.has('j') { "application/json" } else { "application/x-www-form-urlencoded" };
        headers.push(("Content-Type".into(), kind.into()));
    }
    for line in all('H') {
        let Some((name, value)) = line.split_once(':') else { continue };
        headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        if !value.trim().is_empty() {
            headers.push((name.to_string(), value.trim().to_string()));
        }
    }
    let headers: String = headers.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\n{headers}\r\n{data}")
}

async fn talk(cx: &mut Context, mark: char, head: &str) {
    let lines: String = head.lines().map(|l| format!("{mark} {l}\n")).collect();
    cx.complain(&format!("{lines}{mark} \n")).await;
}

async fn exchange(
    cx: &mut Context,
    parsed: &Parsed,
    connection: &mut Connection<'_>,
    request: &str,
    report: &mut Report,
) -> Result<Response, Failure> {
    connection.send(&machine::text::to_bytes(request)).await?;
    let response = loop {
        let response = connection.head(parsed.has('I')).await?;
        if parsed.has('v') {
            talk(cx, '<', String::from_utf8_lossy(&response.raw).trim_end()).await;
        }
        if response.status >= 200 {
            break response;
        }
    };
    report.first_byte = cx.sys.now();
    report.status = response.status;
    report.content_type = response.header("Content-Type").unwrap_or("").to_string();
    report.expected = response.header("Content-Length").and_then(|v| v.parse().ok());
    Ok(response)
}

async fn receive(
    cx: &mut Context,
    parsed: &Parsed,
    connection: &mut Connection<'_>,
    response: &Response,
    file_name: Option<&str>,
    keep: bool,
    report: &mut Report,
) -> Result<(), Fault> {
    if parsed.has('f') && response.status >= 400 {
        return Err((22, format!("The requested URL returned error: {}", response.status)));
    }
    let file = match file_name {
        Some(name) => Some(
            cx.sys
                .open(name, OpenFlags::CREATE.cloexec(), 0o666)
                .await
                .map_err(|_| (23, "Failure writing output to destination".to_string()))?,
        ),
        None => None,
    };
    let mut result = Ok(());
    if parsed.has('i') || parsed.has('I') {
        result = write(cx, file, &response.raw).await;
    }
    while result.is_ok() {
        let piece = match connection.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(failure) => {
                report.size = connection.received;
                result = Err(fault(failure, report, cx.sys.now()));
                break;
            }
        };
        if keep {
            result = write(cx, file, &piece).await;
        }
        // What comes slowly is shown as it comes.
        cx.flush().await;
    }
    report.size = connection.received;
    if let Some(fd) = file {
        let _ = cx.sys.close(fd);
    }
    result
}

async fn write(cx: &mut Context, file: Option<Fd>, bytes: &[u8]) -> Result<(), Fault> {
    match file {
        None => {
            cx.put(bytes).await;
            Ok(())
        }
        Some(fd) => {
            cx.sys.write_all(fd, bytes).await.map_err(|_| (23, "Failure writing output to destination".to_string()))
        }
    }
}

fn fault(failure: Failure, report: &Report, now: Instant) -> Fault {
    match failure {
        Failure::Empty => (52, "Empty reply from server".into()),
        Failure::NotHttp => (1, "Received HTTP/0.9 when not allowed".into()),
        Failure::Partial(0) => (18, "transfer closed with outstanding read data remaining".into()),
        Failure::Partial(left) => (18, format!("transfer closed with {left} bytes remaining to read")),
        Failure::Send(error) => (55, format!("Send failure: {error}")),
        Failure::Receive(error) => (56, format!("Recv failure: {error}")),
        Failure::Timeout => {
            let (took, size) = (now.since(report.start).as_millis(), report.size);
            let of = report.expected.map(|e| format!(" out of {e}")).unwrap_or_default();
            (28, format!("Operation timed out after {took} milliseconds with {size}{of} bytes received"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints() {
        assert_eq!(curl_words("unrecognized option '--nope'"), "option --nope: is unknown");
        assert_eq!(curl_words("invalid option -- 'Z'"), "option -Z: is unknown");
        assert_eq!(curl_words("option requires an argument -- 'o'"), "option -o: requires parameter");
        assert_eq!(curl_words("option '--output' requires an argument"), "option --output: requires parameter");
    }
}
