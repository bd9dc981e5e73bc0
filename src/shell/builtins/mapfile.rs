//! `mapfile` and `readarray`

use machine::{Errno, Fd};

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};
use crate::vars::Value;

pub const BUILTIN: Builtin = builtin!(
    "mapfile",
    "mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
    "Read lines from the standard input into an indexed array variable.",
    false,
    Bash,
    run
);

pub const READARRAY: Builtin = builtin!(
    "readarray",
    "readarray [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]",
    "Read lines from a file into an array variable.",
    false,
    Bash,
    run
);

/// Bytes that one call takes in.
const MOST: usize = 64 << 20;

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "d:n:O:s:tu:C:c:").await else { return Ok(2) };
    let number = |option: char| options.value(option).and_then(|text| text.parse::<i64>().ok());
    let fd = Fd(number('u').unwrap_or(0) as i32);
    let delimiter = options.value('d').map_or(b'\n', |text| text.bytes().next().unwrap_or(0));
    let variable = options.operands.first().map_or("MAPFILE", String::as_str).to_string();
    let bytes = loop {
        match shell.sys.read_to_end(fd, MOST).await {
            Ok(bytes) => break bytes,
            Err(Errno::EINTR) => shell.check_signals().await?,
            Err(Errno::EFBIG) => {
                shell.error("xrealloc: cannot allocate memory").await;
                return Ok(1);
            }
            Err(error) => {
                shell.builtin_error(name, format!("{}: invalid file descriptor: {}", fd.0, error.message())).await;
                return Ok(1);
            }
        }
    };
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == delimiter).collect();
    let skip = number('s').and_then(|count| usize::try_from(count).ok()).unwrap_or(0).min(lines.len());
    lines.drain(..skip);
    if let Some(count) = number('n').and_then(|count| usize::try_from(count).ok()).filter(|count| *count > 0) {
        lines.truncate(count);
    }
    let origin = number('O');
    let mut items = match shell.vars.get(&variable).map(|var| var.value.clone()) {
        Some(Value::Indexed(items)) if origin.is_some() => items,
        _ => Default::default(),
    };
    for (i, line) in lines.into_iter().enumerate() {
        let line = if options.has('t') { line.strip_suffix(&[delimiter]).unwrap_or(line) } else { line };
        items.insert(origin.unwrap_or(0) + i as i64, machine::text::from_bytes(line));
    }
    match shell.vars.set_value(&variable, Value::Indexed(items)) {
        Ok(()) => Ok(0),
        Err(error) => {
            shell.error(error.to_string()).await;
            Ok(1)
        }
    }
}
