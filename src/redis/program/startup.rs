//! Starting on the machine.

use super::events::{Events, flush_log};
use super::host::{LogBuffer, MachineHost};
use super::names::{self, SharedNames};
use super::print;
use crate::config::{self, Config};
use crate::launch::{self, Invocation};
use crate::server::VERSION;
use machine::fs::OpenFlags;
use machine::process::Disposition;
use machine::{ExitCode, Fd, Signal, Sys, build_notes};

/// Reads the configuration and runs the server until it ends.
pub async fn run(sys: Sys, invocation: Invocation) -> ExitCode {
    let log = LogBuffer::default();
    let names = SharedNames::default();
    let mut host = MachineHost { sys: sys.clone(), log: log.clone(), names: names.clone() };
    let mut config = built_in(&sys);
    let stdin = match invocation.stdin {
        true => sys.read_to_end(Fd(0), 1 << 24).await.unwrap_or_default(),
        false => Vec::new(),
    };
    let mut configured = launch::configure(&mut host, &mut config, &invocation, &stdin);
    if names::look_up(&names, &sys).await {
        // Once more, with the names known.
        log.borrow_mut().clear();
        config = built_in(&sys);
        configured = launch::configure(&mut host, &mut config, &invocation, &stdin);
    }
    let file = match configured {
        Ok(file) => file,
        Err(refusal) => {
            flush_log(&sys, "", &log).await;
            print(&sys, 2, &refusal).await;
            return ExitCode::FAILURE;
        }
    };
    launch::warn(&mut host, &config);
    if !config.bool(config::DAEMONIZE) {
        return serve(sys, (log, names), config, file, invocation).await;
    }
    flush_log(&sys, config.text(config::LOGFILE), &log).await;
    if config.text(config::PIDFILE).is_empty() {
        config.put(config::PIDFILE, config::Setting::Text(launch::BACKGROUND_PIDFILE.to_owned()));
    }
    let forked = sys.fork(move |sys| async move {
        detach(&sys).await;
        serve(sys, (log, names), config, file, invocation).await
    });
    if forked.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Leaves the terminal: a session of its own, and nothing to read from or print to.
async fn detach(sys: &Sys) {
    let _ = sys.setsid();
    let Ok(nothing) = sys.open("/dev/null", OpenFlags::READ_WRITE, 0).await else { return };
    for fd in 0..3 {
        let _ = sys.dup2(nothing, Fd(fd));
    }
    if nothing.0 > 2 {
        let _ = sys.close(nothing);
    }
}

async fn serve(
    sys: Sys,
    (log, names): (LogBuffer, SharedNames),
    config: Config,
    file: Option<String>,
    invocation: Invocation,
) -> ExitCode {
    let host = MachineHost { sys: sys.clone(), log: log.clone(), names: names.clone() };
    let logfile = config.text(config::LOGFILE).to_owned();
    let name = sys.args().first().cloned().unwrap_or_default();
    let mut events = Events::new(sys.clone(), log.clone(), names);
    let code = match launch::begin(Box::new(host), config, file, &invocation, &name, sys.isatty(Fd(1))) {
        None => ExitCode::FAILURE,
        Some(mut server) => {
            for signal in [Signal::TERM, Signal::INT, Signal::CHLD] {
                let _ = sys.sigaction(signal, Disposition::Catch);
            }
            for signal in [Signal::HUP, Signal::PIPE] {
                let _ = sys.sigaction(signal, Disposition::Ignore);
            }
            match launch::open(&mut server, &mut events) {
                Ok(()) => {
                    if let Some(title) = launch::title(&server, &name) {
                        sys.set_title(&title);
                    }
                    events.run(&mut server).await
                }
                Err(status) => ExitCode(status),
            }
        }
    };
    flush_log(&sys, &logfile, &log).await;
    code
}

/// The mark of a build whose `protected-mode` is off unless it is configured.
const UNPROTECTED: &str = "protected-mode=no";

/// How the executable was built stands behind its name.
fn notes(sys: &Sys) -> Vec<String> {
    let content = sys.file_content(&sys.exe()).map(|content| content.data.to_vec()).unwrap_or_default();
    build_notes(&content).into_iter().map(str::to_owned).collect()
}

/// The version that the executable is of.
pub fn version(sys: &Sys) -> String {
    let noted = notes(sys).into_iter().find(|note| note.starts_with(|c: char| c.is_ascii_digit()));
    noted.unwrap_or_else(|| VERSION.to_owned())
}

/// The defaults. The Docker image's server is compiled with `protected-mode` off.
fn built_in(sys: &Sys) -> Config {
    let mut config = Config::default();
    config.version = version(sys);
    if notes(sys).iter().any(|note| note == UNPROTECTED) {
        config.put(config::PROTECTED_MODE, config::Setting::Bool(false));
    }
    config
}
