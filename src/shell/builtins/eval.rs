//! `eval`

use super::{Builtin, builtin};
use crate::report::SourceName;
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("eval", "eval [arg ...]", "Execute arguments as a shell command.", true, All, run);

async fn run(shell: &mut Shell, _: &str, args: &[String]) -> Eval {
    let args = match args.first().map(String::as_str) {
        Some("--") => args.get(1..).unwrap_or(&[]),
        _ => args,
    };
    let text = args.join(" ");
    shell.trace_level += 1;
    let result = shell.run_text(&text, &SourceName::Eval).await;
    shell.trace_level = shell.trace_level.saturating_sub(1);
    result
}
