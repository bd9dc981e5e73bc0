//! `realpath` and `readlink`: where paths lead.

use machine::{Errno, ExitCode, SysResult};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "eLmPqsz",
    long: &[
        ("canonicalize-existing", 'e', Value::None),
        ("canonicalize-missing", 'm', Value::None),
        ("no-symlinks", 's', Value::None),
        ("quiet", 'q', Value::None),
        ("strip", 's', Value::None),
        ("zero", 'z', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: realpath [OPTION]... FILE...
Print the resolved absolute file name;
all but the last component must exist

  -e, --canonicalize-existing  all components of the path must exist
  -m, --canonicalize-missing   no path components need exist or be a directory
  -L, --logical                resolve '..' components before symlinks
  -P, --physical               resolve symlinks as encountered (default)
  -q, --quiet                  suppress most error messages
  -s, --strip, --no-symlinks   don't expand symlinks
  -z, --zero                   end each output line with NUL, not newline
      --help        display this help and exit
      --version     output version information and exit
";

const READLINK: Spec = Spec {
    short: "efmnqsvz",
    long: &[
        ("canonicalize", 'f', Value::None),
        ("canonicalize-existing", 'e', Value::None),
        ("canonicalize-missing", 'm', Value::None),
        ("no-newline", 'n', Value::None),
        ("quiet", 'q', Value::None),
        ("silent", 's', Value::None),
        ("verbose", 'v', Value::None),
        ("zero", 'z', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const READLINK_USAGE: &str = "\
Usage: readlink [OPTION]... FILE...
Print value of a symbolic link or canonical file name

  -f, --canonicalize            canonicalize by following every symlink in
                                every component of the given name recursively;
                                all but the last component must exist
  -e, --canonicalize-existing   canonicalize by following every symlink in
                                every component of the given name recursively,
                                all components must exist
  -m, --canonicalize-missing    canonicalize by following every symlink in
                                every component of the given name recursively,
                                without requirements on components existence
  -n, --no-newline              do not output the trailing delimiter
  -q, --quiet
  -s, --silent                  suppress most error messages (on by default)
  -v, --verbose                 report error messages
  -z, --zero                    end each output line with NUL, not newline
      --help        display this help and exit
      --version     output version information and exit
";

/// What may be missing of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Nothing,
    Last,
    Anything,
}

/// `realpath(3)` that lets parts be missing.
fn canonical(cx: &Context, path: &str, missing: Missing) -> SysResult<String> {
    match cx.sys.real_path(path) {
        Err(Errno::ENOENT) if missing != Missing::Nothing && !path.is_empty() => {}
        Err(Errno::ENOTDIR) if missing == Missing::Anything => {}
        result => return result,
    }
    // A dangling link's target is what is missing.
    if let Ok(target) = cx.sys.read_link(path) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let next = if target.starts_with('/') {
            target
        } else if path.contains('/') {
            format!("{folder}/{target}")
        } else {
            target
        };
        return if next == path { Err(Errno::ELOOP) } else { canonical(cx, &next, missing) };
    }
    let trimmed = path.trim_end_matches('/');
    let (folder, name) =
        trimmed.rsplit_once('/').map_or((".", trimmed), |(f, n)| (if f.is_empty() { "/" } else { f }, n));
    let below = if missing == Missing::Anything { Missing::Anything } else { Missing::Nothing };
    let folder = canonical(cx, folder, below)?;
    if name == ".." {
        let up = folder.rsplit_once('/').map_or("/", |(up, _)| up);
        return Ok(if up.is_empty() { "/".into() } else { up.to_string() });
    }
    Ok(match name {
        "." => folder,
        _ => format!("{}/{name}", folder.trim_end_matches('/')),
    })
}

/// An absolute path without `.` and `..`, links untouched.
fn logical(cx: &Context, path: &str) -> SysResult<String> {
    let full = if path.starts_with('/') { path.to_string() } else { format!("{}/{path}", cx.sys.getcwd()?) };
    let mut names: Vec<&str> = Vec::new();
    for name in full.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    Ok(format!("/{}", names.join("/")))
}

/// `realpath`.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.operands.is_empty() {
        return cx.usage_error("missing operand").await;
    }
    let missing = match parsed.last_of("em") {
        Some('e') => Missing::Nothing,
        Some(_) => Missing::Anything,
        None => Missing::Last,
    };
    let mut failed = false;
    for path in &parsed.operands {
        let result = if parsed.has('s') { logical(cx, path) } else { canonical(cx, path, missing) };
        match result {
            Ok(real) => {
                cx.put(&machine::text::to_bytes(&real)).await;
                cx.put(if parsed.has('z') { b"\0" } else { b"\n" }).await;
            }
            Err(error) => {
                failed = true;
                if !parsed.has('q') {
                    let shown = if path.is_empty() { "''" } else { path };
                    cx.error(format_args!("{shown}: {error}")).await;
                }
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// `readlink`.
pub async fn run_readlink(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&READLINK, READLINK_USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.operands.is_empty() {
        return cx.usage_error("missing operand").await;
    }
    let missing = match parsed.last_of("efm") {
        Some('e') => Some(Missing::Nothing),
        Some('f') => Some(Missing::Last),
        Some(_) => Some(Missing::Anything),
        None => None,
    };
    let mut failed = false;
    for path in &parsed.operands {
        let result = match missing {
            Some(missing) => canonical(cx, path, missing),
            None => cx.sys.read_link(path),
        };
        match result {
            Ok(text) => {
                cx.put(&machine::text::to_bytes(&text)).await;
                if !parsed.has('n') {
                    cx.put(if parsed.has('z') { b"\0" } else { b"\n" }).await;
                }
            }
            Err(error) => {
                failed = true;
                if parsed.has('v') {
                    cx.error(format_args!("{path}: {error}")).await;
                }
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
