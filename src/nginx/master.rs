//! The master process: opens the sockets, starts the worker, obeys signals.

use std::net::SocketAddr;
use std::rc::Rc;

use machine::net::{SocketAddress, SocketKind};
use machine::process::{Disposition, WaitFor, WaitOptions, WaitStatus};
use machine::{ExitCode, Fd, Pid, Signal, Sys};

use crate::config::Config;
use crate::{VERSION, log, say, worker};

/// `nginx -s signal`.
pub async fn send(sys: &Sys, config: &Config, signal: &str) -> ExitCode {
    let signal = match signal {
        "stop" => Signal::TERM,
        "quit" => Signal::QUIT,
        "reopen" => Signal::USR1,
        _ => Signal::HUP,
    };
    let text = match sys.read_file(&config.pid) {
        Ok(data) => String::from_utf8_lossy(&data).trim().to_string(),
        Err(error) => {
            let why = format!("open() \"{}\" failed ({}: {})", config.pid, error.number(), error.message());
            say(sys, &format!("nginx: [error] {why}\n")).await;
            return ExitCode::FAILURE;
        }
    };
    let sent = text.parse().map(|pid| sys.kill(Pid(pid), Some(signal)));
    match sent {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            let why = format!("kill({text}, {}) failed ({}: {})", signal.number(), error.number(), error.message());
            say(sys, &format!("nginx: [alert] {why}\n")).await;
            ExitCode::FAILURE
        }
        Err(_) => {
            say(sys, &format!("nginx: [error] invalid PID number \"{text}\" in \"{}\"\n", config.pid)).await;
            ExitCode::FAILURE
        }
    }
}

/// Runs until it is told to end; with `daemon on` in the background.
pub async fn run(sys: Sys, config: Config, file: String, global: String) -> ExitCode {
    let mut sockets = Vec::new();
    if let Err(text) = listen(&sys, &config, &mut sockets) {
        log::error(&sys, &config, "emerg", &text).await;
        say(&sys, &format!("nginx: [emerg] {text}\n")).await;
        return ExitCode::FAILURE;
    }
    if config.daemon {
        let done = sys.fork(move |child| async move {
            let _ = child.setsid();
            serve(child, config, file, global, sockets).await
        });
        return ExitCode(u8::from(done.is_err()));
    }
    serve(sys, config, file, global, sockets).await
}

/// Opens what the configuration names and is not open yet.
fn listen(sys: &Sys, config: &Config, sockets: &mut Vec<(SocketAddr, Fd)>) -> Result<(), String> {
    for address in config.servers.iter().flat_map(|s| &s.listens) {
        if sockets.iter().any(|(a, _)| a == address) {
            continue;
        }
        let kind = if address.is_ipv4() { SocketKind::Tcp4 } else { SocketKind::Tcp6 };
        let failed =
            |call: &str, e: machine::Errno| format!("{call}() to {address} failed ({}: {})", e.number(), e.message());
        let fd = sys.socket(kind).map_err(|e| failed("socket", e))?;
        let _ = sys.set_v6_only(fd, true);
        sys.bind(fd, &SocketAddress::Inet(*address)).map_err(|e| failed("bind", e))?;
        sys.listen(fd, 511).map_err(|e| failed("listen", e))?;
        sockets.push((*address, fd));
    }
    Ok(())
}

async fn serve(
    sys: Sys,
    mut config: Config,
    file: String,
    global: String,
    mut sockets: Vec<(SocketAddr, Fd)>,
) -> ExitCode {
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT, Signal::HUP, Signal::USR1, Signal::CHLD, Signal::WINCH] {
        let _ = sys.sigaction(signal, Disposition::Catch);
    }
    let _ = sys.put_file(&config.pid, format!("{}\n", sys.getpid()).into_bytes().into(), 0o644);
    announce(&sys, &config).await;
    let command = sys.args().join(" ");
    sys.set_title(&format!("nginx: master process {command}"));
    let mut current = start(&sys, &config, &sockets).await;
    let mut old: Vec<Pid> = Vec::new();
    let mut ending = false;
    loop {
        let signal = sys.next_signal().await;
        match signal {
            Signal::CHLD => {
                reap(&sys, &config, &mut current, &mut old).await;
                if current.is_none() && old.is_empty() && ending {
                    break;
                }
                if current.is_none() && !ending {
                    current = start(&sys, &config, &sockets).await;
                }
            }
            Signal::HUP => {
                log::error(&sys, &config, "notice", "signal 1 (SIGHUP) received, reconfiguring").await;
                log::error(&sys, &config, "notice", "reconfiguring").await;
                match Config::load(&sys, &file, &global).and_then(|new| listen(&sys, &new, &mut sockets).map(|()| new))
                {
                    Ok(new) => {
                        config = new;
                        old.extend(current.take());
                        current = start(&sys, &config, &sockets).await;
                        for pid in &old {
                            let _ = sys.kill(*pid, Some(Signal::QUIT));
                        }
                    }
                    Err(text) => log::error(&sys, &config, "emerg", &text).await,
                }
            }
            Signal::TERM | Signal::INT | Signal::QUIT => {
                let (what, name) = match signal {
                    Signal::QUIT => ("shutting down", "SIGQUIT"),
                    Signal::INT => ("exiting", "SIGINT"),
                    _ => ("exiting", "SIGTERM"),
                };
                let text = format!("signal {} ({name}) received, {what}", signal.number());
                log::error(&sys, &config, "notice", &text).await;
                ending = true;
                for pid in current.iter().chain(&old) {
                    let _ = sys.kill(*pid, Some(if signal == Signal::QUIT { Signal::QUIT } else { Signal::TERM }));
                }
                if current.is_none() && old.is_empty() {
                    break;
                }
            }
            _ => {}
        }
    }
    log::error(&sys, &config, "notice", "exit").await;
    let _ = sys.unlink(&config.pid);
    ExitCode::SUCCESS
}

/// The first lines of the log.
async fn announce(sys: &Sys, config: &Config) {
    let release = sys.read_file("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = String::from_utf8_lossy(&release).trim().to_string();
    let notices = [
        "using the \"epoll\" event method".to_string(),
        format!("nginx/{VERSION}"),
        "built by gcc 14.2.0 (Debian 14.2.0-19) ".to_string(),
        format!("OS: Linux {release}"),
        "getrlimit(RLIMIT_NOFILE): 1048576:1048576".to_string(),
        "start worker processes".to_string(),
    ];
    for notice in notices {
        log::error(sys, config, "notice", &notice).await;
    }
}

async fn start(sys: &Sys, config: &Config, sockets: &[(SocketAddr, Fd)]) -> Option<Pid> {
    let (config, sockets) = (Rc::new(config.clone()), sockets.to_vec());
    let own = config.clone();
    match sys.fork(move |child| worker::run(child, own, sockets)) {
        Ok(pid) => {
            log::error(sys, &config, "notice", &format!("start worker process {pid}")).await;
            Some(pid)
        }
        Err(error) => {
            let text =
                format!("fork() failed while spawning \"worker process\" ({}: {})", error.number(), error.message());
            log::error(sys, &config, "alert", &text).await;
            None
        }
    }
}

async fn reap(sys: &Sys, config: &Config, current: &mut Option<Pid>, old: &mut Vec<Pid>) {
    let options = WaitOptions { no_hang: true, ..WaitOptions::default() };
    while let Ok(Some((pid, status))) = sys.waitpid(WaitFor::Any, options).await {
        if *current == Some(pid) {
            *current = None;
        }
        old.retain(|p| *p != pid);
        log::error(sys, config, "notice", &format!("signal 17 (SIGCHLD) received from {pid}")).await;
        let (level, text) = match status {
            WaitStatus::Exited(code) => ("notice", format!("worker process {pid} exited with code {code}")),
            other => ("alert", format!("worker process {pid} exited on signal {}", other.code() & 0x7f)),
        };
        log::error(sys, config, level, &text).await;
    }
}
