//! Starting a server: command line, configuration, the first lines of the log, listening, loading.
//!
//! The same for every program around the engine, on the machine and on a real system. A program
//! calls [`options::read`], then [`configure`], [`begin`] and [`open`], and then serves events.

mod listen;
mod log;
mod logo;
pub mod options;
mod title;

pub use listen::{Sockets, listen};
pub(crate) use listen::{can_listen, without_tls};
pub use log::{line, signal_line};
pub use options::{Invocation, Parsed};
pub use title::title;

use crate::config::{self, Config, Setting, file};
use crate::persistence::Progress;
use crate::sentinel;
use crate::server::{Host, Level, Server};

/// Where a server in the background notes its number, unless told otherwise.
pub const BACKGROUND_PIDFILE: &str = "/var/run/redis.pid";

/// The program does not start; what goes to standard error, empty where the log has it.
pub type Refusal = String;

/// Files and directories that configuration lines name.
struct Around<'a> {
    host: &'a mut dyn Host,
    /// An included file that could not be read, and why.
    missing: Option<(String, String)>,
}

impl file::Around for Around<'_> {
    fn include(&mut self, path: &str) -> Result<Vec<u8>, String> {
        read(self.host, path).inspect_err(|reason| self.missing = Some((path.to_owned(), reason.clone())))
    }

    fn enter(&mut self, dir: &str) -> Result<String, String> {
        self.host.change_dir(dir)
    }
}

fn read(host: &mut dyn Host, path: &str) -> Result<Vec<u8>, String> {
    host.read_file(path)?.ok_or_else(|| "No such file or directory".to_owned())
}

fn cannot_open(host: &mut dyn Host, config: &Config, path: &str, reason: &str) -> Refusal {
    host.log(
        if config.sentinel_mode { 'X' } else { 'C' },
        Level::Warning,
        &format!("Fatal error, can't open config file '{path}': {reason}"),
    );
    Refusal::new()
}

/// Reads the configuration: the file, then what stood on standard input, then the options, over
/// `config`. Gives the file's absolute path.
pub fn configure(
    host: &mut dyn Host,
    config: &mut Config,
    invocation: &Invocation,
    stdin: &[u8],
) -> Result<Option<String>, Refusal> {
    let mut text = Vec::new();
    let mut absolute = None;
    if invocation.sentinel {
        sentinel::defaults(config);
    }
    if let Some(path) = &invocation.file {
        let path = if path.starts_with('/') { path.clone() } else { format!("{}/{path}", host.current_dir()) };
        match read(host, &path) {
            Ok(data) => text = data,
            Err(reason) => return Err(cannot_open(host, config, &path, &reason)),
        }
        absolute = Some(path);
    }
    if invocation.stdin {
        host.log('C', Level::Notice, "Reading config from stdin");
        text.extend_from_slice(stdin);
    }
    if !invocation.lines.is_empty() {
        text.push(b'\n');
        text.extend(machine::text::to_bytes(&invocation.lines));
    }
    let mut around = Around { host, missing: None };
    let loaded = file::load(config, &text, &mut around);
    let missing = around.missing;
    match (loaded, missing) {
        (Ok(()), _) => {}
        (Err(_), Some((path, reason))) => return Err(cannot_open(host, config, &path, &reason)),
        (Err(bad), None) => return Err(bad.message(&config.version)),
    }
    if config.bool(config::CLUSTER_ENABLED) && !config.text(config::REPLICAOF).is_empty() {
        return Err(format!(
            "\n*** FATAL CONFIG FILE ERROR (Redis {}) ***\nreplicaof directive not allowed in cluster mode\n",
            config.version
        ));
    }
    let here = host.current_dir();
    config.put(config::DIR, Setting::Text(here));
    let logfile = config.text(config::LOGFILE);
    if !logfile.is_empty()
        && let Err(reason) = host.append_file(logfile, b"")
    {
        return Err(format!(
            "\n*** FATAL CONFIG FILE ERROR (Redis {}) ***\nCan't open the log file: {reason}\n",
            config.version
        ));
    }
    if invocation.sentinel {
        config.sentinel = Some(Box::new(sentinel::prepare(host, config, absolute.as_deref())?));
    }
    Ok(absolute)
}

/// Greets in the log and makes the server. `program` is what the program was called, `terminal`
/// says whether its output is one. `None` (after lines in the log): the configuration is unusable.
pub fn begin(
    mut host: Box<dyn Host>,
    mut config: Config,
    file: Option<String>,
    invocation: &Invocation,
    program: &str,
    terminal: bool,
) -> Option<Server> {
    greet(host.as_mut(), &mut config, invocation, program);
    let mut server = Server::new(host, config);
    server.config_file = file;
    server.notice("monotonic clock: POSIX clock_gettime");
    let pidfile = server.config.text(config::PIDFILE).to_owned();
    if !pidfile.is_empty() {
        let text = format!("{}\n", server.host.pid());
        if let Err(reason) = server.host.write_file(&pidfile, text.as_bytes()) {
            server.warn(&format!("Failed to write PID file: {reason}"));
        }
    }
    show_mode(&mut server, terminal);
    if server.config.unresolved.is_empty() {
        return Some(server);
    }
    server.warn("Unresolved Configuration(s) Detected:");
    for line in server.config.unresolved.clone() {
        server.warn(&format!(">>> '{line}'"));
    }
    server.warn("Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting");
    None
}

/// Opens the sockets and begins to load the data.
///
/// # Errors
/// The status to end with (after a line in the log) where that is not possible.
pub fn open(server: &mut Server, sockets: &mut dyn Sockets) -> Result<(), u8> {
    if server.cluster.is_some() && !server.cluster_load() {
        return Err(1);
    }
    if let Some(path) = server.config.modules.first().cloned() {
        server.refuse_module(&path);
        server.warn(&format!("Can't load module from {path}: server aborting"));
        return Err(1);
    }
    if !server.load_users() {
        return Err(1);
    }
    if !listen(server, sockets) {
        return Err(1);
    }
    if server.sentinel_mode {
        server.sentinel_is_running();
        return Ok(());
    }
    server.notice("Server initialized");
    match server.begin_loading() {
        Progress::Done => ready(server),
        Progress::Failed(status) => return Err(status),
        // The rest comes between the requests of clients.
        Progress::More => {}
    }
    Ok(())
}

/// All is loaded: says so, and begins what needs the data.
pub(crate) fn ready(server: &mut Server) {
    server.fit_slots_to_data();
    if server.config.int(config::PORT) != 0 {
        server.notice("Ready to accept connections tcp");
    }
    if !server.config.text(config::UNIXSOCKET).is_empty() {
        server.notice("Ready to accept connections unix");
    }
    if server.acl.default_needs_no_password() {
        server.warn(if server.config.bool(config::PROTECTED_MODE) {
            "WARNING: Redis does not require authentication. Redis will accept connections from any local client."
        } else {
            "WARNING: Redis does not require authentication and is not protected by network restrictions. Redis will accept connections from any IP address on any network interface."
        });
    }
    server.follow_configured_master();
}

/// What the log begins with: a line below the configured level is left out.
fn say(host: &mut dyn Host, config: &Config, level: Level, text: &str) {
    if level == Level::Warning || !matches!(config.word(config::LOGLEVEL), "warning" | "nothing") {
        host.log(if config.sentinel_mode { 'X' } else { 'C' }, level, text);
    }
}

/// Warnings that come before anything else, also of a server that goes into the background afterwards.
pub fn warn(host: &mut dyn Host, config: &Config) {
    if config.bool(config::CLUSTER_ENABLED) && config.int(config::DATABASES) > 1 {
        let text = format!(
            "WARNING: Changing databases number from {} to 1 since we are in cluster mode",
            config.int(config::DATABASES)
        );
        say(host, config, Level::Warning, &text);
    }
    let overcommit = host.read_file("/proc/sys/vm/overcommit_memory").ok().flatten().unwrap_or_default();
    if overcommit.trim_ascii() == b"0" {
        say(
            host,
            config,
            Level::Warning,
            "WARNING Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory condition. Being disabled, it can also cause failures without low memory condition, see https://github.com/jemalloc/jemalloc/issues/1328. To fix this issue add 'vm.overcommit_memory = 1' to /etc/sysctl.conf and then reboot or run the command 'sysctl vm.overcommit_memory=1' for this to take effect.",
        );
    }
}

/// The lines before the server exists.
fn greet(host: &mut dyn Host, config: &mut Config, invocation: &Invocation, program: &str) {
    say(host, config, Level::Notice, "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
    let (pid, version) = (host.pid(), &config.version);
    say(
        host,
        config,
        Level::Notice,
        &format!("Redis version={version}, bits=64, commit=00000000, modified=0, pid={pid}, just started"),
    );
    if invocation.any {
        say(host, config, Level::Notice, "Configuration loaded");
    } else {
        say(
            host,
            config,
            Level::Warning,
            &format!(
                "Warning: no config file specified, using the default config. In order to specify a config file use {program} /path/to/redis.conf"
            ),
        );
    }
}

/// The picture on a terminal, a line elsewhere.
fn show_mode(server: &mut Server, terminal: bool) {
    let mode = server.mode();
    let port = server.config.int(config::PORT);
    let draws =
        terminal && server.config.text(config::LOGFILE).is_empty() && !server.config.bool(config::SYSLOG_ENABLED);
    if draws || server.config.bool(config::ALWAYS_SHOW_LOGO) {
        let picture = logo::logo(&server.config.version, mode, port, server.host.pid());
        server.host.log_raw(&picture);
    } else {
        server.notice(&format!("Running mode={mode}, port={port}."));
    }
}
