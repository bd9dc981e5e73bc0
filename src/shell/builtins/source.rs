//! `.` and `source`

use super::{Builtin, builtin};
use crate::Flavour;
use crate::shell::{Eval, Shell, Unwind};

pub const DOT: Builtin =
    builtin!(".", ". filename [arguments]", "Execute commands from a file in the current shell.", true, All, run);

pub const BUILTIN: Builtin = builtin!(
    "source",
    "source filename [arguments]",
    "Execute commands from a file in the current shell.",
    false,
    NotDash,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "").await else { return Ok(2) };
    let Some((file, params)) = options.operands.split_first() else {
        if !shell.is_bash() {
            return Ok(0);
        }
        shell.builtin_error(name, "filename argument required").await;
        shell.usage(name).await;
        return Ok(2);
    };
    let path = find(shell, file);
    let bytes = match &path {
        Some(path) if shell.is_directory(path) => Err(format!("{file}: is a directory")),
        Some(path) => read(shell, path).await.map_err(|error| format!("{file}: {}", error.message())),
        None => Err(format!("{file}: No such file or directory")),
    };
    match bytes {
        Ok(bytes) => {
            let text = machine::text::from_bytes(&bytes);
            let params = (!params.is_empty()).then(|| params.to_vec());
            shell.run_file(&path.unwrap_or_default(), &text, params).await
        }
        Err(message) => match shell.flavour {
            Flavour::Bash if message.ends_with("is a directory") => {
                shell.builtin_error(name, message).await;
                Ok(1)
            }
            Flavour::Bash => {
                shell.error(message).await;
                Ok(1)
            }
            _ => {
                let reason = if file.contains('/') { "can't open" } else { "not found" };
                let message = match (shell.flavour, reason) {
                    (_, "not found") => format!("{file}: not found"),
                    (Flavour::Dash, _) => format!("cannot open {file}: No such file"),
                    _ => format!("can't open '{file}': No such file or directory"),
                };
                shell.builtin_error(name, message).await;
                if shell.interactive { Ok(2) } else { Err(Unwind::Exit(2)) }
            }
        },
    }
}

fn find(shell: &Shell, file: &str) -> Option<String> {
    if file.contains('/') {
        return Some(file.to_string());
    }
    let on_path = shell.search_path().into_iter().map(|dir| format!("{}/{file}", dir.trim_end_matches('/')));
    let found = on_path.into_iter().find(|path| shell.sys.stat(path).is_ok_and(|attr| attr.is_file()));
    found.or_else(|| (shell.is_bash() && shell.sys.stat(file).is_ok()).then(|| file.to_string()))
}

/// A whole file; pipes (`. <(…)`) are read to their end.
async fn read(shell: &mut Shell, path: &str) -> machine::SysResult<Vec<u8>> {
    const MOST: usize = 16 << 20;
    let fd = shell.sys.open(path, machine::fs::OpenFlags::READ.cloexec(), 0).await?;
    let bytes = shell.sys.read_to_end(fd, MOST).await;
    let _ = shell.sys.close(fd);
    bytes
}
