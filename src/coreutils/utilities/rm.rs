//! `rm`: removes files and, with `-r`, folders with all that is in them.

use machine::{Errno, ExitCode, Fd};

use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "dfiIrRv",
    long: &[
        ("dir", 'd', Value::None),
        ("force", 'f', Value::None),
        ("interactive", 'i', Value::Optional),
        ("recursive", 'r', Value::None),
        ("verbose", 'v', Value::None),
        ("no-preserve-root", 'N', Value::None),
        ("preserve-root", 'P', Value::Optional),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: rm [OPTION]... [FILE]...
Remove (unlink) the FILE(s).

  -f, --force           ignore nonexistent files and arguments, never prompt
  -i                    prompt before every removal
  -I                    prompt once before removing more than three files, or
                          when removing recursively
      --no-preserve-root  do not treat '/' specially
  -r, -R, --recursive   remove directories and their contents recursively
  -d, --dir             remove empty directories
  -v, --verbose         explain what is being done
      --help        display this help and exit
      --version     output version information and exit
";

/// Longest nesting that is followed.
const DEEPEST: usize = 256;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.operands.is_empty() && !parsed.has('f') {
        return cx.usage_error("missing operand").await;
    }
    let recursive = parsed.has('r') || parsed.has('R');
    for path in &parsed.operands {
        let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        if recursive && path.starts_with('/') && last.is_empty() && !parsed.has('N') {
            cx.complain("rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n").await;
            return ExitCode::FAILURE;
        }
        if last == "." || last == ".." {
            cx.error(format_args!("refusing to remove '.' or '..' directory: skipping {}", quote(path))).await;
            continue;
        }
        remove(cx, path, &parsed, recursive, 0).await;
    }
    cx.status()
}

async fn remove(cx: &mut Context, path: &str, parsed: &Parsed, recursive: bool, depth: usize) {
    let attr = match cx.sys.lstat(path) {
        Ok(attr) => attr,
        Err(Errno::ENOENT | Errno::ENOTDIR) if parsed.has('f') => return,
        Err(error) => return refuse(cx, path, error).await,
    };
    if attr.is_dir() && !recursive && !parsed.has('d') {
        return refuse(cx, path, Errno::EISDIR).await;
    }
    if parsed.last_of("fi") == Some('i') && !asked(cx, path, attr.is_dir(), attr.size).await {
        return;
    }
    if attr.is_dir() && recursive {
        if depth >= DEEPEST {
            return refuse(cx, path, Errno::ELOOP).await;
        }
        let names = match cx.sys.read_dir(path) {
            Ok(names) => names,
            Err(error) => return refuse(cx, path, error).await,
        };
        let base = path.trim_end_matches('/');
        for name in names {
            cx.sys.tick(500).await;
            Box::pin(remove(cx, &format!("{base}/{}", name.name), parsed, recursive, depth + 1)).await;
        }
    }
    let result = if attr.is_dir() { cx.sys.rmdir(path) } else { cx.sys.unlink(path) };
    match result {
        Err(error) => refuse(cx, path, error).await,
        Ok(()) if parsed.has('v') => {
            let what = if attr.is_dir() { "removed directory " } else { "removed " };
            cx.line(&format!("{what}{}", quote(path))).await;
        }
        Ok(()) => {}
    }
}

async fn refuse(cx: &mut Context, path: &str, error: Errno) {
    if cx.is_busybox() {
        let what = if error == Errno::EISDIR {
            format!("'{path}' is a directory")
        } else {
            format!("can't remove '{path}': {error}")
        };
        return cx.error(what).await;
    }
    cx.error(format_args!("cannot remove {}: {error}", quote(path))).await;
}

async fn asked(cx: &mut Context, path: &str, is_dir: bool, size: u64) -> bool {
    let what = match (is_dir, size) {
        (true, _) => "directory",
        (false, 0) => "regular empty file",
        _ => "regular file",
    };
    let question = format!("{}: remove {what} {}? ", cx.name, quote(path));
    cx.complain(&question).await;
    let answer = cx.sys.read_vec(Fd::STDIN, 4096).await.unwrap_or_default();
    matches!(answer.first(), Some(b'y' | b'Y'))
}
