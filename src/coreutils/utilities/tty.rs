//! `tty`: the name of the terminal.

use machine::{ExitCode, Fd};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "s",
    long: &[("silent", 's', Value::None), ("quiet", 's', Value::None), HELP, VERSION],
    posix: false,
};

const USAGE: &str = "\
Usage: tty [OPTION]...
Print the file name of the terminal connected to standard input.

  -s, --silent, --quiet   print nothing, only return an exit status
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let name = cx.sys.ttyname(Fd::STDIN);
    if !parsed.has('s') {
        cx.line(name.as_deref().unwrap_or("not a tty")).await;
    }
    ExitCode(u8::from(name.is_err()))
}
