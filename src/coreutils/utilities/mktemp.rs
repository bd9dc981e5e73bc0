//! `mktemp`: a new file or folder with a random name.

use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "dp:qtu",
    long: &[
        ("directory", 'd', Value::None),
        ("dry-run", 'u', Value::None),
        ("quiet", 'q', Value::None),
        ("suffix", '\u{10}', Value::Required),
        ("tmpdir", 'p', Value::Optional),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: mktemp [OPTION]... [TEMPLATE]
Create a temporary file or directory, safely, and print its name.
TEMPLATE must contain at least 3 consecutive 'X's in last component.
If TEMPLATE is not specified, use tmp.XXXXXXXXXX, and --tmpdir is implied.
Files are created u+rw, and directories u+rwx, minus umask restrictions.

  -d, --directory     create a directory, not a file
  -u, --dry-run       do not create anything; merely print a name (unsafe)
  -q, --quiet         suppress diagnostics about file/dir-creation failure
      --suffix=SUFF   append SUFF to TEMPLATE; SUFF must not contain a slash.
  -p DIR, --tmpdir[=DIR]  interpret TEMPLATE relative to DIR
      --help        display this help and exit
      --version     output version information and exit
";

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// How many names are tried.
const ATTEMPTS: usize = 100;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.operands.len() > 1 {
        return cx.usage_error("too many templates").await;
    }
    let default = if cx.is_busybox() { "tmp.XXXXXX" } else { "tmp.XXXXXXXXXX" };
    let suffix = parsed.value('\u{10}').unwrap_or("");
    let template = format!("{}{suffix}", parsed.operands.first().map_or(default, |t| t));
    let stem = template.strip_suffix(suffix).unwrap_or(&template);
    let stem = if suffix.is_empty() { stem.rfind('X').map_or(stem, |at| &stem[..=at]) } else { stem };
    let tail = &template[stem.len()..];
    let count = stem.bytes().rev().take_while(|b| *b == b'X').count();
    if count < 3 {
        cx.error(format_args!("too few X's in template {}", cx.quote(&template))).await;
        return cx.status();
    }
    let env = cx.sys.env_var("TMPDIR").filter(|t| !t.is_empty()).unwrap_or_else(|| "/tmp".into());
    let folder = match parsed.value('p') {
        Some(folder) => format!("{}/", folder.trim_end_matches('/')),
        None if parsed.operands.is_empty() || parsed.has('t') || parsed.has('p') => {
            format!("{}/", env.trim_end_matches('/'))
        }
        None => String::new(),
    };
    let mut error = Errno::EEXIST;
    for _ in 0..ATTEMPTS {
        let random: String =
            (0..count).map(|_| LETTERS[(cx.sys.random_u64() % LETTERS.len() as u64) as usize] as char).collect();
        let path = format!("{folder}{}{random}{tail}", &stem[..stem.len() - count]);
        let made = match () {
            () if parsed.has('u') => cx.sys.lstat(&path).map_or(Ok(()), |_| Err(Errno::EEXIST)),
            () if parsed.has('d') => cx.sys.mkdir(&path, 0o700),
            () => match cx.sys.lstat(&path) {
                Ok(_) => Err(Errno::EEXIST),
                Err(_) => cx.sys.put_file(&path, Vec::new().into(), 0o600),
            },
        };
        match made {
            Ok(()) => {
                cx.line(&path).await;
                return cx.status();
            }
            Err(Errno::EEXIST) => {}
            Err(other) => {
                error = other;
                break;
            }
        }
    }
    if !parsed.has('q') {
        let what = if parsed.has('d') { "directory" } else { "file" };
        if cx.is_busybox() {
            cx.error(format_args!("(null): {error}")).await;
            return cx.status();
        }
        let shown = format!("{folder}{template}");
        cx.error(format_args!("failed to create {what} via template {}: {error}", cx.quote(&shown))).await;
    }
    ExitCode::FAILURE
}
