//! `dockerd`: listens on the socket and answers requests.

use std::rc::Rc;

use docker_api::DEFAULT_SOCKET;
use machine::net::{SocketAddress, SocketKind};
use machine::process::Disposition;
use machine::{Errno, ExitCode, Fd, Signal, Sys, SysResult};

use crate::daemon::Daemon;
use crate::error::ApiError;
use crate::files::tree;
use crate::http::Connection;
use crate::paths::ROOT;
use crate::registry::Registry;
use crate::{api, lifecycle, networks};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 128;
/// The daemon's descriptors: several for each container and client.
const OPEN_FILES: u64 = 1_048_576;

/// The program.
pub async fn main(sys: Sys, registry: Rc<dyn Registry>) -> ExitCode {
    let served = match lifecycle::claim(&sys) {
        Ok(()) => serve(&sys, registry).await.map_err(|why| format!("failed to start daemon: {why}\n")),
        Err(why) => Err(why),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = sys.write_all(Fd::STDERR, why.as_bytes()).await;
            ExitCode::FAILURE
        }
    }
}

async fn serve(sys: &Sys, registry: Rc<dyn Registry>) -> Result<(), String> {
    let plain = |e: Errno| crate::error::go_errno(e);
    sys.sigaction(Signal::PIPE, Disposition::Ignore).map_err(plain)?;
    for signal in [Signal::TERM, Signal::INT] {
        sys.sigaction(signal, Disposition::Catch).map_err(plain)?;
    }
    let mut limits = sys.limits();
    (limits.open_files, limits.processes) = (OPEN_FILES, limits.processes.max(4096));
    sys.set_limits(limits);
    sys.umask(0);
    for dir in ["containers", "image/overlay2", "overlay2/l", "volumes", "network/files", "buildkit", "tmp"] {
        tree::make_dirs(sys, &format!("{ROOT}/{dir}"), 0o710).map_err(plain)?;
    }
    let d = Daemon::new(sys.for_thread(), registry, lifecycle::engine_id(sys));
    networks::set_up(&d).map_err(|e| e.message)?;
    let listener = listen(sys).map_err(plain)?;
    lifecycle::restore(&d);
    lifecycle::start_again(&d).await;
    loop {
        match sys.accept(listener).await {
            Ok((fd, _)) => {
                let d = d.clone();
                sys.thread(async move { converse(d, fd).await });
            }
            Err(Errno::EINTR) if sys.take_signal().is_some() => break,
            Err(Errno::EINTR) => {}
            Err(error) => return Err(plain(error)),
        }
    }
    let _ = sys.unlink(DEFAULT_SOCKET);
    lifecycle::shut_down(&d).await;
    Ok(())
}

fn listen(sys: &Sys) -> SysResult<Fd> {
    tree::make_dirs(sys, "/var/run", 0o755)?;
    let _ = sys.unlink(DEFAULT_SOCKET);
    let fd = sys.socket(SocketKind::UnixStream)?;
    sys.bind(fd, &SocketAddress::Unix(Some(DEFAULT_SOCKET.into())))?;
    let set = machine::fs::SetAttr { mode: Some(0o660), ..Default::default() };
    let _ = sys.set_attr(DEFAULT_SOCKET, &set);
    sys.listen(fd, BACKLOG)?;
    Ok(fd)
}

/// Answers the requests of one connection, one after the other.
async fn converse(d: Rc<Daemon>, fd: Fd) {
    let mut connection = Connection::new(d.sys.clone(), fd);
    while let Ok(Some(mut request)) = connection.next().await {
        let mut reply = connection.reply(&request);
        if let Err(error) = dispatch(&d, &mut request, &mut reply).await {
            reply.error(&error).await;
        }
        if !connection.resume(reply) || request.head.headers.has_token("Connection", "close") {
            break;
        }
    }
    let _ = d.sys.close(fd);
}

async fn dispatch(
    d: &Rc<Daemon>,
    request: &mut crate::http::Request,
    reply: &mut crate::http::Reply,
) -> Result<(), ApiError> {
    match api::find(&request.method, &request.path) {
        Some((handler, arg)) => {
            request.arg = arg;
            handler(d, request, reply).await
        }
        None => Err(ApiError::not_found("page not found")),
    }
}
