//! `dirname`: a path without its last component.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec { short: "z", long: &[("zero", 'z', Value::None), HELP, VERSION], posix: false };

const USAGE: &str = "\
Usage: dirname [OPTION] NAME...
Output each NAME with its last non-slash component and trailing slashes
removed; if NAME contains no /'s, output '.' (meaning the current directory).

  -z, --zero     end each output line with NUL, not newline
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
    let end = if parsed.has('z') { "\0" } else { "\n" };
    for name in &parsed.operands {
        cx.put(&machine::text::to_bytes(&format!("{}{end}", folder(name)))).await;
    }
    cx.status()
}

/// Everything before the last component.
pub fn folder(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rfind('/') {
        Some(at) if trimmed[..at].trim_end_matches('/').is_empty() => "/",
        Some(at) => trimmed[..at].trim_end_matches('/'),
        None if trimmed.is_empty() && path.starts_with('/') => "/",
        None => ".",
    }
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn folders() {
        assert_eq!(["/a/b", "a/b//", "/a", "a", "/", "a//b"].map(folder), ["/a", "a", "/", ".", "/", "a"]);
    }
}
