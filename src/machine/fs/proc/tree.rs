//! What there is in `/proc`, by directory and name.

use super::{View, net, process, system};
use crate::errno::SysResult;
use crate::fs::FileKind;
use crate::process::Pid;

/// A file or directory.
pub(super) struct Entry {
    /// Path of its directory below `/proc` or `/proc/PID`; empty: directly there.
    pub dir: &'static str,
    pub name: &'static str,
    pub kind: Kind,
}

/// What it is.
pub(super) enum Kind {
    Directory,
    /// A text about the machine.
    File(fn(&View) -> SysResult<String>),
    /// A setting of the kernel (`sysctl(8)`), see [`super::sysctl`].
    Setting,
    /// A link to a fixed path.
    Link(&'static str),
    /// A link to the asking process, and what to put behind it.
    SelfLink(&'static str),
    /// A text about a process, with its mode.
    ProcessFile(u32, fn(&View, Pid) -> SysResult<String>),
    /// A link that belongs to a process.
    ProcessLink(fn(&View, Pid) -> SysResult<String>),
    /// The directory of a process's descriptors.
    Descriptors,
}

impl Kind {
    pub fn is_dir(&self) -> bool {
        matches!(self, Kind::Directory | Kind::Descriptors)
    }

    pub fn file_kind(&self) -> FileKind {
        match self {
            Kind::Directory | Kind::Descriptors => FileKind::Directory,
            Kind::Link(_) | Kind::SelfLink(_) | Kind::ProcessLink(_) => FileKind::Symlink,
            Kind::File(_) | Kind::Setting | Kind::ProcessFile(..) => FileKind::Regular,
        }
    }

    pub fn mode(&self) -> u32 {
        match self {
            Kind::Directory => 0o555,
            Kind::Descriptors => 0o500,
            Kind::Link(_) | Kind::SelfLink(_) | Kind::ProcessLink(_) => 0o777,
            Kind::File(_) => 0o444,
            Kind::Setting => 0o644,
            Kind::ProcessFile(mode, _) => *mode,
        }
    }
}

impl Entry {
    /// Its path below the tree's top.
    pub fn path(&self) -> String {
        if self.dir.is_empty() { self.name.into() } else { format!("{}/{}", self.dir, self.name) }
    }
}

const fn entry(dir: &'static str, name: &'static str, kind: Kind) -> Entry {
    Entry { dir, name, kind }
}

use Kind::{Descriptors, Directory, File, Link, ProcessFile, ProcessLink, SelfLink, Setting};

/// What does not belong to a process.
pub(super) const FIXED: &[Entry] = &[
    entry("", "cmdline", File(system::cmdline)),
    entry("", "cpuinfo", File(system::cpuinfo)),
    entry("", "devices", File(system::devices)),
    entry("", "diskstats", File(system::diskstats)),
    entry("", "filesystems", File(system::filesystems)),
    entry("", "loadavg", File(system::loadavg)),
    entry("", "meminfo", File(system::meminfo)),
    entry("", "mounts", Link("self/mounts")),
    entry("", "net", Link("self/net")),
    entry("", "partitions", File(system::partitions)),
    entry("", "self", SelfLink("")),
    entry("", "stat", File(system::stat)),
    entry("", "swaps", File(system::swaps)),
    entry("", "sys", Directory),
    entry("sys", "fs", Directory),
    entry("sys/fs", "file-max", Setting),
    entry("sys", "kernel", Directory),
    entry("sys/kernel", "domainname", Setting),
    entry("sys/kernel", "hostname", Setting),
    entry("sys/kernel", "osrelease", Setting),
    entry("sys/kernel", "ostype", Setting),
    entry("sys/kernel", "pid_max", Setting),
    entry("sys/kernel", "random", Directory),
    entry("sys/kernel/random", "boot_id", Setting),
    entry("sys/kernel/random", "entropy_avail", Setting),
    entry("sys/kernel/random", "uuid", Setting),
    entry("sys/kernel", "threads-max", Setting),
    entry("sys/kernel", "version", Setting),
    entry("sys", "net", Directory),
    entry("sys/net", "core", Directory),
    entry("sys/net/core", "somaxconn", Setting),
    entry("sys/net", "ipv4", Directory),
    entry("sys/net/ipv4", "ip_forward", Setting),
    entry("sys/net/ipv4", "ip_local_port_range", Setting),
    entry("sys/net/ipv4", "tcp_max_syn_backlog", Setting),
    entry("sys", "vm", Directory),
    entry("sys/vm", "max_map_count", Setting),
    entry("sys/vm", "overcommit_memory", Setting),
    entry("sys/vm", "overcommit_ratio", Setting),
    entry("sys/vm", "swappiness", Setting),
    entry("", "uptime", File(system::uptime)),
    entry("", "version", File(system::version)),
    entry("", "vmstat", File(system::vmstat)),
];

/// What every process has.
pub(super) const PROCESS: &[Entry] = &[
    entry("", "cgroup", ProcessFile(0o444, process::cgroup)),
    entry("", "cmdline", ProcessFile(0o444, process::cmdline)),
    entry("", "comm", ProcessFile(0o644, process::comm)),
    entry("", "cwd", ProcessLink(process::cwd)),
    entry("", "environ", ProcessFile(0o400, process::environ)),
    entry("", "exe", ProcessLink(process::exe)),
    entry("", "fd", Descriptors),
    entry("", "io", ProcessFile(0o400, process::io)),
    entry("", "limits", ProcessFile(0o444, process::limits)),
    entry("", "maps", ProcessFile(0o444, process::maps)),
    entry("", "mountinfo", ProcessFile(0o444, process::mountinfo)),
    entry("", "mounts", ProcessFile(0o444, process::mounts)),
    entry("", "net", Directory),
    entry("net", "arp", ProcessFile(0o444, net::arp)),
    entry("net", "dev", ProcessFile(0o444, net::dev)),
    entry("net", "route", ProcessFile(0o444, net::route)),
    entry("net", "tcp", ProcessFile(0o444, net::tcp)),
    entry("net", "tcp6", ProcessFile(0o444, net::tcp6)),
    entry("net", "udp", ProcessFile(0o444, net::udp)),
    entry("net", "udp6", ProcessFile(0o444, net::udp6)),
    entry("net", "unix", ProcessFile(0o444, net::unix)),
    entry("", "ns", Directory),
    entry("ns", "mnt", ProcessLink(process::ns_mnt)),
    entry("ns", "net", ProcessLink(process::ns_net)),
    entry("ns", "pid", ProcessLink(process::ns_pid)),
    entry("ns", "user", ProcessLink(process::ns_user)),
    entry("ns", "uts", ProcessLink(process::ns_uts)),
    entry("", "oom_score_adj", ProcessFile(0o644, process::oom_score_adj)),
    entry("", "root", ProcessLink(process::root)),
    entry("", "stat", ProcessFile(0o444, process::stat)),
    entry("", "statm", ProcessFile(0o444, process::statm)),
    entry("", "status", ProcessFile(0o444, process::status)),
];
