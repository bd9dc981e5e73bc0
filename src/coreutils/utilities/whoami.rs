//! `whoami`: the name of the user.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION};
use crate::text::name_of;

const SPEC: Spec = Spec { short: "", long: &[HELP, VERSION], posix: false };

const USAGE: &str = "\
Usage: whoami [OPTION]...
Print the user name associated with the current effective user ID.
Same as id -un.

      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if let Some(extra) = parsed.operands.first() {
        return cx.usage_error(&format!("extra operand {}", cx.quote(extra))).await;
    }
    let uid = cx.sys.credentials().euid;
    let passwd = cx.sys.read_file("/etc/passwd").unwrap_or_default();
    match name_of(&String::from_utf8_lossy(&passwd), uid) {
        Some(name) => cx.line(name).await,
        None if cx.is_busybox() => cx.error(format_args!("unknown uid {uid}")).await,
        None => cx.error(format_args!("cannot find name for user ID {uid}")).await,
    }
    cx.status()
}
