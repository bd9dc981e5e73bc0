//! `cp`: copies files and, with `-r` or `-a`, folders with all that is in them.

use machine::fs::{Attr, FileKind, SetAttr};
use machine::{Errno, ExitCode, Fd, SysResult};

use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "adfHiLnPpRrst:Tuv",
    long: &[
        ("archive", 'a', Value::None),
        ("dereference", 'L', Value::None),
        ("force", 'f', Value::None),
        ("interactive", 'i', Value::None),
        ("no-clobber", 'n', Value::None),
        ("no-dereference", 'P', Value::None),
        ("no-target-directory", 'T', Value::None),
        ("preserve", 'p', Value::Optional),
        ("recursive", 'r', Value::None),
        ("target-directory", 't', Value::Required),
        ("update", 'u', Value::None),
        ("verbose", 'v', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: cp [OPTION]... [-T] SOURCE DEST
  or:  cp [OPTION]... SOURCE... DIRECTORY
  or:  cp [OPTION]... -t DIRECTORY SOURCE...
Copy SOURCE to DEST, or multiple SOURCE(s) to DIRECTORY.

  -a, --archive                same as -dR --preserve=all
  -f, --force                  if an existing destination file cannot be
                                 opened, remove it and try again
  -i, --interactive            prompt before overwrite
  -L, --dereference            always follow symbolic links in SOURCE
  -n, --no-clobber             do not overwrite an existing file
  -P, --no-dereference         never follow symbolic links in SOURCE
  -p                           same as --preserve=mode,ownership,timestamps
  -R, -r, --recursive          copy directories recursively
  -t, --target-directory=DIRECTORY  copy all SOURCE arguments into DIRECTORY
  -T, --no-target-directory    treat DEST as a normal file
  -u, --update                 copy only when the SOURCE file is newer
                                 than the destination file or when the
                                 destination file is missing
  -v, --verbose                explain what is being done
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
    let pairs = match targets(cx, &parsed).await {
        Ok(pairs) => pairs,
        Err(status) => return status,
    };
    for (source, target) in pairs {
        copy(cx, &source, &target, &parsed, 0).await;
    }
    cx.status()
}

/// What goes where, by the rules that `cp`, `mv` and `ln` share.
pub async fn targets(cx: &mut Context, parsed: &Parsed) -> Result<Vec<(String, String)>, ExitCode> {
    let mut operands = parsed.operands.clone();
    let folder = match parsed.value('t') {
        Some(folder) => Some(folder.to_string()),
        None => {
            if operands.is_empty() {
                return Err(cx.usage_error("missing file operand").await);
            }
            if operands.len() == 1 {
                let text = format!("missing destination file operand after {}", quote(&operands[0]));
                return Err(cx.usage_error(&text).await);
            }
            let last = operands.pop().unwrap_or_default();
            let is_dir = cx.sys.stat(&last).is_ok_and(|a| a.is_dir());
            if parsed.has('T') || (!is_dir && operands.len() == 1) {
                if operands.len() > 1 {
                    return Err(cx.usage_error(&format!("extra operand {}", quote(&last))).await);
                }
                return Ok(vec![(operands.remove(0), last)]);
            }
            Some(last)
        }
    };
    let folder = folder.unwrap_or_default();
    if !cx.sys.stat(&folder).is_ok_and(|a| a.is_dir()) {
        let error = cx.sys.stat(&folder).err().unwrap_or(Errno::ENOTDIR);
        cx.error(format_args!("target {}: {error}", quote(&folder))).await;
        return Err(cx.status());
    }
    let base = folder.trim_end_matches('/');
    let base = if base.is_empty() { "" } else { base };
    Ok(operands
        .into_iter()
        .map(|source| {
            let name = super::basename::last_part(&source).to_string();
            (source, format!("{base}/{name}"))
        })
        .collect())
}

async fn copy(cx: &mut Context, source: &str, target: &str, parsed: &Parsed, depth: usize) {
    let recursive = parsed.has('r') || parsed.has('R') || parsed.has('a');
    let keep_links = match parsed.last_of("LPdaH") {
        Some('L' | 'H') => false,
        Some(_) => true,
        None => recursive,
    };
    let looked = if keep_links { cx.sys.lstat(source) } else { cx.sys.stat(source) };
    let attr = match looked {
        Ok(attr) => attr,
        Err(error) => {
            let what = if cx.is_busybox() {
                format!("can't stat '{source}'")
            } else {
                format!("cannot stat {}", quote(source))
            };
            return cx.error(format_args!("{what}: {error}")).await;
        }
    };
    if attr.is_dir() && !recursive {
        let text = if cx.is_busybox() {
            format!("omitting directory '{source}'")
        } else {
            format!("-r not specified; omitting directory {}", quote(source))
        };
        return cx.error(text).await;
    }
    let existing = cx.sys.lstat(target).ok();
    if let Some(old) = existing {
        if old.dev == attr.dev && old.ino == attr.ino {
            return cx.error(format_args!("{} and {} are the same file", quote(source), quote(target))).await;
        }
        if parsed.has('n') || (parsed.has('u') && old.mtime >= attr.mtime) {
            return;
        }
        if old.is_dir() && !attr.is_dir() {
            return cx.error(format_args!("cannot overwrite directory {} with non-directory", quote(target))).await;
        }
        if !attr.is_dir() && parsed.last_of("if") == Some('i') && !overwrite(cx, target).await {
            return;
        }
    }
    if parsed.has('v') {
        cx.line(&format!("{} -> {}", quote(source), quote(target))).await;
    }
    if attr.is_dir() {
        Box::pin(copy_folder(cx, source, target, parsed, &attr, depth)).await;
    } else if let Err((path, error)) = copy_file(cx, source, target, &attr, parsed) {
        let verb = if path == source { "cannot open" } else { "cannot create regular file" };
        let what = if cx.is_busybox() { format!("can't create '{path}'") } else { format!("{verb} {}", quote(&path)) };
        return cx.error(format_args!("{what}: {error}")).await;
    }
    preserve(cx, target, &attr, parsed);
    cx.sys.tick(2000).await;
}

async fn overwrite(cx: &mut Context, target: &str) -> bool {
    let question = format!("{}: overwrite {}? ", cx.name, quote(target));
    cx.complain(&question).await;
    let answer = cx.sys.read_vec(Fd::STDIN, 4096).await.unwrap_or_default();
    matches!(answer.first(), Some(b'y' | b'Y'))
}

async fn copy_folder(cx: &mut Context, source: &str, target: &str, parsed: &Parsed, attr: &Attr, depth: usize) {
    if depth >= DEEPEST {
        return cx.error(format_args!("cannot access {}: {}", quote(source), Errno::ELOOP)).await;
    }
    // The names are read first: a copy into itself then ends.
    let names = match cx.sys.read_dir(source) {
        Ok(names) => names,
        Err(error) => return cx.error(format_args!("cannot access {}: {error}", quote(source))).await,
    };
    if let Err(error) = cx.sys.mkdir(target, attr.mode | 0o700)
        && error != Errno::EEXIST
    {
        return cx.error(format_args!("cannot create directory {}: {error}", quote(target))).await;
    }
    let made = cx.sys.stat(target).ok();
    for name in names {
        let from = format!("{}/{}", source.trim_end_matches('/'), name.name);
        let itself = cx.sys.lstat(&from).ok().zip(made).is_some_and(|(a, b)| a.dev == b.dev && a.ino == b.ino);
        if itself {
            cx.error(format_args!("cannot copy a directory, {}, into itself, {}", quote(source), quote(target))).await;
            continue;
        }
        copy(cx, &from, &format!("{}/{}", target.trim_end_matches('/'), name.name), parsed, depth + 1).await;
    }
}

/// Copies anything but a folder; the error names the path that it concerns.
fn copy_file(cx: &Context, source: &str, target: &str, attr: &Attr, parsed: &Parsed) -> Result<(), (String, Errno)> {
    let at_target = |error| (target.to_string(), error);
    if attr.kind == FileKind::Symlink {
        let link = cx.sys.read_link(source).map_err(|e| (source.to_string(), e))?;
        let _ = cx.sys.unlink(target);
        return cx.sys.symlink(&link, target).map_err(at_target);
    }
    match attr.kind {
        FileKind::Fifo => return cx.sys.mkfifo(target, attr.mode).map_err(at_target),
        FileKind::CharDevice => {
            return cx.sys.mknod(target, attr.mode, attr.rdev.major, attr.rdev.minor).map_err(at_target);
        }
        _ => {}
    }
    let content = cx.sys.file_content(source).map_err(|e| (source.to_string(), e))?;
    // What exists keeps its mode.
    let result = cx.sys.put_file(target, content.clone(), attr.mode & 0o777);
    match result {
        Err(_) if parsed.has('f') && cx.sys.unlink(target).is_ok() => {
            cx.sys.put_file(target, content, attr.mode & 0o777).map_err(at_target)
        }
        result => result.map_err(at_target),
    }
}

fn preserve(cx: &Context, target: &str, attr: &Attr, parsed: &Parsed) {
    if !parsed.has('p') && !parsed.has('a') {
        return;
    }
    let owner = SetAttr { uid: Some(attr.uid), gid: Some(attr.gid), ..SetAttr::default() };
    let _: SysResult<()> = cx.sys.set_link_attr(target, &owner);
    if attr.kind != FileKind::Symlink {
        let rest =
            SetAttr { mode: Some(attr.mode), atime: Some(attr.atime), mtime: Some(attr.mtime), ..SetAttr::default() };
        let _ = cx.sys.set_attr(target, &rest);
    }
}
