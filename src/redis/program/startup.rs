//! Starting: configuration, the first lines of the log, listening, loading.

use super::events::Events;
use super::host::{LogBuffer, MachineHost, log_line};
use super::options::Invocation;
use super::{logo, print};
use crate::config::{self, Config};
use crate::server::{Level, Server, VERSION};
use machine::process::Disposition;
use machine::{ExitCode, Fd, Signal, Sys};
use std::rc::Rc;

/// Reads the configuration and runs the server until it ends.
pub async fn run(sys: Sys, invocation: Invocation) -> ExitCode {
    let mut config = Config::default();
    let file = match read_config(&sys, &mut config, &invocation).await {
        Ok(file) => file,
        Err(code) => return code,
    };
    if let Err(code) = enter_dir(&sys, &mut config).await {
        return code;
    }
    let log = LogBuffer::default();
    greet(&sys, &mut config, &invocation, &log);
    let host = MachineHost { sys: sys.clone(), log: log.clone() };
    let mut server = Server::new(Box::new(host), config);
    server.config_file = file;
    server.notice("monotonic clock: POSIX clock_gettime");
    show_mode(&sys, &mut server, &log);
    if !server.config.unresolved.is_empty() {
        server.warn("Unresolved Configuration(s) Detected:");
        for line in server.config.unresolved.clone() {
            server.warn(&format!(">>> '{line}'"));
        }
        server.warn("Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting");
        return finish(&sys, &server, &log, ExitCode::FAILURE).await;
    }
    for signal in [Signal::TERM, Signal::INT, Signal::CHLD] {
        let _ = sys.sigaction(signal, Disposition::Catch);
    }
    for signal in [Signal::HUP, Signal::PIPE] {
        let _ = sys.sigaction(signal, Disposition::Ignore);
    }
    let mut events = Events::new(sys.clone(), log.clone());
    if server.cluster.is_some() && !server.cluster_load() {
        return finish(&sys, &server, &log, ExitCode::FAILURE).await;
    }
    if !events.listen(&mut server) {
        return finish(&sys, &server, &log, ExitCode::FAILURE).await;
    }
    server.notice("Server initialized");
    if !server.load_data() {
        return finish(&sys, &server, &log, ExitCode::FAILURE).await;
    }
    server.notice("Ready to accept connections tcp");
    if server.acl.default_needs_no_password() {
        server.warn(if server.config.bool(config::PROTECTED_MODE) {
            "WARNING: Redis does not require authentication. Redis will accept connections from any local client."
        } else {
            "WARNING: Redis does not require authentication and is not protected by network restrictions. Redis will accept connections from any IP address on any network interface."
        });
    }
    server.follow_configured_master();
    let code = events.run(&mut server).await;
    finish(&sys, &server, &log, code).await
}

async fn finish(sys: &Sys, server: &Server, log: &LogBuffer, code: ExitCode) -> ExitCode {
    super::events::flush_log(sys, server.config.text(config::LOGFILE), log).await;
    code
}

/// The mark of a build whose `protected-mode` is off unless it is configured.
const UNPROTECTED: &[u8] = b"protected-mode=no\0";

/// The configuration from the file, the options and standard input; the file's absolute path.
async fn read_config(sys: &Sys, config: &mut Config, invocation: &Invocation) -> Result<Option<String>, ExitCode> {
    let mut text = Vec::new();
    let mut absolute = None;
    // How the executable was built stands behind its name: the Docker image's is compiled with this default.
    let built = sys.file_content(&sys.exe()).map(|content| content.data.to_vec()).unwrap_or_default();
    if built.windows(UNPROTECTED.len()).any(|part| part == UNPROTECTED) {
        config.put(config::PROTECTED_MODE, config::Setting::Bool(false));
    }
    if let Some(path) = &invocation.file {
        match sys.read_file(path) {
            Ok(data) => text = data,
            Err(error) => {
                let line = log_line(
                    sys,
                    'C',
                    Level::Warning,
                    &format!("Fatal error, can't open config file '{path}': {}", error.message()),
                );
                print(sys, 1, &line).await;
                return Err(ExitCode::FAILURE);
            }
        }
        absolute = Some(sys.real_path(path).unwrap_or_else(|_| path.clone()));
    }
    if invocation.stdin {
        text.extend(sys.read_to_end(Fd(0), 1 << 24).await.unwrap_or_default());
    }
    if !invocation.lines.is_empty() {
        text.push(b'\n');
        text.extend(machine::text::to_bytes(&invocation.lines));
    }
    let mut include = |path: &str| {
        sys.read_file(path).map_err(|e| format!("Fatal error, can't open config file '{path}': {}", e.message()))
    };
    if let Err(bad) = config::file::load(config, &text, &mut include) {
        print(sys, 2, &bad.message(VERSION)).await;
        return Err(ExitCode::FAILURE);
    }
    Ok(absolute)
}

/// Goes to the data directory.
async fn enter_dir(sys: &Sys, config: &mut Config) -> Result<(), ExitCode> {
    let dir = config.text(config::DIR).to_owned();
    if !dir.is_empty()
        && let Err(error) = sys.chdir(&dir)
    {
        let text = format!(
            "\n*** FATAL CONFIG FILE ERROR (Redis {VERSION}) ***\nReading the configuration file, at line 1\n>>> 'dir {dir}'\n{}\n",
            error.message()
        );
        print(sys, 2, &text).await;
        return Err(ExitCode::FAILURE);
    }
    let here = sys.getcwd().unwrap_or_else(|_| "/".into());
    config.put(config::DIR, config::Setting::Text(here));
    Ok(())
}

/// The lines before the server exists.
fn greet(sys: &Sys, config: &mut Config, invocation: &Invocation, log: &LogBuffer) {
    let quiet = matches!(config.word(config::LOGLEVEL), "warning" | "nothing");
    let say = |level: Level, text: &str| {
        if level == Level::Warning || !quiet {
            log.borrow_mut().extend_from_slice(log_line(sys, 'C', level, text).as_bytes());
        }
    };
    if config.bool(config::CLUSTER_ENABLED) && config.int(config::DATABASES) > 1 {
        let text = format!(
            "WARNING: Changing databases number from {} to 1 since we are in cluster mode",
            config.int(config::DATABASES)
        );
        say(Level::Warning, &text);
    }
    let overcommit = sys.read_file("/proc/sys/vm/overcommit_memory").unwrap_or_default();
    if overcommit.trim_ascii() == b"0" {
        say(
            Level::Warning,
            "WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition. Being disabled, it can also cause failures without low memory condition, see https://github.com/jemalloc/jemalloc/issues/1328. To fix this issue add 'vm.overcommit_memory = 1' to /etc/sysctl.conf and then reboot or run the command 'sysctl vm.overcommit_memory=1' for this to take effect.",
        );
    }
    say(Level::Notice, "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
    let pid = sys.getpid().0;
    say(
        Level::Notice,
        &format!("Redis version={VERSION}, bits=64, commit=00000000, modified=0, pid={pid}, just started"),
    );
    if invocation.any {
        say(Level::Notice, "Configuration loaded");
    } else {
        let name = sys.args().first().cloned().unwrap_or_default();
        say(
            Level::Warning,
            &format!(
                "Warning: no config file specified, using the default config. In order to specify a config file use {name} /path/to/redis.conf"
            ),
        );
    }
}

/// The picture on a terminal, a line elsewhere.
fn show_mode(sys: &Sys, server: &mut Server, log: &Rc<std::cell::RefCell<Vec<u8>>>) {
    let mode = if server.hot.cluster { "cluster" } else { "standalone" };
    let port = server.config.int(config::PORT);
    let tty = sys.isatty(Fd(1))
        && server.config.text(config::LOGFILE).is_empty()
        && !server.config.bool(config::SYSLOG_ENABLED);
    if tty || server.config.bool(config::ALWAYS_SHOW_LOGO) {
        log.borrow_mut().extend_from_slice(logo::logo(mode, port, sys.getpid().0 as u32).as_bytes());
    } else {
        server.notice(&format!("Running mode={mode}, port={port}."));
    }
}
