//! What `/proc/PID` tells of a process.

use super::View;
use crate::errno::{Errno, SysResult};
use crate::fs::mount::path_of;
use crate::fs::{Location, Vfs};
use crate::io::Fd;
use crate::process::{Pid, Signal};
use crate::sys::memory::SHARED;
use crate::sys::{ProcessInfo, ProcessState};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Bytes in a page.
const PAGE: u64 = 4096;
/// Clock ticks in a second (`USER_HZ`), in nanoseconds.
const TICK: u64 = 10_000_000;

fn info(view: &View, pid: Pid) -> SysResult<ProcessInfo> {
    view.kernel.process_info(view.viewer, pid).ok_or(Errno::ESRCH)
}

fn letter(info: &ProcessInfo) -> char {
    match info.state {
        ProcessState::Running => 'R',
        ProcessState::Sleeping => 'S',
        ProcessState::Stopped => 'T',
        ProcessState::Zombie => 'Z',
    }
}

fn resident(info: &ProcessInfo) -> u64 {
    if info.state == ProcessState::Zombie { 0 } else { info.memory + SHARED }
}

fn virtual_size(info: &ProcessInfo) -> u64 {
    if info.state == ProcessState::Zombie { 0 } else { info.memory + 2 * SHARED }
}

pub(super) fn cmdline(view: &View, pid: Pid) -> SysResult<String> {
    let info = info(view, pid)?;
    if info.state == ProcessState::Zombie {
        return Ok(String::new());
    }
    Ok(info.args.iter().fold(String::new(), |text, arg| text + arg + "\0"))
}

pub(super) fn comm(view: &View, pid: Pid) -> SysResult<String> {
    Ok(info(view, pid)?.comm + "\n")
}

pub(super) fn environ(view: &View, pid: Pid) -> SysResult<String> {
    let env = view.process(pid, |p| p.image.env.clone())?;
    Ok(env.iter().fold(String::new(), |text, entry| text + entry + "\0"))
}

/// A path as the asking process sees it.
fn seen_path(view: &View, at: &Location) -> SysResult<String> {
    let root = view.process(view.viewer, |p| p.fs.root.clone())?;
    match path_of(at, &root) {
        Ok(Some(path)) => Ok(path),
        Ok(None) => Ok("/".into()),
        Err(error) => Err(error),
    }
}

pub(super) fn cwd(view: &View, pid: Pid) -> SysResult<String> {
    let at = view.process(pid, |p| p.fs.cwd.clone())?;
    seen_path(view, &at)
}

pub(super) fn root(view: &View, pid: Pid) -> SysResult<String> {
    let at = view.process(pid, |p| p.fs.root.clone())?;
    seen_path(view, &at)
}

pub(super) fn exe(view: &View, pid: Pid) -> SysResult<String> {
    let info = info(view, pid)?;
    if info.exe.is_empty() { Err(Errno::ENOENT) } else { Ok(info.exe) }
}

/// Where `/proc/PID/fd/N` leads.
pub(super) fn descriptor(view: &View, pid: Pid, fd: Fd) -> SysResult<String> {
    let description = view.process(pid, |p| p.fds.get(fd))??;
    let root = view.process(view.viewer, |p| p.fs.root.clone())?;
    if let Some((dir, name)) = description.file.opened_as() {
        return Ok(Vfs::open_path(dir, name, &root));
    }
    match description.file.location() {
        Some(at) => seen_path(view, at),
        None => Ok(description.file.label()),
    }
}

pub(super) fn stat(view: &View, pid: Pid) -> SysResult<String> {
    let info = info(view, pid)?;
    let tty =
        info.tty.as_deref().and_then(|t| t.strip_prefix("pts/")?.parse::<u64>().ok()).map_or(0, |n| (136 << 8) | n);
    let foreground = info.foreground.map_or(-1, |pid| pid.0);
    let (own, children) = (info.times.own, info.times.children);
    let ticks = |nanoseconds: u64| nanoseconds / TICK;
    Ok(format!(
        "{} ({}) {} {} {} {} {tty} {foreground} 4194304 0 0 0 0 {} {} {} {} 20 0 {} 0 {} {} {} 18446744073709551615 \
         0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        info.pid,
        info.comm,
        letter(&info),
        info.parent,
        info.group,
        info.session,
        ticks(own.user),
        ticks(own.system),
        ticks(children.user),
        ticks(children.system),
        info.threads.max(1),
        ticks(info.started.0),
        virtual_size(&info),
        resident(&info) / PAGE,
    ))
}

pub(super) fn statm(view: &View, pid: Pid) -> SysResult<String> {
    let info = info(view, pid)?;
    let (size, resident) = (virtual_size(&info) / PAGE, resident(&info) / PAGE);
    Ok(format!("{size} {resident} {} 1 0 {} 0\n", resident / 2, size / 2))
}

fn mask(signals: &BTreeSet<Signal>) -> u64 {
    signals.iter().fold(0, |mask, signal| mask | 1 << (signal.number() - 1))
}

pub(super) fn status(view: &View, pid: Pid) -> SysResult<String> {
    let info = info(view, pid)?;
    let state = match info.state {
        ProcessState::Running => "R (running)",
        ProcessState::Sleeping => "S (sleeping)",
        ProcessState::Stopped => "T (stopped)",
        ProcessState::Zombie => "Z (zombie)",
    };
    let (who, umask, signals, fds) =
        view.process(pid, |p| (p.credentials.clone(), p.fs.umask, p.signals.clone(), p.fds.iter().count()))?;
    let groups = who.groups.iter().fold(String::new(), |text, group| text + &format!("{group} "));
    let mut text = format!(
        "Name:\t{}\nUmask:\t{umask:04o}\nState:\t{state}\nTgid:\t{}\nNgid:\t0\nPid:\t{}\nPPid:\t{}\nTracerPid:\t0\n\
         Uid:\t{}\t{}\t{}\t{}\nGid:\t{}\t{}\t{}\t{}\nFDSize:\t{}\nGroups:\t{groups}\nNStgid:\t{}\nNSpid:\t{}\n\
         NSpgid:\t{}\nNSsid:\t{}\nKthread:\t0\n",
        info.comm,
        info.pid,
        info.pid,
        info.parent,
        who.uid,
        who.euid,
        who.euid,
        who.euid,
        who.gid,
        who.egid,
        who.egid,
        who.egid,
        fds.next_power_of_two().max(64),
        info.pid,
        info.pid,
        info.group,
        info.session,
    );
    if info.state != ProcessState::Zombie {
        let (size, resident) = (virtual_size(&info) / 1024, resident(&info) / 1024);
        let _ = writeln!(
            text,
            "VmPeak:\t{size:8} kB\nVmSize:\t{size:8} kB\nVmLck:\t{0:8} kB\nVmPin:\t{0:8} kB\nVmHWM:\t{resident:8} kB\n\
             VmRSS:\t{resident:8} kB\nVmSwap:\t{0:8} kB",
            0
        );
    }
    let capabilities = if who.is_root() { who.capabilities } else { 0 };
    let held: BTreeSet<Signal> = signals.held.iter().chain(&signals.pending).copied().collect();
    let _ = writeln!(
        text,
        "Threads:\t{}\nSigQ:\t0/31444\nSigPnd:\t{:016x}\nShdPnd:\t{:016x}\nSigBlk:\t{:016x}\nSigIgn:\t{:016x}\n\
         SigCgt:\t{:016x}\nCapInh:\t{:016x}\nCapPrm:\t{capabilities:016x}\nCapEff:\t{capabilities:016x}\n\
         CapBnd:\t{:016x}\nCapAmb:\t{:016x}\nNoNewPrivs:\t{}\nSeccomp:\t{}\nCpus_allowed:\t1\nCpus_allowed_list:\t0",
        info.threads.max(1),
        0,
        mask(&held),
        mask(&signals.blocked),
        mask(&signals.ignored),
        mask(&signals.caught),
        0,
        who.capabilities,
        0,
        u8::from(who.no_new_privileges),
        if who.confined { 2 } else { 0 },
    );
    Ok(text)
}

pub(super) fn limits(view: &View, pid: Pid) -> SysResult<String> {
    let limits = view.process(pid, |p| p.limits)?;
    let number = |n: u64| if n == u64::MAX { "unlimited".to_string() } else { n.to_string() };
    let rows = [
        ("Max cpu time", "unlimited".into(), "seconds"),
        ("Max file size", number(limits.file_size), "bytes"),
        ("Max data size", "unlimited".into(), "bytes"),
        ("Max stack size", "8388608".into(), "bytes"),
        ("Max core file size", "unlimited".into(), "bytes"),
        ("Max resident set", "unlimited".into(), "bytes"),
        ("Max processes", number(limits.processes), "processes"),
        ("Max open files", number(limits.open_files), "files"),
        ("Max locked memory", "8388608".into(), "bytes"),
        ("Max address space", number(limits.memory), "bytes"),
        ("Max file locks", "unlimited".into(), "locks"),
        ("Max pending signals", "31444".into(), "signals"),
        ("Max msgqueue size", "819200".into(), "bytes"),
        ("Max nice priority", "0".into(), ""),
        ("Max realtime priority", "0".into(), ""),
        ("Max realtime timeout", "unlimited".into(), "us"),
    ];
    let mut text = format!("{:<26}{:<21}{:<21}{:<10}\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (name, value, unit) in rows {
        let _ = writeln!(text, "{name:<26}{value:<21}{value:<21}{unit:<10}");
    }
    Ok(text)
}

pub(super) fn maps(view: &View, pid: Pid) -> SysResult<String> {
    let (exe, memory) = view.process(pid, |p| (p.image.exe.clone(), p.memory))?;
    let heap_end = 0x5555_5560_0000 + memory.div_ceil(PAGE) * PAGE;
    Ok(format!(
        "555555554000-555555600000 r-xp 00000000 08:01 0 {:>24}{exe}\n555555600000-{heap_end:x} rw-p 00000000 00:00 0 \
         {:>24}[heap]\n7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0 {:>24}[stack]\n",
        "", "", ""
    ))
}

pub(super) fn io(view: &View, pid: Pid) -> SysResult<String> {
    // The machine does not count these: zeros, as a kernel without task accounting would have them.
    info(view, pid)?;
    Ok(["rchar", "wchar", "syscr", "syscw", "read_bytes", "write_bytes", "cancelled_write_bytes"]
        .iter()
        .fold(String::new(), |text, name| text + name + ": 0\n"))
}

pub(super) fn oom_score_adj(view: &View, pid: Pid) -> SysResult<String> {
    info(view, pid)?;
    Ok("0\n".into())
}

pub(super) fn cgroup(view: &View, pid: Pid) -> SysResult<String> {
    let (own, other) = (view.process(view.viewer, |p| p.cgroup)?, view.process(pid, |p| p.cgroup)?);
    Ok(if own == other { "0::/\n".into() } else { format!("0::/docker/{}\n", other.0) })
}

/// Blanks and the like in a path are written in octal there.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\134").replace(' ', "\\040").replace('\t', "\\011").replace('\n', "\\012")
}

pub(super) fn mounts(view: &View, pid: Pid) -> SysResult<String> {
    let (namespace, root) = view.process(pid, |p| (p.fs.mounts.clone(), p.fs.root.clone()))?;
    Ok(namespace.list(&root).iter().fold(String::new(), |text, m| {
        let extra = m.super_options.split_once(',').map_or(String::new(), |(_, rest)| format!(",{rest}"));
        text + &format!("{} {} {} {}{extra} 0 0\n", escaped(&m.source), escaped(&m.target), m.fstype, m.options)
    }))
}

pub(super) fn mountinfo(view: &View, pid: Pid) -> SysResult<String> {
    let (namespace, root) = view.process(pid, |p| (p.fs.mounts.clone(), p.fs.root.clone()))?;
    Ok(namespace.list(&root).iter().fold(String::new(), |text, m| {
        let (major, minor) = ((m.dev >> 8) & 0xfff, (m.dev & 0xff) | ((m.dev >> 12) & 0xfff00));
        text + &format!(
            "{} {} {major}:{minor} {} {} {} - {} {} {}\n",
            m.id,
            m.parent,
            escaped(&m.root),
            escaped(&m.target),
            m.options,
            m.fstype,
            escaped(&m.source),
            m.super_options
        )
    }))
}

/// Numbers of namespaces begin here in Linux.
const FIRST_NAMESPACE: u64 = 0xF000_0000;

pub(super) fn ns_mnt(view: &View, pid: Pid) -> SysResult<String> {
    let id = view.process(pid, |p| p.fs.mounts.number())?;
    Ok(format!("mnt:[{}]", FIRST_NAMESPACE + id))
}

pub(super) fn ns_net(view: &View, pid: Pid) -> SysResult<String> {
    let id = view.process(pid, |p| p.namespaces.net)?;
    Ok(format!("net:[{}]", FIRST_NAMESPACE + 64 + u64::from(id.0)))
}

pub(super) fn ns_pid(view: &View, pid: Pid) -> SysResult<String> {
    let id = view.process(pid, |p| p.namespaces.pid)?;
    Ok(format!("pid:[{}]", FIRST_NAMESPACE + 32 + u64::from(id.0)))
}

pub(super) fn ns_user(view: &View, pid: Pid) -> SysResult<String> {
    info(view, pid)?;
    Ok(format!("user:[{}]", FIRST_NAMESPACE + 5))
}

pub(super) fn ns_uts(view: &View, pid: Pid) -> SysResult<String> {
    // Each PID namespace that containers get comes with a UTS namespace of its own.
    let id = view.process(pid, |p| p.namespaces.pid)?;
    Ok(format!("uts:[{}]", FIRST_NAMESPACE + 6 + u64::from(id.0)))
}
