//! Utilities that are hardly more than one system call: `sync`, `arch`, `groups`, `logname`, `link`, `unlink`, `mkfifo`,
//! `mknod`, `truncate`, `setsid`, `nohup`, `chroot`.

use machine::fs::{OpenFlags, SetAttr};
use machine::process::Disposition;
use machine::{Errno, ExitCode, Fd, Signal};

use super::env::exec_on_path;
use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value};
use crate::text::quote;

const NONE: Spec = Spec { short: "", long: &[HELP, VERSION], posix: false };

/// The part of a help text that all share.
fn usage(head: &str, options: &str) -> String {
    format!(
        "Usage: {head}\n\n{options}      --help        display this help and exit\n      --version     output version information and exit\n"
    )
}

async fn operands(
    cx: &mut Context,
    spec: &Spec,
    head: &str,
    options: &str,
    least: usize,
    most: usize,
) -> Result<Parsed, ExitCode> {
    let parsed = cx.options(spec, &usage(head, options)).await?;
    let count = parsed.operands.len();
    if count < least {
        let text = match parsed.operands.last() {
            Some(last) => format!("missing operand after {}", cx.quote(last)),
            None => "missing operand".to_string(),
        };
        return Err(cx.usage_error(&text).await);
    }
    if count > most {
        let text = format!("extra operand {}", cx.quote(&parsed.operands[most]));
        return Err(cx.usage_error(&text).await);
    }
    Ok(parsed)
}

/// `sync`: everything is in memory, nothing is to be written.
pub async fn run_sync(cx: &mut Context) -> ExitCode {
    match operands(
        cx,
        &NONE,
        "sync [OPTION] [FILE]...\nSynchronize cached writes to persistent storage",
        "",
        0,
        usize::MAX,
    )
    .await
    {
        Ok(_) => ExitCode::SUCCESS,
        Err(status) => status,
    }
}

/// `arch`.
pub async fn run_arch(cx: &mut Context) -> ExitCode {
    if let Err(status) = operands(cx, &NONE, "arch [OPTION]...\nPrint machine architecture.", "", 0, 0).await {
        return status;
    }
    cx.line("x86_64").await;
    cx.status()
}

/// `groups`.
pub async fn run_groups(cx: &mut Context) -> ExitCode {
    if let Err(status) =
        operands(cx, &NONE, "groups [OPTION]... [USERNAME]...\nPrint group memberships for each USERNAME.", "", 0, 0)
            .await
    {
        return status;
    }
    let groups = String::from_utf8_lossy(&cx.sys.read_file("/etc/group").unwrap_or_default()).into_owned();
    let me = cx.sys.credentials();
    let all = std::iter::once(me.egid).chain(me.groups.iter().copied().filter(|g| *g != me.egid));
    let names: Vec<String> =
        all.map(|g| crate::text::name_of(&groups, g).map_or(g.to_string(), str::to_string)).collect();
    cx.line(&names.join(" ")).await;
    cx.status()
}

/// `logname`.
pub async fn run_logname(cx: &mut Context) -> ExitCode {
    if let Err(status) = operands(cx, &NONE, "logname [OPTION]\nPrint the user's login name.", "", 0, 0).await {
        return status;
    }
    cx.error("no login name").await;
    cx.status()
}

/// `link`.
pub async fn run_link(cx: &mut Context) -> ExitCode {
    let parsed = match operands(cx, &NONE, "link FILE1 FILE2\n  or:  link OPTION\nCall the link function to create a link named FILE2 to an existing FILE1.", "", 2, 2).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let [from, to] = parsed.operands.as_slice() else { return ExitCode::FAILURE };
    if let Err(error) = cx.sys.link(from, to) {
        cx.error(format_args!("cannot create link {} to {}: {error}", quote(to), quote(from))).await;
    }
    cx.status()
}

/// `unlink`.
pub async fn run_unlink(cx: &mut Context) -> ExitCode {
    let parsed = match operands(
        cx,
        &NONE,
        "unlink FILE\n  or:  unlink OPTION\nCall the unlink function to remove the specified FILE.",
        "",
        1,
        1,
    )
    .await
    {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if let Err(error) = cx.sys.unlink(&parsed.operands[0]) {
        cx.error(format_args!("cannot unlink {}: {error}", quote(&parsed.operands[0]))).await;
    }
    cx.status()
}

const MODE: Spec = Spec { short: "m:Z", long: &[("mode", 'm', Value::Required), HELP, VERSION], posix: false };

/// `mkfifo`.
pub async fn run_mkfifo(cx: &mut Context) -> ExitCode {
    let options = "  -m, --mode=MODE    set file permission bits to MODE, not a=rw - umask\n";
    let parsed = match operands(
        cx,
        &MODE,
        "mkfifo [OPTION]... NAME...\nCreate named pipes (FIFOs) with the given NAMEs.",
        options,
        1,
        usize::MAX,
    )
    .await
    {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let mode = parsed.value('m').and_then(|m| u32::from_str_radix(m, 8).ok());
    for path in &parsed.operands {
        let made = cx.sys.mkfifo(path, 0o666).and_then(|()| match mode {
            Some(mode) => cx.sys.set_attr(path, &SetAttr { mode: Some(mode), ..SetAttr::default() }),
            None => Ok(()),
        });
        if let Err(error) = made {
            let what = if cx.is_busybox() { path.clone() } else { format!("cannot create fifo {}", quote(path)) };
            cx.error(format_args!("{what}: {error}")).await;
        }
    }
    cx.status()
}

/// `mknod`.
pub async fn run_mknod(cx: &mut Context) -> ExitCode {
    let options = "  -m, --mode=MODE    set file permission bits to MODE, not a=rw - umask\n";
    let parsed = match operands(
        cx,
        &MODE,
        "mknod [OPTION]... NAME TYPE [MAJOR MINOR]\nCreate the special file NAME of the given TYPE.",
        options,
        2,
        4,
    )
    .await
    {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let path = &parsed.operands[0];
    let number = |at: usize| parsed.operands.get(at).and_then(|n| n.parse::<u32>().ok());
    let made = match (&*parsed.operands[1], number(2), number(3)) {
        ("p", ..) => cx.sys.mkfifo(path, 0o666),
        ("c" | "u", Some(major), Some(minor)) => cx.sys.mknod(path, 0o666, major, minor),
        ("b", Some(major), Some(minor)) => cx.sys.mknod_block(path, 0o666, major, minor),
        (kind, None, _) if kind != "p" => {
            let text = format!(
                "missing operand after {}\nSpecial files require major and minor device numbers.",
                cx.quote(kind)
            );
            return cx.usage_error(&text).await;
        }
        (other, ..) => {
            let text = format!("invalid device type {}", cx.quote(other));
            return cx.usage_error(&text).await;
        }
    };
    if let Err(error) = made {
        cx.error(format_args!("{path}: {error}")).await;
    }
    cx.status()
}

/// Bytes that a suffix of `truncate`'s sizes stands for.
fn size_factor(suffix: &str) -> Option<u64> {
    match suffix {
        "" => Some(1),
        "K" | "k" | "KiB" => Some(1 << 10),
        "M" | "MiB" => Some(1 << 20),
        "G" | "GiB" => Some(1 << 30),
        "KB" | "kB" => Some(1000),
        "MB" => Some(1_000_000),
        _ => None,
    }
}

/// `truncate`.
pub async fn run_truncate(cx: &mut Context) -> ExitCode {
    let spec = Spec {
        short: "cor:s:",
        long: &[
            ("no-create", 'c', Value::None),
            ("reference", 'r', Value::Required),
            ("size", 's', Value::Required),
            HELP,
            VERSION,
        ],
        posix: false,
    };
    let options = "  -c, --no-create        do not create any files\n  -r, --reference=RFILE  base size on RFILE\n  -s, --size=SIZE        set or adjust the file size by SIZE bytes\n";
    let parsed = match cx
        .options(
            &spec,
            &usage("truncate OPTION... FILE...\nShrink or extend the size of each FILE to the specified size", options),
        )
        .await
    {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let reference = parsed.value('r').and_then(|r| cx.sys.stat(r).ok()).map(|a| a.size);
    let text = parsed.value('s').unwrap_or("");
    let number = text.trim_start_matches(['+', '-', '<', '>', '/', '%']);
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = size_factor(&number[digits.len()..]);
    let amount = digits.parse::<u64>().ok().zip(factor).and_then(|(n, f)| n.checked_mul(f));
    if parsed.value('s').is_none() && reference.is_none() {
        let text = format!("you must specify either {} or {}", cx.quote("--size"), cx.quote("--reference"));
        return cx.usage_error(&text).await;
    }
    if parsed.value('s').is_some() && amount.is_none() {
        let text = format!("Invalid number: {}", cx.quote(text));
        cx.error(text).await;
        return cx.status();
    }
    if parsed.operands.is_empty() {
        return cx.usage_error("missing file operand").await;
    }
    for path in &parsed.operands {
        let old = cx.sys.stat(path).map(|a| a.size);
        let base = reference.or(old.ok()).unwrap_or(0);
        let size = match (amount, text.chars().next()) {
            (None, _) => base,
            (Some(n), Some('+')) => base.saturating_add(n),
            (Some(n), Some('-')) => base.saturating_sub(n),
            (Some(n), Some('<')) => base.min(n),
            (Some(n), Some('>')) => base.max(n),
            (Some(n), _) => n,
        };
        if old == Err(Errno::ENOENT) {
            if parsed.has('c') {
                continue;
            }
            if let Err(error) = cx.sys.put_file(path, Vec::new().into(), 0o666) {
                cx.error(format_args!("cannot open {} for writing: {error}", quote(path))).await;
                continue;
            }
        }
        if let Err(error) = cx.sys.set_attr(path, &SetAttr { size: Some(size), ..SetAttr::default() }) {
            cx.error(format_args!("cannot open {} for writing: {error}", quote(path))).await;
        }
    }
    cx.status()
}

/// Replaces this program by another.
async fn exec(cx: &mut Context, command: &[String], status: u8) -> ExitCode {
    let env = cx.sys.env().to_vec();
    let error = exec_on_path(cx, &command[0], command.to_vec(), env).await;
    let text = format!(
        "failed to run command {}: {error}",
        if cx.name == "nohup" { quote(&command[0]) } else { cx.quote(&command[0]) }
    );
    cx.error(text).await;
    ExitCode(if error == Errno::ENOENT { 127 } else { status })
}

const COMMAND: Spec = Spec { short: "cfw", long: &[HELP, VERSION], posix: true };

/// `setsid`.
pub async fn run_setsid(cx: &mut Context) -> ExitCode {
    let parsed = match operands(
        cx,
        &COMMAND,
        "setsid [options] <program> [arguments ...]\n\nRun a program in a new session.",
        "",
        1,
        usize::MAX,
    )
    .await
    {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if cx.sys.setsid().is_ok() {
        return exec(cx, &parsed.operands, 126).await;
    }
    // A group's leader cannot: a child does it, and its end is waited for with `-w`.
    let command = parsed.operands.clone();
    let child = cx.sys.fork(move |sys| async move {
        let _ = sys.setsid();
        let mut cx = Context::new(sys, "setsid", Vec::new(), crate::context::Flavour::Gnu);
        exec(&mut cx, &command, 126).await
    });
    match child {
        Ok(pid) if parsed.has('w') => ExitCode(crate::children::wait(cx, pid).await.code()),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            cx.error(format_args!("fork: {error}")).await;
            ExitCode::FAILURE
        }
    }
}

/// `nohup`.
pub async fn run_nohup(cx: &mut Context) -> ExitCode {
    let parsed = match operands(
        cx,
        &COMMAND,
        "nohup COMMAND [ARG]...\n  or:  nohup OPTION\nRun COMMAND, ignoring hangup signals.",
        "",
        1,
        usize::MAX,
    )
    .await
    {
        Ok(parsed) => parsed,
        Err(status) => return if status == ExitCode::SUCCESS { status } else { ExitCode(125) },
    };
    let input = cx.sys.isatty(Fd::STDIN);
    if input && let Ok(null) = cx.sys.open("/dev/null", OpenFlags::WRITE.cloexec(), 0).await {
        let _ = cx.sys.dup2(null, Fd::STDIN);
    }
    let errors = cx.sys.isatty(Fd::STDERR);
    if cx.sys.isatty(Fd::STDOUT) {
        match cx.sys.open("nohup.out", OpenFlags::APPEND.cloexec(), 0o600).await {
            Ok(fd) => {
                let said = if input { "ignoring input and appending output to" } else { "appending output to" };
                let text = format!("nohup: {said} {}\n", quote("nohup.out"));
                cx.complain(&text).await;
                let _ = cx.sys.dup2(fd, Fd::STDOUT);
            }
            Err(error) => {
                cx.error(format_args!("failed to open {}: {error}", quote("nohup.out"))).await;
                return ExitCode(125);
            }
        }
    } else if input {
        cx.complain("nohup: ignoring input\n").await;
    }
    if errors {
        let _ = cx.sys.dup2(Fd::STDOUT, Fd::STDERR);
    }
    let _ = cx.sys.sigaction(Signal::HUP, Disposition::Ignore);
    exec(cx, &parsed.operands, 126).await
}

/// `chroot`.
pub async fn run_chroot(cx: &mut Context) -> ExitCode {
    let parsed = match operands(cx, &COMMAND, "chroot [OPTION] NEWROOT [COMMAND [ARG]...]\n  or:  chroot OPTION\nRun COMMAND with root directory set to NEWROOT.", "", 1, usize::MAX).await {
        Ok(parsed) => parsed,
        Err(status) => return if status == ExitCode::SUCCESS { status } else { ExitCode(125) },
    };
    let root = &parsed.operands[0];
    if let Err(error) = cx.sys.chroot(root) {
        cx.error(format_args!("cannot change root directory to {}: {error}", quote(root))).await;
        return ExitCode(125);
    }
    let shell = cx.sys.env_var("SHELL").unwrap_or_else(|| "/bin/sh".into());
    let command = if parsed.operands.len() > 1 { parsed.operands[1..].to_vec() } else { vec![shell, "-i".into()] };
    exec(cx, &command, 126).await
}
