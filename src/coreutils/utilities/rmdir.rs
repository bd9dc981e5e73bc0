//! `rmdir`: removes empty folders.

use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "pv",
    long: &[
        ("ignore-fail-on-non-empty", 'i', Value::None),
        ("parents", 'p', Value::None),
        ("verbose", 'v', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: rmdir [OPTION]... DIRECTORY...
Remove the DIRECTORY(ies), if they are empty.

      --ignore-fail-on-non-empty
                    ignore each failure to remove a non-empty directory
  -p, --parents     remove DIRECTORY and its ancestors;
                    e.g., 'rmdir -p a/b' is similar to 'rmdir a/b a'
  -v, --verbose     output a diagnostic for every directory processed
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
    for operand in &parsed.operands {
        let mut path = operand.trim_end_matches('/');
        loop {
            if parsed.has('v') {
                let line = format!("{}: removing directory, {}", cx.name, quote(path));
                cx.line(&line).await;
            }
            match cx.sys.rmdir(path) {
                Ok(()) => {}
                Err(Errno::ENOTEMPTY) if parsed.has('i') => break,
                Err(error) => {
                    let what =
                        if cx.is_busybox() { format!("'{path}'") } else { format!("failed to remove {}", quote(path)) };
                    cx.error(format_args!("{what}: {error}")).await;
                    break;
                }
            }
            match path.rfind('/').filter(|at| parsed.has('p') && *at > 0) {
                Some(at) => path = path[..at].trim_end_matches('/'),
                None => break,
            }
        }
    }
    cx.status()
}
