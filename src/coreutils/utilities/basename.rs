//! `basename`: a path without its folders.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "as:z",
    long: &[
        ("multiple", 'a', Value::None),
        ("suffix", 's', Value::Required),
        ("zero", 'z', Value::None),
        HELP,
        VERSION,
    ],
    posix: true,
};

const USAGE: &str = "\
Usage: basename NAME [SUFFIX]
  or:  basename OPTION... NAME...
Print NAME with any leading directory components removed.
If specified, also remove a trailing SUFFIX.

  -a, --multiple       support multiple arguments and treat each as a NAME
  -s, --suffix=SUFFIX  remove a trailing SUFFIX; implies -a
  -z, --zero           end each output line with NUL, not newline
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let many = parsed.has('a') || parsed.has('s');
    let (names, suffix) = match parsed.operands.as_slice() {
        [] => return cx.usage_error("missing operand").await,
        names if many => (names, parsed.value('s').unwrap_or("")),
        [name] => (std::slice::from_ref(name), ""),
        [name, suffix] => (std::slice::from_ref(name), suffix.as_str()),
        [_, _, extra, ..] => return cx.usage_error(&format!("extra operand {}", cx.quote(extra))).await,
    };
    let end = if parsed.has('z') { "\0" } else { "\n" };
    for name in names {
        let base = last_part(name);
        let base = base.strip_suffix(suffix).filter(|rest| !rest.is_empty()).unwrap_or(base);
        cx.put(&machine::text::to_bytes(&format!("{base}{end}"))).await;
    }
    cx.status()
}

/// The last component; `/` for the root.
pub fn last_part(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some("") | None if path.starts_with('/') => "/",
        Some(last) => last,
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::last_part;

    #[test]
    fn components() {
        assert_eq!(["/a/b", "b/", "/", "//", "", "a"].map(last_part), ["b", "b", "/", "/", "", "a"]);
    }
}
