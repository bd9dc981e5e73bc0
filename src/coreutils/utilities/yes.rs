//! `yes`: a line again and again.

use machine::{ExitCode, Fd};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION};

const SPEC: Spec = Spec { short: "", long: &[HELP, VERSION], posix: false };

const USAGE: &str = "\
Usage: yes [STRING]...
  or:  yes OPTION
Repeatedly output a line with all specified STRING(s), or 'y'.

      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let text = if parsed.operands.is_empty() { "y".to_string() } else { parsed.operands.join(" ") };
    let line = format!("{text}\n");
    let block = machine::text::to_bytes(&line).repeat(4096 / line.len().max(1) + 1);
    loop {
        if let Err(error) = cx.sys.write_all(Fd::STDOUT, &block).await {
            cx.error(format_args!("standard output: {error}")).await;
            return cx.status();
        }
    }
}
