//! `nproc`: how many processors there are.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec { short: "", long: &[("all", 'a', Value::None), HELP, VERSION], posix: false };

const USAGE: &str = "\
Usage: nproc [OPTION]...
Print the number of processing units available to the current process,
which may be less than the number of online processors

      --all      print the number of installed processors
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
        let text = format!("extra operand {}", cx.quote(extra));
        return cx.usage_error(&text).await;
    }
    let processors = if parsed.has('a') { machine::hardware::CPUS } else { cx.sys.processors() };
    cx.line(&processors.to_string()).await;
    cx.status()
}
