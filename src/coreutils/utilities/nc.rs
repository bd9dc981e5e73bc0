//! `nc`: sends and receives over TCP, UDP and Unix sockets. OpenBSD's netcat (Debian 1.219), and BusyBox's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use machine::net::{Shutdown, SocketAddress, SocketKind, resolve};
use machine::{Errno, ExitCode, Fd, PollFd};

use crate::context::Context;
use crate::net::http::connect_one;
use crate::net::{port, services};
use crate::options::{Parsed, Spec, parse};

const SPEC: Spec = Spec { short: "46CDdFhklNnrStUuvZzI:i:M:m:O:P:p:q:s:T:V:W:w:X:x:", long: &[], posix: false };
const BUSYBOX_SPEC: Spec = Spec { short: "lknuvzp:w:i:o:s:e:", long: &[], posix: false };

const USAGE: &str = "\
usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
\t  [destination] [port]
";

const BUSYBOX_USAGE: &str = "\
Usage: nc [OPTIONS] HOST PORT  - connect
nc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen

\t-e PROG\tRun PROG after connect (must be last)
\t-l\tListen mode, for inbound connects
\t-lk\tWith -e, provides persistent server
\t-p PORT\tLocal port
\t-s ADDR\tLocal address
\t-w SEC\tTimeout for connects and final net reads
\t-i SEC\tDelay interval for lines sent
\t-n\tDon't do DNS resolution
\t-u\tUDP mode
\t-b\tAllow broadcasts
\t-v\tVerbose
\t-o FILE\tHex dump traffic
\t-z\tZero-I/O mode (scanning)
";

struct Options {
    listen: bool,
    keep: bool,
    udp: bool,
    unix: bool,
    verbose: bool,
    scan: bool,
    detached: bool,
    /// End what is sent at the end of standard input.
    shut: bool,
    quit: Option<Duration>,
    timeout: Option<Duration>,
    own_port: Option<String>,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let busybox = cx.is_busybox();
    let parsed = match parse(if busybox { &BUSYBOX_SPEC } else { &SPEC }, &cx.args) {
        Ok(parsed) => parsed,
        Err(error) => return usage(cx, &format!("nc: {error}\n")).await,
    };
    if parsed.has('h') {
        cx.complain("OpenBSD netcat (Debian patchlevel 1.219-1)\n").await;
        return usage(cx, "").await;
    }
    if let Some(option) = ['x', 'X', 'F', 'e', 'o'].into_iter().find(|o| parsed.has(*o)) {
        cx.error(format!("drydock: -{option} is not emulated here")).await;
        return ExitCode::FAILURE;
    }
    let seconds = |option: char| parsed.value(option).and_then(|v| v.parse().ok()).map(Duration::from_secs);
    let options = Options {
        listen: parsed.has('l'),
        keep: parsed.has('k'),
        udp: parsed.has('u'),
        unix: parsed.has('U'),
        verbose: parsed.has('v'),
        scan: parsed.has('z'),
        detached: parsed.has('d'),
        shut: parsed.has('N') || parsed.has('q') || busybox,
        quit: seconds('q'),
        timeout: seconds('w'),
        own_port: parsed.value('p').map(str::to_string),
    };
    match (options.unix, options.listen) {
        (true, _) => unix(cx, &options, &parsed).await,
        (false, true) => listen(cx, &options, &parsed).await,
        (false, false) => connect(cx, &options, &parsed).await,
    }
}

async fn usage(cx: &mut Context, before: &str) -> ExitCode {
    let text = if cx.is_busybox() {
        format!("{before}{}\n\n{BUSYBOX_USAGE}", crate::context::BUSYBOX_BANNER)
    } else {
        format!("{before}{USAGE}")
    };
    cx.complain(&text).await;
    ExitCode::FAILURE
}

fn ports(cx: &Context, text: &str, protocol: &str) -> Option<Vec<u16>> {
    match text.split_once('-') {
        Some((first, last)) if text.as_bytes()[0].is_ascii_digit() => {
            let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
            Some((first.min(last)..=first.max(last)).collect())
        }
        _ => port(&cx.sys, text, protocol).filter(|p| *p > 0).map(|p| vec![p]),
    }
}

async fn connect(cx: &mut Context, options: &Options, parsed: &Parsed) -> ExitCode {
    let (Some(host), Some(port)) = (parsed.operands.first(), parsed.operands.get(1)) else {
        if parsed.operands.is_empty() || cx.is_busybox() {
            return usage(cx, "").await;
        }
        cx.error("missing port number").await;
        return ExitCode::FAILURE;
    };
    let protocol = if options.udp { "udp" } else { "tcp" };
    let Some(ports) = ports(cx, port, protocol) else {
        let text = if cx.is_busybox() { format!("bad port '{port}'") } else { format!("port number invalid: {port}") };
        cx.error(text).await;
        return ExitCode::FAILURE;
    };
    let addresses = match resolve(&cx.sys, host).await {
        Ok(addresses) => addresses,
        Err(_) if cx.is_busybox() => {
            cx.error(format!("bad address '{host}'")).await;
            return ExitCode::FAILURE;
        }
        Err(error) => {
            cx.error(format!("getaddrinfo for host \"{host}\" port {port}: {}", error.message())).await;
            return ExitCode::FAILURE;
        }
    };
    let mut status = ExitCode::FAILURE;
    for port in ports {
        for address in &addresses {
            let to = SocketAddr::new(*address, port);
            let fd = match open(cx, options, to).await {
                Ok(fd) => fd,
                Err(error) => {
                    refused(cx, options, host, to, error).await;
                    continue;
                }
            };
            status = ExitCode::SUCCESS;
            succeeded(cx, options, host, to, protocol).await;
            if !options.scan {
                return transfer(cx, options, fd, options.udp).await;
            }
            let _ = cx.sys.close(fd);
            break;
        }
    }
    status
}

async fn open(cx: &Context, options: &Options, to: SocketAddr) -> Result<Fd, Errno> {
    if options.udp {
        let fd = cx.sys.socket(if to.is_ipv4() { SocketKind::Udp4 } else { SocketKind::Udp6 })?;
        cx.sys.connect(fd, &SocketAddress::Inet(to)).await?;
        return Ok(fd);
    }
    let deadline = options.timeout.map(|t| cx.sys.now() + t);
    connect_one(&cx.sys, &SocketAddress::Inet(to), deadline).await
}

async fn refused(cx: &mut Context, options: &Options, host: &str, to: SocketAddr, error: Errno) {
    let protocol = if options.udp { "udp" } else { "tcp" };
    if cx.is_busybox() {
        if options.verbose || !options.scan {
            cx.error(format!("{host} ({to}): {error}")).await;
        }
    } else if options.verbose {
        let (ip, port) = (to.ip(), to.port());
        let name = if host == ip.to_string() { host.to_string() } else { format!("{host} ({ip})") };
        let text = match (error, options.timeout) {
            (Errno::ETIMEDOUT, Some(_)) => {
                format!("connect to {name} port {port} ({protocol}) timed out: Operation now in progress")
            }
            _ => format!("connect to {name} port {port} ({protocol}) failed: {error}"),
        };
        cx.error(text).await;
    }
}

async fn succeeded(cx: &mut Context, options: &Options, host: &str, to: SocketAddr, protocol: &str) {
    if !options.verbose {
        return;
    }
    let (ip, port) = (to.ip(), to.port());
    if cx.is_busybox() {
        cx.complain(&format!("{host} ({to}) open\n")).await;
        return;
    }
    let services = services(&cx.sys);
    let service = services.iter().find(|(_, p, proto)| *p == port && proto == protocol).map_or("*", |(n, ..)| n);
    let name = if host == ip.to_string() { host.to_string() } else { format!("{host} ({ip})") };
    cx.complain(&format!("Connection to {name} {port} port [{protocol}/{service}] succeeded!\n")).await;
}

async fn listen(cx: &mut Context, options: &Options, parsed: &Parsed) -> ExitCode {
    let mut operands = parsed.operands.iter();
    let (host, port) = match (&options.own_port, operands.next(), operands.next()) {
        (Some(port), host, _) => (host.cloned(), port.clone()),
        (None, Some(host), Some(port)) => (Some(host.clone()), port.clone()),
        (None, Some(port), None) if !cx.is_busybox() => (None, port.clone()),
        _ if cx.is_busybox() => (None, "0".to_string()),
        _ => {
            cx.error("missing port number").await;
            return ExitCode::FAILURE;
        }
    };
    let protocol = if options.udp { "udp" } else { "tcp" };
    let number = if port == "0" { Some(0) } else { ports(cx, &port, protocol).and_then(|p| p.first().copied()) };
    let Some(number) = number else {
        cx.error(format!("port number invalid: {port}")).await;
        return ExitCode::FAILURE;
    };
    let address = match &host {
        None if parsed.has('6') => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Some(host) => match resolve(&cx.sys, host).await.map(|all| all.first().copied()) {
            Ok(Some(address)) => address,
            Ok(None) | Err(_) => {
                cx.error(format!("getaddrinfo: {}", machine::net::ResolveError::NoName.message())).await;
                return ExitCode::FAILURE;
            }
        },
    };
    let result = serve(cx, options, SocketAddr::new(address, number)).await;
    match result {
        Ok(status) => status,
        Err(error) => {
            let text = if cx.is_busybox() { format!("bind: {error}") } else { error.to_string() };
            cx.error(text).await;
            ExitCode::FAILURE
        }
    }
}

async fn serve(cx: &mut Context, options: &Options, at: SocketAddr) -> Result<ExitCode, Errno> {
    let kind = match (options.udp, at.is_ipv4()) {
        (false, true) => SocketKind::Tcp4,
        (false, false) => SocketKind::Tcp6,
        (true, true) => SocketKind::Udp4,
        (true, false) => SocketKind::Udp6,
    };
    let fd = cx.sys.socket(kind)?;
    cx.sys.bind(fd, &SocketAddress::Inet(at))?;
    if options.verbose {
        let text = if cx.is_busybox() {
            format!("listening on {at} ...\n")
        } else {
            format!("Listening on {} {}\n", at.ip(), at.port())
        };
        cx.complain(&text).await;
    }
    if options.udp {
        let first = cx.sys.recv_from(fd).await?;
        cx.sys.connect(fd, &first.from).await?;
        cx.put(&first.data).await;
        cx.flush().await;
        return Ok(transfer(cx, options, fd, true).await);
    }
    cx.sys.listen(fd, if options.keep { 10 } else { 1 })?;
    loop {
        let (connection, from) = cx.sys.accept(fd).await?;
        if let (true, SocketAddress::Inet(from)) = (options.verbose, &from) {
            let text = if cx.is_busybox() {
                format!("connect to {at} from {from}\n")
            } else {
                format!("Connection received on {} {}\n", from.ip(), from.port())
            };
            cx.complain(&text).await;
        }
        if !options.keep {
            let _ = cx.sys.close(fd);
        }
        let status = transfer(cx, options, connection, false).await;
        if !options.keep {
            return Ok(status);
        }
    }
}

async fn unix(cx: &mut Context, options: &Options, parsed: &Parsed) -> ExitCode {
    let Some(path) = parsed.operands.first() else { return usage(cx, "").await };
    let address = SocketAddress::Unix(Some(path.clone()));
    let result = if options.listen {
        serve_unix(cx, options, &address).await
    } else {
        connect_one(&cx.sys, &address, None).await
    };
    match result {
        Ok(fd) => transfer(cx, options, fd, false).await,
        Err(error) => {
            cx.error(format!("unix {} failed: {error}", if options.listen { "bind" } else { "connect" })).await;
            ExitCode::FAILURE
        }
    }
}

async fn serve_unix(cx: &Context, options: &Options, address: &SocketAddress) -> Result<Fd, Errno> {
    let fd = cx.sys.socket(SocketKind::UnixStream)?;
    cx.sys.bind(fd, address)?;
    cx.sys.listen(fd, if options.keep { 10 } else { 1 })?;
    Ok(cx.sys.accept(fd).await?.0)
}

/// Copies both ways until the network's end.
async fn transfer(cx: &mut Context, options: &Options, fd: Fd, udp: bool) -> ExitCode {
    let mut input = !options.detached;
    let mut quit_at = None;
    let idle = options.timeout;
    loop {
        let mut fds = vec![PollFd::readable(fd)];
        if input {
            fds.push(PollFd::readable(Fd::STDIN));
        }
        let until_quit = quit_at.map(|at: machine::Instant| at.since(cx.sys.now()));
        let wait = until_quit.into_iter().chain(idle).min();
        match cx.sys.poll(&mut fds, wait).await {
            Ok(0) | Err(_) => return ExitCode::SUCCESS,
            Ok(_) => {}
        }
        if fds[0].is_ready() {
            match cx.sys.read_vec(fd, 16 * 1024).await {
                Ok(data) if data.is_empty() && !udp => return ExitCode::SUCCESS,
                Ok(data) => {
                    cx.put(&data).await;
                    cx.flush().await;
                }
                Err(Errno::EAGAIN) => {}
                Err(_) => return ExitCode::FAILURE,
            }
        }
        if fds.get(1).is_some_and(PollFd::is_ready) {
            let data = cx.sys.read_vec(Fd::STDIN, 16 * 1024).await.unwrap_or_default();
            if data.is_empty() {
                input = false;
                if options.shut {
                    let _ = cx.sys.shutdown(fd, Shutdown::Write);
                }
                quit_at = options.quit.map(|time| cx.sys.now() + time);
            } else if cx.sys.write_all(fd, &data).await.is_err() {
                return ExitCode::FAILURE;
            }
        }
    }
}
