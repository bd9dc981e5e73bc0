//! `mkdir`: makes folders.

use machine::fs::SetAttr;
use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "m:pv",
    long: &[
        ("mode", 'm', Value::Required),
        ("parents", 'p', Value::None),
        ("verbose", 'v', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: mkdir [OPTION]... DIRECTORY...
Create the DIRECTORY(ies), if they do not already exist.

Mandatory arguments to long options are mandatory for short options too.
  -m, --mode=MODE   set file mode (as in chmod), not a=rwx - umask
  -p, --parents     no error if existing, make parent directories as needed,
                    with their file modes unaffected by any -m option.
  -v, --verbose     print a message for each created directory
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.operands.is_empty() {
        return cx.usage_error("missing operand").await;
    }
    let mode = match parsed.value('m').map(|m| u32::from_str_radix(m, 8).map_err(|_| m)) {
        None => None,
        Some(Ok(mode)) if mode <= 0o7777 => Some(mode),
        Some(_) => {
            cx.error(format_args!("invalid mode {}", cx.quote(parsed.value('m').unwrap_or("")))).await;
            return cx.status();
        }
    };
    for path in &parsed.operands {
        make(cx, path, mode, parsed.has('p'), parsed.has('v')).await;
    }
    cx.status()
}

async fn make(cx: &mut Context, path: &str, mode: Option<u32>, parents: bool, verbose: bool) {
    if parents {
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
            let part = &path[..at];
            match cx.sys.mkdir(part, 0o777) {
                Ok(()) if verbose => cx.line(&format!("{}: created directory {}", cx.name, quote(part))).await,
                Err(Errno::EEXIST) if !cx.sys.stat(part).is_ok_and(|a| a.is_dir()) => {
                    let text = format!("cannot create directory {}: {}", cx.quote(part), Errno::ENOTDIR);
                    return cx.error(text).await;
                }
                Ok(()) | Err(Errno::EEXIST) => {}
                Err(error) => {
                    return cx.error(format_args!("cannot create directory {}: {error}", cx.quote(part))).await;
                }
            }
        }
    }
    match cx.sys.mkdir(path, mode.unwrap_or(0o777)) {
        Ok(()) => {
            if let Some(mode) = mode {
                let _ = cx.sys.set_attr(path, &SetAttr { mode: Some(mode), ..SetAttr::default() });
            }
            if verbose {
                cx.line(&format!("{}: created directory {}", cx.name, quote(path))).await;
            }
        }
        Err(Errno::EEXIST) if parents && cx.sys.stat(path).is_ok_and(|a| a.is_dir()) => {}
        Err(error) if cx.is_busybox() => cx.error(format_args!("can't create directory '{path}': {error}")).await,
        Err(error) => cx.error(format_args!("cannot create directory {}: {error}", cx.quote(path))).await,
    }
}
