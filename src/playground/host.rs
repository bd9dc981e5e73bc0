//! The computer that a learner sits at: its programs, its files, its daemon.

use machine::fs::OpenFlags;
use machine::{ExitCode, Fd, Machine, MachineConfig, Sys, UnixTime};

/// 2026-01-05 09:00:00 UTC, a Monday: what the wall clock shows when a world begins.
const BOOT: UnixTime = UnixTime(1_767_603_600_000_000_000);

/// What kind of computer it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum HostKind {
    /// Linux with bash and Docker.
    #[default]
    Linux,
}

/// From what a world begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BootOptions {
    /// From it follow container ids, addresses and all else that is random.
    pub seed: u64,
    /// The kind of host.
    pub host: HostKind,
}

/// Switches the machine on and starts the daemon.
pub(crate) fn boot(options: &BootOptions) -> Machine {
    let machine = Machine::boot(&MachineConfig { seed: options.seed, boot: BOOT, hostname: "docker".into() });
    machine.install(shell::programs());
    machine.install(coreutils::programs());
    machine.install(docker::programs());
    machine.install(engine::programs(catalogue::registry()));
    machine.install(catalogue::programs());
    machine.install(redis::programs());
    machine.install(nginx::programs());
    machine.install(redis_cli::programs());
    catalogue::host::install(&machine.init());
    let started = machine.start(|sys| run(sys, "/usr/bin/dockerd", &["dockerd"], &[]));
    debug_assert!(started.is_ok(), "the first process of a machine has room");
    machine
}

/// The environment of a login.
const LOGIN_ENV: &[&str] = &[
    "HOME=/root",
    "USER=root",
    "LOGNAME=root",
    "SHELL=/bin/bash",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "TERM=xterm-256color",
    "LANG=C.UTF-8",
];

/// What runs on a new terminal.
pub(crate) async fn login(sys: Sys) -> ExitCode {
    let _ = sys.chdir("/root");
    run(sys, "/bin/bash", &["bash", "--login"], LOGIN_ENV).await
}

async fn run(sys: Sys, path: &str, args: &[&str], env: &[&str]) -> ExitCode {
    if sys.open_fds().is_empty() {
        for _ in 0..3 {
            let _ = sys.open("/dev/null", OpenFlags::READ_WRITE, 0).await;
        }
    }
    let owned = |list: &[&str]| list.iter().map(|s| (*s).to_string()).collect::<Vec<_>>();
    let error = sys.execve(path, owned(args), owned(env)).await;
    let _ = sys.write_all(Fd::STDERR, format!("{path}: {error}\n").as_bytes()).await;
    ExitCode(127)
}
