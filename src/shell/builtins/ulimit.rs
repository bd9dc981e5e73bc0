//! `ulimit`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin =
    builtin!("ulimit", "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]", "Modify shell resource limits.", false, All, run);

/// Limits: letter, text, unit, unit's size, the value where the machine knows none.
const LIMITS: &[(char, &str, &str, u64, &str)] = &[
    ('R', "real-time non-blocking time  ", "(microseconds, -R)", 1, "unlimited"),
    ('c', "core file size              ", "(blocks, -c)", 512, "0"),
    ('d', "data seg size               ", "(kbytes, -d)", 1024, "unlimited"),
    ('e', "scheduling priority                 ", "(-e)", 1, "0"),
    ('f', "file size                   ", "(blocks, -f)", 1024, ""),
    ('i', "pending signals                     ", "(-i)", 1, "63447"),
    ('l', "max locked memory           ", "(kbytes, -l)", 1024, "8192"),
    ('m', "max memory size             ", "(kbytes, -m)", 1024, "unlimited"),
    ('n', "open files                          ", "(-n)", 1, ""),
    ('p', "pipe size                ", "(512 bytes, -p)", 512, "8"),
    ('q', "POSIX message queues         ", "(bytes, -q)", 1, "819200"),
    ('r', "real-time priority                  ", "(-r)", 1, "0"),
    ('s', "stack size                  ", "(kbytes, -s)", 1024, "8192"),
    ('t', "cpu time                   ", "(seconds, -t)", 1, "unlimited"),
    ('u', "max user processes                  ", "(-u)", 1, ""),
    ('v', "virtual memory              ", "(kbytes, -v)", 1024, ""),
    ('x', "file locks                          ", "(-x)", 1, "unlimited"),
];

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "SHaRcdefilmnpqrstuvx").await else { return Ok(2) };
    if options.has('a') {
        let text: String =
            LIMITS.iter().map(|row| format!("{}{} {}\n", row.1, row.2, value(shell, row.0, row.3, row.4))).collect();
        return Ok(shell.print_from(name, &text).await);
    }
    let letter =
        options.given.iter().map(|(letter, _)| *letter).find(|letter| !matches!(letter, 'S' | 'H')).unwrap_or('f');
    let Some(row) = LIMITS.iter().find(|row| row.0 == letter) else { return Ok(1) };
    let Some(wanted) = options.operands.first() else {
        let text = format!("{}\n", value(shell, letter, row.3, row.4));
        return Ok(shell.print_from(name, &text).await);
    };
    let number = match wanted.as_str() {
        "unlimited" => Some(u64::MAX),
        "soft" | "hard" => return Ok(0),
        text => text.parse::<u64>().ok().map(|number| number.saturating_mul(row.3)),
    };
    let Some(number) = number else {
        shell.builtin_error(name, format!("{wanted}: invalid number")).await;
        return Ok(1);
    };
    let mut limits = shell.sys.limits();
    match letter {
        'f' => limits.file_size = number,
        'n' => limits.open_files = number,
        'u' => limits.processes = number,
        'v' => limits.memory = number,
        // Nothing on this machine uses the others up.
        _ => return Ok(0),
    }
    shell.sys.set_limits(limits);
    Ok(0)
}

fn value(shell: &Shell, letter: char, unit: u64, fixed: &str) -> String {
    let limits = shell.sys.limits();
    let number = match letter {
        'f' => limits.file_size,
        'n' => limits.open_files,
        'u' => limits.processes,
        'v' => limits.memory,
        _ => return fixed.to_string(),
    };
    if number == u64::MAX { "unlimited".into() } else { (number / unit).to_string() }
}
