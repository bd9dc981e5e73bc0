//! What the runtime is told of a container: its process, its mounts, its limits.

use docker_api::types::Ulimit;
use machine::fs::{MountFlags, MountKind};
use machine::net::NetNamespaceId;
use machine::process::cgroup::{CgroupId, CgroupLimits};
use machine::tty::WindowSize;

use super::{cpuset, mounts};
use crate::daemon::Daemon;
use crate::model::container::Container;
use crate::networks::links;
use crate::runtime::init::{BoxSpec, Mounting, ProcessSpec};
use crate::runtime::user::{self, User};

/// Paths for programs where neither image nor user says any.
const DEFAULT_PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The environment of a process in a container: defaults, then what was configured.
pub fn environment(d: &Daemon, c: &Container, tty: bool, more: &[String]) -> Vec<String> {
    let config = c.config.borrow();
    let mut env = vec![DEFAULT_PATH.to_string(), format!("HOSTNAME={}", config.hostname)];
    if tty {
        env.push("TERM=xterm".into());
    }
    env.extend(links::environment(d, c));
    for variable in config.env.iter().flatten().chain(more) {
        let key = variable.split('=').next().unwrap_or("");
        let at = env.iter().position(|e| e.split('=').next() == Some(key));
        match (at, variable.contains('=')) {
            (Some(at), true) => env[at].clone_from(variable),
            (None, true) => env.push(variable.clone()),
            (Some(at), false) => drop(env.remove(at)),
            (None, false) => {}
        }
    }
    env
}

fn open_files(ulimits: Option<&Vec<Ulimit>>) -> Option<u64> {
    ulimits?.iter().find(|u| u.name == "nofile").and_then(|u| u64::try_from(u.soft).ok())
}

fn no_mount_flags() -> MountFlags {
    MountFlags { no_exec: true, no_suid: true, no_dev: true, ..MountFlags::default() }
}

/// A file system in memory with options like `size=64m,mode=700,exec`.
fn tmpfs(options: &str) -> (MountKind, MountFlags) {
    let (mut size, mut mode, mut flags) = (None, 0o1777, no_mount_flags());
    for option in options.split(',') {
        match option.split_once('=').unwrap_or((option, "")) {
            ("size", text) => size = docker_api::units::ram_in_bytes(text).ok().and_then(|s| u64::try_from(s).ok()),
            ("mode", text) => mode = u32::from_str_radix(text, 8).unwrap_or(mode),
            ("ro", _) => flags.read_only = true,
            ("rw", _) => flags.read_only = false,
            ("exec", _) => flags.no_exec = false,
            ("suid", _) => flags.no_suid = false,
            ("dev", _) => flags.no_dev = false,
            _ => {}
        }
    }
    (MountKind::NamedTmpfs { source: "tmpfs", fstype: "tmpfs", size, mode }, flags)
}

/// All that is mounted into a container, in order.
fn mountings(c: &Container) -> Vec<Mounting> {
    let host = c.host.borrow();
    let at = |target: &str, kind: MountKind, flags: MountFlags| Mounting { target: target.into(), kind, flags };
    let plain = MountFlags::default();
    let memory = |source, fstype, size, mode| MountKind::NamedTmpfs { source, fstype, size, mode };
    let mut list = vec![
        at("/proc", MountKind::Proc, no_mount_flags()),
        at(
            "/dev",
            memory("tmpfs", "tmpfs", Some(64 << 20), 0o755),
            MountFlags { no_suid: true, strict_atime: true, ..plain },
        ),
        at("/dev/pts", MountKind::Devpts, MountFlags { no_suid: true, no_exec: true, ..plain }),
        at("/sys", MountKind::Sysfs, MountFlags { read_only: !host.privileged, ..no_mount_flags() }),
        at("/dev/mqueue", memory("mqueue", "mqueue", None, 0o1777), no_mount_flags()),
        at("/dev/shm", memory("shm", "tmpfs", u64::try_from(host.shm_size).ok(), 0o1777), no_mount_flags()),
    ];
    let bind = |source: String| MountKind::Bind { source, recursive: true };
    for (name, target) in [("resolv.conf", "/etc/resolv.conf"), ("hostname", "/etc/hostname"), ("hosts", "/etc/hosts")]
    {
        list.push(at(target, bind(format!("{}/{name}", c.dir())), plain));
    }
    for (target, options) in host.tmpfs.iter().flatten() {
        let (kind, flags) = tmpfs(options);
        list.push(at(target, kind, flags));
    }
    for point in c.mounts.borrow().iter() {
        let flags = MountFlags { read_only: !point.rw, ..plain };
        let (kind, flags) = match point.kind.as_str() {
            "tmpfs" => tmpfs(&mounts::tmpfs_options(&host, &point.destination)),
            _ => (bind(point.source.clone()), flags),
        };
        list.push(at(&point.destination, kind, flags));
    }
    for device in host.devices.iter().flatten() {
        list.push(at(&device.path_in_container, bind(device.path_on_host.clone()), plain));
    }
    // Parents before what lies below them.
    list[6..].sort_by(|a, b| {
        a.target.matches('/').count().cmp(&b.target.matches('/').count()).then(a.target.cmp(&b.target))
    });
    list
}

/// What root may do in a container, a bit for each capability.
pub fn capabilities(c: &Container) -> u64 {
    let host = c.host.borrow();
    user::capabilities(host.cap_add.as_deref().unwrap_or(&[]), host.cap_drop.as_deref().unwrap_or(&[]))
}

/// Whether `--security-opt no-new-privileges` was given.
pub fn no_new_privileges(c: &Container) -> bool {
    let host = c.host.borrow();
    let mut options = host.security_opt.iter().flatten().map(|o| o.replacen(':', "=", 1));
    options.any(|o| o == "no-new-privileges" || o == "no-new-privileges=true")
}

/// The limits of a container's control group.
pub fn limits(c: &Container) -> CgroupLimits {
    let host = c.host.borrow();
    let positive = |n: i64| u64::try_from(n).ok().filter(|n| *n > 0).unwrap_or(u64::MAX);
    CgroupLimits {
        memory: positive(host.memory),
        processes: positive(host.pids_limit.unwrap_or(0)),
        cpu_millis: if host.nano_cpus > 0 { host.nano_cpus as u64 / 1_000_000 } else { u64::MAX },
        cpuset: cpuset::parse(&host.cpuset_cpus).unwrap_or(CgroupLimits::default().cpuset),
    }
}

/// What runs in the container, as whom and with what around it.
pub fn process_spec(d: &Daemon, c: &Container, user: User) -> ProcessSpec {
    let (config, host) = (c.config.borrow(), c.host.borrow());
    let mut args = vec![c.path.clone()];
    args.extend(c.args.iter().cloned());
    if host.init == Some(true) {
        args.splice(0..0, ["/sbin/docker-init".to_string(), "--".to_string()]);
    }
    let size = WindowSize { columns: host.console_size[1] as u16, rows: host.console_size[0] as u16 };
    ProcessSpec {
        args,
        env: environment(d, c, config.tty, &[]),
        cwd: config.working_dir.clone(),
        user,
        tty: config.tty.then_some(size),
        privileged: host.privileged,
        capabilities: capabilities(c),
        no_new_privileges: no_new_privileges(c),
        open_files: open_files(host.ulimits.as_ref()),
    }
}

/// The box that it runs in.
pub fn box_spec(c: &Container, ns: NetNamespaceId, cgroup: CgroupId) -> BoxSpec {
    let (config, host) = (c.config.borrow(), c.host.borrow());
    let mut mounts = mountings(c);
    if host.init == Some(true) {
        let kind = MountKind::Bind { source: "/usr/bin/docker-init".into(), recursive: false };
        mounts.push(Mounting {
            target: "/sbin/docker-init".into(),
            kind,
            flags: MountFlags { read_only: true, ..MountFlags::default() },
        });
    }
    let hostname = (host.network_mode != "host" && host.uts_mode != "host").then(|| config.hostname.clone());
    BoxSpec { rootfs: c.rootfs.path("merged"), mounts, hostname, ns, cgroup, read_only: host.readonly_rootfs }
}
