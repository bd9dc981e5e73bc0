//! What `/proc` tells of the machine.

use super::View;
use crate::errno::SysResult;
use crate::hardware::{CPUS, KERNEL_MEMORY, MEMORY};
use crate::process::State;
use crate::sys::memory::SHARED;
use std::fmt::Write;

/// CPU time of all processes, in nanoseconds: user, system.
fn cpu(view: &View) -> (u64, u64) {
    let processes = view.kernel.processes.processes.borrow();
    processes.values().fold((0, 0), |(user, system), p| {
        let (own, children) = (p.times.own, p.times.children);
        (user + own.user + children.user, system + own.system + children.system)
    })
}

pub(super) fn cmdline(_: &View) -> SysResult<String> {
    Ok("BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet\n".into())
}

pub(super) fn cpuinfo(_: &View) -> SysResult<String> {
    let one = |n| {
        format!(
            "processor\t: {n}\nvendor_id\t: Drydock\ncpu family\t: 6\nmodel\t\t: 1\nmodel name\t: Drydock virtual CPU\n\
             stepping\t: 0\ncpu MHz\t\t: 1000.000\ncache size\t: 1024 KB\nphysical id\t: 0\nsiblings\t: {CPUS}\n\
             core id\t\t: {n}\ncpu cores\t: {CPUS}\nfpu\t\t: yes\n\
             flags\t\t: fpu tsc cx8 cmov fxsr sse sse2 syscall nx lm\nbogomips\t: 2000.00\n\
             address sizes\t: 46 bits physical, 48 bits virtual\n\n"
        )
    };
    Ok((0..CPUS).map(one).collect())
}

pub(super) fn devices(_: &View) -> SysResult<String> {
    Ok("Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n  8 sd\n".into())
}

pub(super) fn diskstats(_: &View) -> SysResult<String> {
    Ok("   8       0 sda 0 0 0 0 0 0 0 0 0 0 0\n   8       1 sda1 0 0 0 0 0 0 0 0 0 0 0\n".into())
}

pub(super) fn filesystems(_: &View) -> SysResult<String> {
    Ok("nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevpts\n\text4\nnodev\toverlay\n".into())
}

/// The load is the share of the CPU that was busy since boot, but of the last minute, five and fifteen at least: the
/// machine keeps no running averages.
pub(super) fn loadavg(view: &View) -> SysResult<String> {
    let (user, system) = cpu(view);
    let load = |minutes: u64| {
        let span = view.kernel.clock.now().0.max(minutes * 60_000_000_000);
        let hundredths = (user + system).saturating_mul(100) / span;
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    };
    let all = view.kernel.processes.processes.borrow().len();
    let last = view.kernel.processes.pid_namespaces.members(view.namespace).last().map_or(0, |(inside, _)| inside.0);
    Ok(format!("{} {} {} 1/{all} {last}\n", load(1), load(5), load(15)))
}

pub(super) fn meminfo(view: &View) -> SysResult<String> {
    let programs: u64 = {
        let processes = view.kernel.processes.processes.borrow();
        processes.values().filter(|p| !matches!(p.state, State::Zombie(_))).map(|p| p.memory + SHARED).sum()
    };
    let files = view.kernel.vfs.stored_bytes();
    let free = MEMORY.saturating_sub(KERNEL_MEMORY + programs + files);
    let rows = [
        ("MemTotal", MEMORY),
        ("MemFree", free),
        ("MemAvailable", free + files),
        ("Buffers", 0),
        ("Cached", files),
        ("SwapCached", 0),
        ("Active", programs),
        ("Inactive", files),
        ("SwapTotal", 0),
        ("SwapFree", 0),
        ("Dirty", 0),
        ("AnonPages", programs),
        ("Mapped", SHARED),
        ("Shmem", 0),
        ("Slab", KERNEL_MEMORY / 4),
        ("SReclaimable", 0),
        ("SUnreclaim", KERNEL_MEMORY / 4),
        ("CommitLimit", MEMORY / 2),
        ("Committed_AS", programs),
        ("HugePages_Total", 0),
    ];
    let mut text = String::new();
    for (name, bytes) in rows {
        let unit = if name.starts_with("HugePages") { "" } else { " kB" };
        let _ = writeln!(text, "{:<16}{:>8}{unit}", format!("{name}:"), bytes / 1024);
    }
    Ok(text)
}

pub(super) fn partitions(_: &View) -> SysResult<String> {
    Ok("major minor  #blocks  name\n\n   8        0   62914560 sda\n   8        1   61203220 sda1\n".into())
}

pub(super) fn stat(view: &View) -> SysResult<String> {
    const TICK: u64 = 10_000_000;
    let (user, system) = cpu(view);
    let row = |name: &str, user: u64, system: u64, span: u64| {
        let idle = span.saturating_sub(user + system);
        format!("{name} {} 0 {} {} 0 0 0 0 0 0\n", user / TICK, system / TICK, idle / TICK)
    };
    let now = view.kernel.clock.now().0;
    let mut text = row("cpu ", user, system, now * CPUS);
    for n in 0..CPUS {
        text += &row(&format!("cpu{n}"), user / CPUS, system / CPUS, now);
    }
    let boot = view.kernel.clock.boot().seconds();
    let forks = view.kernel.processes.forks.get();
    let _ = write!(text, "intr 0\nctxt 0\nbtime {boot}\nprocesses {forks}\nprocs_running 1\nprocs_blocked 0\n");
    Ok(text)
}

pub(super) fn swaps(_: &View) -> SysResult<String> {
    Ok("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n".into())
}

pub(super) fn uptime(view: &View) -> SysResult<String> {
    let now = view.kernel.clock.now().0;
    let (user, system) = cpu(view);
    let hundredths =
        |nanoseconds: u64| format!("{}.{:02}", nanoseconds / 1_000_000_000, nanoseconds / 10_000_000 % 100);
    Ok(format!("{} {}\n", hundredths(now), hundredths((now * CPUS).saturating_sub(user + system))))
}

pub(super) fn version(_: &View) -> SysResult<String> {
    let (release, version) = (super::sysctl::RELEASE, super::sysctl::VERSION);
    Ok(format!("Linux version {release} (drydock@drydock) (rustc) {version}\n"))
}

pub(super) fn vmstat(view: &View) -> SysResult<String> {
    Ok(format!(
        "nr_free_pages {}\nnr_mapped 0\nnr_dirty 0\n",
        MEMORY.saturating_sub(view.kernel.vfs.stored_bytes()) / 4096
    ))
}
