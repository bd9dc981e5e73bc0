//! A worker: takes connections and answers what comes over them.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use machine::net::SocketAddress;
use machine::process::Disposition;
use machine::{ExitCode, Fd, PollFd, Signal, Sys};

use crate::config::Config;
use crate::http::{Answer, LONGEST_HEAD, Request};
use crate::{date, files, log};

/// CPU time of an answer, in nanoseconds.
const WORK: u64 = 30_000;

/// What the connections of a worker share.
struct Shared {
    config: Rc<Config>,
    connections: Cell<u64>,
    open: Cell<u64>,
}

/// Serves until `SIGQUIT` (no new connections) or `SIGTERM` (at once).
pub async fn run(sys: Sys, config: Rc<Config>, sockets: Vec<(SocketAddr, Fd)>) -> ExitCode {
    sys.set_title("nginx: worker process");
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
        let _ = sys.sigaction(signal, Disposition::Catch);
    }
    become_user(&sys, &config.user);
    let shared = Rc::new(Shared { config, connections: Cell::new(0), open: Cell::new(0) });
    for (_, fd) in &sockets {
        let (thread, fd, shared) = (sys.for_thread(), *fd, shared.clone());
        sys.thread(async move { accept(thread, fd, shared).await });
    }
    let signal = sys.next_signal().await;
    if signal == Signal::QUIT {
        log::error(&sys, &shared.config, "notice", "gracefully shutting down").await;
        for (_, fd) in &sockets {
            let _ = sys.close(*fd);
        }
    }
    log::error(&sys, &shared.config, "notice", "exiting").await;
    log::error(&sys, &shared.config, "notice", "exit").await;
    ExitCode::SUCCESS
}

fn become_user(sys: &Sys, name: &str) {
    let passwd = sys.read_file("/etc/passwd").unwrap_or_default();
    let passwd = String::from_utf8_lossy(&passwd);
    let line = passwd.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.first() == Some(&name));
    let ids = line.and_then(|f| Some((f.get(2)?.parse().ok()?, f.get(3)?.parse().ok()?)));
    if let Some((uid, gid)) = ids {
        let mut new = (*sys.credentials()).clone();
        (new.uid, new.euid, new.gid, new.egid) = (uid, uid, gid, gid);
        let _ = sys.set_credentials(new);
    }
}

async fn accept(sys: Sys, listener: Fd, shared: Rc<Shared>) {
    while let Ok((fd, peer)) = sys.accept(listener).await {
        let SocketAddress::Inet(peer) = peer else { continue };
        let number = shared.connections.get() + 1;
        shared.connections.set(number);
        let (thread, shared) = (sys.clone(), shared.clone());
        sys.thread(async move {
            shared.open.set(shared.open.get() + 1);
            connection(&thread, fd, peer, number, &shared).await;
            let _ = thread.close(fd);
            shared.open.set(shared.open.get() - 1);
        });
    }
}

/// Reads until there is a whole head; what is behind it stays in the buffer.
async fn head(sys: &Sys, fd: Fd, buffer: &mut Vec<u8>, patience: Duration) -> Option<Result<Vec<u8>, u16>> {
    loop {
        // Empty lines in front of a request are passed over.
        let skip = buffer.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        buffer.drain(..skip);
        let end = buffer.windows(4).position(|w| w == b"\r\n\r\n").map(|at| (at, 4));
        let end = end.or_else(|| buffer.windows(2).position(|w| w == b"\n\n").map(|at| (at, 2)));
        if let Some((at, length)) = end {
            let rest = buffer.split_off(at + length);
            let mut head = std::mem::replace(buffer, rest);
            head.truncate(at);
            return Some(Ok(head));
        }
        if buffer.len() > LONGEST_HEAD {
            return Some(Err(400));
        }
        let mut fds = [PollFd::readable(fd)];
        if !matches!(sys.poll(&mut fds, Some(patience)).await, Ok(ready) if ready > 0) {
            return None;
        }
        match sys.read_vec(fd, 16 << 10).await {
            Ok(bytes) if !bytes.is_empty() => buffer.extend(bytes),
            _ => return None,
        }
    }
}

async fn connection(sys: &Sys, fd: Fd, peer: SocketAddr, number: u64, shared: &Shared) {
    let config = &shared.config;
    let local = match sys.socket_name(fd) {
        Ok(SocketAddress::Inet(local)) => local,
        _ => return,
    };
    let mut buffer = Vec::new();
    let mut patience = Duration::from_secs(60);
    while let Some(read) = head(sys, fd, &mut buffer, patience).await {
        sys.tick(WORK).await;
        let parsed = match read {
            Ok(head) => Request::parse(&String::from_utf8_lossy(&head)),
            Err(status) => Err((status, String::new())),
        };
        let (request, found) = match parsed {
            Ok(request) => {
                let found = match files::server(config, local, request.host()) {
                    Some(server) => files::answer(sys, config, server, &request),
                    None => Answer::page(404).into(),
                };
                (request, found)
            }
            Err((status, line)) => (Request { line, ..Request::default() }, Answer::page(status).into()),
        };
        let body = request.body();
        let keep = !request.method.is_empty() && request.keeps_alive() && body <= buffer.len();
        buffer.drain(..body.min(buffer.len()));
        if let Some(text) = &found.complaint {
            let name = files::server(config, local, request.host()).and_then(|s| s.names.first().cloned());
            let text = format!(
                "*{number} {text}, client: {}, server: {}, request: \"{}\", host: \"{}\"",
                peer.ip(),
                name.unwrap_or_default(),
                request.line,
                request.header("host").unwrap_or("")
            );
            log::error(sys, config, "error", &text).await;
        }
        let head_only = request.method == "HEAD";
        let bytes = found.answer.encode(sys.wall_clock(), keep, head_only);
        sys.tick(bytes.len() as u64 / 4).await;
        let sent = sys.write_all(fd, &bytes).await;
        let size = if head_only || found.answer.status == 304 { 0 } else { found.answer.body.len() };
        let field = |name: &str| request.header(name).unwrap_or("-").to_string();
        let line = format!(
            "{} - - [{}] \"{}\" {} {size} \"{}\" \"{}\" \"{}\"",
            peer.ip(),
            date::access(sys.wall_clock()),
            request.line,
            found.answer.status,
            field("referer"),
            field("user-agent"),
            field("x-forwarded-for")
        );
        log::access(sys, config, &line).await;
        if !keep || sent.is_err() {
            break;
        }
        patience = Duration::from_secs(config.keepalive);
    }
}
