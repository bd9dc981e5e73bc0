//! `printenv`: variables of the environment.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec { short: "0", long: &[("null", '0', Value::None), HELP, VERSION], posix: true };

const USAGE: &str = "\
Usage: printenv [OPTION]... [VARIABLE]...
Print the values of the specified environment VARIABLE(s).
If no VARIABLE is specified, print name and value pairs for them all.

  -0, --null     end each output line with NUL, not newline
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let end = if parsed.has('0') { "\0" } else { "\n" };
    let mut missing = false;
    if parsed.operands.is_empty() {
        for variable in cx.sys.env().iter() {
            cx.put(&machine::text::to_bytes(&format!("{variable}{end}"))).await;
        }
    }
    for name in &parsed.operands {
        match cx.sys.env_var(name) {
            Some(value) => cx.put(&machine::text::to_bytes(&format!("{value}{end}"))).await,
            None => missing = true,
        }
    }
    ExitCode(u8::from(missing))
}
