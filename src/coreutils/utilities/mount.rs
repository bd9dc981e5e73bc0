//! `mount`, `umount`, `mountpoint`: what is mounted where.

use machine::fs::{MountFlags, MountKind};
use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::options::{HELP, HELP_OPTION, Spec, VERSION, VERSION_OPTION, Value, parse};

const SPEC: Spec = Spec {
    short: "aBfhilno:rRt:vVw",
    long: &[
        ("bind", 'B', Value::None),
        ("options", 'o', Value::Required),
        ("rbind", 'R', Value::None),
        ("read-only", 'r', Value::None),
        ("types", 't', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "
Usage:
 mount [-lhV]
 mount -a [options]
 mount [options] [--source] <source> | [--target] <directory>
 mount [options] <source> <directory>
 mount <operation> <mountpoint> [<target>]

Mount a filesystem.

Options:
 -o, --options <list>    comma-separated list of mount options
 -r, --read-only         mount the filesystem read-only (same as -o ro)
 -t, --types <list>      limit the set of filesystem types
 -v, --verbose           say what is being done

 -B, --bind              mount a subtree somewhere else (same as -o bind)
 -R, --rbind             mount a subtree and all submounts somewhere else

 -h, --help              display this help
 -V, --version           display version
";

/// `mount`'s status for wrong use and for a failed mount.
const USAGE_STATUS: ExitCode = ExitCode(1);
const FAILED: ExitCode = ExitCode(32);

/// `mount`.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("mount: {text}\nTry 'mount --help' for more information.\n")).await;
            return USAGE_STATUS;
        }
    };
    if parsed.has(HELP_OPTION) || parsed.has('h') {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has(VERSION_OPTION) || parsed.has('V') {
        cx.line("mount from util-linux 2.38.1").await;
        return ExitCode::SUCCESS;
    }
    if parsed.operands.is_empty() {
        return list(cx, parsed.value('t')).await;
    }
    let [source, target] = parsed.operands.as_slice() else {
        cx.error(format_args!("{}: can't find in /etc/fstab.", parsed.operands[0])).await;
        return USAGE_STATUS;
    };
    let options: Vec<&str> = parsed.value('o').unwrap_or("").split(',').collect();
    let has = |name: &str| options.contains(&name);
    let flags = MountFlags {
        read_only: parsed.has('r') || has("ro"),
        no_exec: has("noexec"),
        no_suid: has("nosuid"),
        no_dev: has("nodev"),
        strict_atime: has("strictatime"),
    };
    let value = |name: &str| options.iter().find_map(|o| o.strip_prefix(name)?.strip_prefix('='));
    let kind = match parsed.value('t') {
        _ if parsed.has('B') || parsed.has('R') || has("bind") || has("rbind") => {
            MountKind::Bind { source: source.clone(), recursive: parsed.has('R') || has("rbind") }
        }
        Some("tmpfs") => MountKind::Tmpfs { size: value("size").and_then(size) },
        Some("proc") => MountKind::Proc,
        Some("sysfs") => MountKind::Sysfs,
        Some("devpts") => MountKind::Devpts,
        Some("overlay") => MountKind::Overlay {
            lower: value("lowerdir").unwrap_or("").split(':').map(str::to_string).collect(),
            upper: value("upperdir").map(str::to_string),
        },
        Some(other) => {
            cx.error(format_args!("{target}: unknown filesystem type '{other}'.")).await;
            cx.complain("       dmesg(1) may have more information after failed mount system call.\n").await;
            return FAILED;
        }
        None => {
            cx.complain("drydock: mounting a device is not emulated here\n").await;
            return FAILED;
        }
    };
    match cx.sys.mount(target, kind, flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(cx, source, target, error).await,
    }
}

/// Says why a mount failed.
async fn complain(cx: &mut Context, source: &str, target: &str, error: Errno) -> ExitCode {
    if cx.is_busybox() {
        let text = match error {
            Errno::EPERM => "permission denied (are you root?)\n".to_string(),
            error => format!("mounting {source} on {target} failed: {error}\n"),
        };
        cx.complain(&format!("mount: {text}")).await;
        return ExitCode::FAILURE;
    }
    let text = match error {
        Errno::ENOENT if cx.sys.stat(target).is_err() => "mount point does not exist.".to_string(),
        Errno::ENOENT => format!("special device {source} does not exist."),
        Errno::EPERM => "permission denied.".into(),
        Errno::ENOTDIR => "mount point is not a directory.".into(),
        error => format!("{error}."),
    };
    cx.error(format_args!("{target}: {text}")).await;
    cx.complain("       dmesg(1) may have more information after failed mount system call.\n").await;
    FAILED
}

/// `10m` and the like.
fn size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

async fn list(cx: &mut Context, only: Option<&str>) -> ExitCode {
    let mounts = machine::text::from_bytes(&cx.sys.read_file("/proc/self/mounts").unwrap_or_default());
    for line in mounts.lines() {
        let words: Vec<String> = line.split(' ').map(|w| w.replace("\\040", " ")).collect();
        if let [source, target, fstype, options, ..] = words.as_slice()
            && only.is_none_or(|o| o.split(',').any(|t| t == fstype))
        {
            cx.line(&format!("{source} on {target} type {fstype} ({options})")).await;
        }
    }
    cx.status()
}

/// `umount`.
pub async fn run_umount(cx: &mut Context) -> ExitCode {
    let spec = Spec {
        short: "acdfhlnRrt:vV",
        long: &[("lazy", 'l', Value::None), ("force", 'f', Value::None), HELP, VERSION],
        posix: false,
    };
    let parsed = match parse(&spec, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("umount: {text}\nTry 'umount --help' for more information.\n")).await;
            return USAGE_STATUS;
        }
    };
    if parsed.operands.is_empty() {
        let name = cx.name.clone();
        cx.complain(&format!("{name}: bad usage\nTry '{name} --help' for more information.\n")).await;
        return USAGE_STATUS;
    }
    let mut status = ExitCode::SUCCESS;
    for target in &parsed.operands {
        let result = if parsed.has('l') { cx.sys.umount_detach(target) } else { cx.sys.umount(target) };
        let Err(error) = result else { continue };
        if cx.is_busybox() {
            cx.error(format_args!("can't unmount {target}: {error}")).await;
            status = ExitCode::FAILURE;
            continue;
        }
        let text = match error {
            Errno::ENOENT => "no mount point specified.".to_string(),
            Errno::EINVAL => "not mounted.".into(),
            Errno::EBUSY => "target is busy.".into(),
            Errno::EPERM => "must be superuser to unmount.".into(),
            error => format!("{error}."),
        };
        cx.error(format_args!("{target}: {text}")).await;
        status = FAILED;
    }
    status
}

/// `mountpoint`.
pub async fn run_mountpoint(cx: &mut Context) -> ExitCode {
    let quiet = cx.args.iter().any(|a| a == "-q" || a == "--quiet");
    let Some(path) = cx.args.iter().find(|a| !a.starts_with('-')).cloned() else {
        return cx.usage_error("bad usage").await;
    };
    match cx.sys.is_mount_point(&path) {
        Ok(true) => {
            if !quiet {
                cx.line(&format!("{path} is a mountpoint")).await;
            }
            ExitCode::SUCCESS
        }
        Ok(false) => {
            if !quiet {
                cx.line(&format!("{path} is not a mountpoint")).await;
            }
            ExitCode(32)
        }
        Err(error) => {
            if !quiet {
                cx.error(format_args!("{path}: {error}")).await;
            }
            ExitCode::FAILURE
        }
    }
}
