//! `chmod`: permission bits.

use machine::fs::{FileKind, SetAttr};
use machine::{Errno, ExitCode};

use super::ls::mode_text;
use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "cfvRrwxXstugoa",
    long: &[
        ("changes", 'c', Value::None),
        ("silent", 'f', Value::None),
        ("quiet", 'f', Value::None),
        ("verbose", 'v', Value::None),
        ("recursive", 'R', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: chmod [OPTION]... MODE[,MODE]... FILE...
  or:  chmod [OPTION]... OCTAL-MODE FILE...
Change the mode of each FILE to MODE.

  -c, --changes          like verbose but report only when a change is made
  -f, --silent, --quiet  suppress most error messages
  -v, --verbose          output a diagnostic for every file processed
  -R, --recursive        change files and directories recursively
      --help        display this help and exit
      --version     output version information and exit

Each MODE is of the form '[ugoa]*([-+=]([rwxXst]*|[ugo]))+|[-+=][0-7]+'.
";

/// Longest nesting that is followed.
const DEEPEST: usize = 256;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    // A mode such as -x looks like an option.
    let at =
        cx.args.iter().position(|a| a.len() > 1 && a.starts_with('-') && a[1..].chars().all(|c| "rwxXst".contains(c)));
    let dashed = at.map(|at| cx.args.remove(at));
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let mut operands = parsed.operands.clone();
    let Some(mode) = dashed.or_else(|| (!operands.is_empty()).then(|| operands.remove(0))) else {
        return cx.usage_error("missing operand").await;
    };
    if operands.is_empty() {
        return cx.usage_error(&format!("missing operand after {}", cx.quote(&mode))).await;
    }
    if apply(&mode, 0, false, 0).is_none() {
        return cx.usage_error(&format!("invalid mode: {}", cx.quote(&mode))).await;
    }
    for path in &operands {
        change(cx, path, &mode, &parsed, 0).await;
    }
    cx.status()
}

async fn change(cx: &mut Context, path: &str, mode: &str, parsed: &Parsed, depth: usize) {
    let attr = match cx.sys.stat(path) {
        Ok(attr) => attr,
        Err(error) => {
            if !parsed.has('f') {
                let what = if cx.is_busybox() { path.to_string() } else { format!("cannot access {}", quote(path)) };
                cx.error(format_args!("{what}: {error}")).await;
            }
            return;
        }
    };
    let new = apply(mode, attr.mode, attr.is_dir(), 0o022).unwrap_or(attr.mode);
    if let Err(error) = cx.sys.set_attr(path, &SetAttr { mode: Some(new), ..SetAttr::default() }) {
        return cx.error(format_args!("changing permissions of {}: {error}", quote(path))).await;
    }
    if parsed.has('v') || (parsed.has('c') && new != attr.mode) {
        let text = |mode| mode_text(&machine::fs::Attr { mode, kind: FileKind::Regular, ..attr })[1..].to_string();
        let line = if new == attr.mode {
            format!("mode of {} retained as {new:04o} ({})", quote(path), text(new))
        } else {
            format!(
                "mode of {} changed from {:04o} ({}) to {new:04o} ({})",
                quote(path),
                attr.mode,
                text(attr.mode),
                text(new)
            )
        };
        cx.line(&line).await;
    }
    if parsed.has('R') && attr.is_dir() {
        if depth >= DEEPEST {
            return cx.error(format_args!("cannot access {}: {}", quote(path), Errno::ELOOP)).await;
        }
        for entry in cx.sys.read_dir(path).unwrap_or_default() {
            if entry.kind != FileKind::Symlink {
                let below = format!("{}/{}", path.trim_end_matches('/'), entry.name);
                Box::pin(change(cx, &below, mode, parsed, depth + 1)).await;
            }
        }
    }
}

/// Applies a mode text to permission bits; `None` where it is none.
pub fn apply(text: &str, old: u32, is_dir: bool, umask: u32) -> Option<u32> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let end = clause.find(['+', '-', '='])?;
        let (who, mut rest) = clause.split_at(end);
        let mut mask = 0;
        for letter in who.chars() {
            mask |= match letter {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                'a' => 0o7777,
                _ => return None,
            };
        }
        let implied = mask == 0;
        if implied {
            mask = 0o7777 & !umask;
        }
        while !rest.is_empty() {
            let operator = rest.chars().next()?;
            let letters_end = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |at| at + 1);
            let bits = permissions(&rest[1..letters_end], mode, is_dir)? & mask;
            mode = match operator {
                '+' => mode | bits,
                '-' => mode & !bits,
                _ => (mode & !(if implied { 0o777 } else { mask & 0o777 })) | bits,
            };
            rest = &rest[letters_end..];
        }
    }
    Some(mode)
}

fn permissions(letters: &str, mode: u32, is_dir: bool) -> Option<u32> {
    let mut bits = 0;
    for letter in letters.chars() {
        bits |= match letter {
            'r' => 0o444,
            'w' => 0o222,
            'x' => 0o111,
            'X' if is_dir || mode & 0o111 != 0 => 0o111,
            'X' => 0,
            's' => 0o6000,
            't' => 0o1000,
            'u' => (mode >> 6 & 7) * 0o111,
            'g' => (mode >> 3 & 7) * 0o111,
            'o' => (mode & 7) * 0o111,
            _ => return None,
        };
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::apply;

    #[test]
    fn modes() {
        let check = |text, old| apply(text, old, false, 0o022);
        assert_eq!(check("755", 0), Some(0o755));
        assert_eq!(check("+x", 0o644), Some(0o755));
        assert_eq!(check("u+x,go-r", 0o644), Some(0o700));
        assert_eq!(check("a=r", 0o777), Some(0o444));
        assert_eq!(check("g=u", 0o640), Some(0o660));
        assert_eq!(check("u+s", 0o755), Some(0o4755));
        assert_eq!(check("+w", 0o444), Some(0o644));
        assert_eq!(check("8", 0), None);
        assert_eq!(check("q+x", 0), None);
    }
}
