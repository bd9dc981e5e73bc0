//! `pwd`: the working directory.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "LP",
    long: &[("logical", 'L', Value::None), ("physical", 'P', Value::None), HELP, VERSION],
    posix: false,
};

const USAGE: &str = "\
Usage: pwd [OPTION]...
Print the full filename of the current working directory.

  -L, --logical    use PWD from environment, even if it contains symlinks
  -P, --physical   avoid all symlinks
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let cwd = cx.sys.getcwd();
    let logical =
        cx.sys.env_var("PWD").filter(|p| p.starts_with('/') && cx.sys.real_path(p).as_ref().ok() == cwd.as_ref().ok());
    match (logical.filter(|_| parsed.last_of("LP") == Some('L')), cwd) {
        (Some(path), _) | (None, Ok(path)) => cx.line(&path).await,
        (None, Err(error)) => {
            cx.error(format_args!("couldn't find directory entry in '..' with matching i-node: {error}")).await
        }
    }
    cx.status()
}
