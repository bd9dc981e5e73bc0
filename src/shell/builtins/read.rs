//! `read`

use std::time::Duration;

use machine::{Errno, Fd, PollFd};

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};
use crate::syntax::is_name;
use crate::vars::Value;

pub const BUILTIN: Builtin = builtin!(
    "read",
    "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]",
    "Read a line from the standard input and split it into fields.",
    false,
    All,
    run
);

/// Bytes that one line may have.
const MOST: usize = 16 << 20;

/// What ended a line.
#[derive(PartialEq, Eq, Clone, Copy)]
enum End {
    Delimiter,
    Full,
    Input,
    Timeout,
    Failed(Errno),
}

struct Request {
    fd: Fd,
    delimiter: u8,
    raw: bool,
    /// Characters after which to stop.
    most: Option<usize>,
    /// The delimiter does not end it either (`-N`).
    exact: bool,
    timeout: Option<Duration>,
}

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let known = if shell.is_bash() { "ersa:d:i:n:N:p:t:u:" } else { "rp:t:n:su:d:" };
    let Some(options) = shell.options(name, args, known).await else { return Ok(2) };
    for operand in options.operands {
        if !is_name(operand.split_once('[').map_or(operand.as_str(), |(variable, _)| variable)) {
            let message = match shell.flavour {
                crate::Flavour::Bash => format!("`{operand}': not a valid identifier"),
                crate::Flavour::Dash => format!("{operand}: bad variable name"),
                crate::Flavour::Ash => {
                    shell.error(format!("read: '{operand}': bad variable name")).await;
                    return Ok(1);
                }
            };
            shell.builtin_error(name, message).await;
            return Ok(1);
        }
    }
    let number = |option: char| options.value(option).and_then(|text| text.parse::<usize>().ok());
    let timeout = match options.value('t') {
        None => None,
        Some(text) => match text.parse::<f64>() {
            Ok(seconds) if seconds >= 0.0 => Some(Duration::from_secs_f64(seconds.min(1e9))),
            _ => {
                shell.builtin_error(name, format!("{text}: invalid timeout specification")).await;
                return Ok(1);
            }
        },
    };
    let request = Request {
        fd: Fd(number('u').unwrap_or(0) as i32),
        delimiter: options.value('d').map_or(b'\n', |text| text.bytes().next().unwrap_or(0)),
        raw: options.has('r'),
        most: number('N').or_else(|| number('n')),
        exact: options.has('N'),
        timeout,
    };
    if timeout == Some(Duration::ZERO) {
        return Ok(i32::from(!shell.sys.ready(request.fd).is_ok_and(|ready| ready.readable)));
    }
    let tty = shell.sys.tcgetattr(request.fd).ok();
    if let (Some(prompt), true) = (options.value('p'), tty.is_some()) {
        shell.error_text(prompt).await;
    }
    let changed = tty.as_ref().filter(|_| options.has('s') || request.most.is_some() || request.delimiter != b'\n');
    if let Some(old) = changed {
        let mut new = *old;
        new.echo &= !options.has('s');
        new.icanon &= request.most.is_none() && request.delimiter == b'\n';
        let _ = shell.sys.tcsetattr(request.fd, &new, false);
    }
    let result = read(shell, &request).await;
    if let Some(old) = changed {
        let _ = shell.sys.tcsetattr(request.fd, old, false);
    }
    let (text, escaped, end) = result?;
    if let End::Failed(error) = end {
        shell.builtin_error(name, format!("read error: {}: {}", request.fd.0, error.message())).await;
        return Ok(1);
    }
    if let Err(message) = assign(shell, options.value('a'), options.operands, &text, &escaped, request.exact) {
        shell.builtin_error(name, message).await;
        return Ok(1);
    }
    Ok(match end {
        End::Input => 1,
        End::Timeout => 142,
        _ => 0,
    })
}

/// Reads up to the delimiter, a byte at a time so that what is behind it is left for others. Gives the
/// characters and, for each, whether a backslash took its meaning away.
async fn read(shell: &mut Shell, request: &Request) -> Eval<(Vec<char>, Vec<bool>, End)> {
    let deadline = request.timeout.map(|timeout| shell.sys.now() + timeout);
    let mut bytes = Vec::new();
    let (mut text, mut escaped) = (Vec::new(), Vec::new());
    let mut backslash = false;
    let mut taken = 0u32;
    let end = loop {
        // Input that never lets the read wait, and never ends the line, must not hold Ctrl-C off.
        taken = taken.wrapping_add(1);
        if taken.is_multiple_of(256) {
            shell.check_signals().await?;
        }
        if request.most.is_some_and(|most| text.len() >= most) {
            break End::Full;
        }
        if text.len() >= MOST {
            break End::Full;
        }
        let byte = match next_byte(shell, request.fd, deadline).await? {
            Ok(byte) => byte,
            Err(end) => break end,
        };
        if byte == request.delimiter && !request.exact && !backslash && bytes.is_empty() {
            break End::Delimiter;
        }
        bytes.push(byte);
        let complete = match std::str::from_utf8(&bytes) {
            Ok(_) => true,
            Err(error) => error.error_len().is_some() || bytes.len() >= 4,
        };
        if !complete {
            continue;
        }
        let piece = machine::text::from_bytes(&std::mem::take(&mut bytes));
        for c in piece.chars().filter(|c| *c != '\0') {
            if backslash {
                backslash = false;
                if c != '\n' {
                    text.push(c);
                    escaped.push(true);
                }
            } else if c == '\\' && !request.raw {
                backslash = true;
            } else {
                text.push(c);
                escaped.push(false);
            }
        }
    };
    for c in machine::text::from_bytes(&bytes).chars() {
        text.push(c);
        escaped.push(false);
    }
    Ok((text, escaped, end))
}

async fn next_byte(shell: &mut Shell, fd: Fd, deadline: Option<machine::Instant>) -> Eval<Result<u8, End>> {
    loop {
        if let Some(deadline) = deadline {
            let left = deadline.since(shell.sys.now());
            let mut poll = [PollFd::readable(fd)];
            match shell.sys.poll(&mut poll, Some(left)).await {
                Ok(0) => return Ok(Err(End::Timeout)),
                Err(Errno::EINTR) => {
                    shell.check_signals().await?;
                    continue;
                }
                _ => {}
            }
        }
        let mut buffer = [0; 1];
        match shell.sys.read(fd, &mut buffer).await {
            Ok(0) => return Ok(Err(End::Input)),
            Ok(_) => return Ok(Ok(buffer[0])),
            Err(Errno::EINTR) => shell.check_signals().await?,
            Err(error) => return Ok(Err(End::Failed(error))),
        }
    }
}

/// One line of standard input, for `select`; none at its end.
pub async fn read_line(shell: &mut Shell) -> Eval<Option<String>> {
    let request = Request { fd: Fd::STDIN, delimiter: b'\n', raw: false, most: None, exact: false, timeout: None };
    let (text, _, end) = read(shell, &request).await?;
    Ok(if end == End::Delimiter || !text.is_empty() { Some(text.into_iter().collect()) } else { None })
}

/// Splits a line by `IFS` and assigns the fields.
fn assign(
    shell: &mut Shell,
    array: Option<&str>,
    names: &[String],
    text: &[char],
    escaped: &[bool],
    exact: bool,
) -> Result<(), String> {
    let ifs = shell.ifs();
    if let Some(array) = array {
        let fields = split(text, escaped, &ifs, usize::MAX);
        let items = fields.into_iter().enumerate().map(|(i, field)| (i as i64, field)).collect();
        return shell.vars.set_value(array, Value::Indexed(items)).map_err(|error| error.to_string());
    }
    if names.is_empty() {
        return shell.assign_text("REPLY", None, text.iter().collect());
    }
    if exact {
        shell.assign_text(names.first().map_or("REPLY", String::as_str), None, text.iter().collect())?;
        for name in names.iter().skip(1) {
            shell.assign_text(name, None, String::new())?;
        }
        return Ok(());
    }
    let mut fields = split(text, escaped, &ifs, names.len()).into_iter();
    for name in names {
        let value = fields.next().unwrap_or_default();
        match name.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((variable, index)) => shell.assign_text(variable, Some(index), value)?,
            None => shell.assign_text(name, None, value)?,
        }
    }
    Ok(())
}

/// Splits into at most `most` fields; the last takes what is left, its separators included.
fn split(text: &[char], escaped: &[bool], ifs: &str, most: usize) -> Vec<String> {
    let separator = |i: usize| text.get(i).is_some_and(|c| ifs.contains(*c)) && escaped.get(i) == Some(&false);
    let blank = |i: usize| separator(i) && text.get(i).is_some_and(|c| matches!(c, ' ' | '\t' | '\n'));
    let mut fields = Vec::new();
    let mut at = 0;
    while blank(at) {
        at += 1;
    }
    while at < text.len() {
        if fields.len() + 1 == most {
            fields.push(last_field(text, at, &separator, &blank));
            return fields;
        }
        let start = at;
        while at < text.len() && !separator(at) {
            at += 1;
        }
        fields.push(text.get(start..at).unwrap_or(&[]).iter().collect());
        while blank(at) {
            at += 1;
        }
        if separator(at) {
            at += 1;
            while blank(at) {
                at += 1;
            }
        }
    }
    fields
}

/// What is left, without blanks at the end, and without one separator there if it is the only one.
fn last_field(text: &[char], at: usize, separator: &dyn Fn(usize) -> bool, blank: &dyn Fn(usize) -> bool) -> String {
    let mut end = text.len();
    while end > at && blank(end - 1) {
        end -= 1;
    }
    if end > at && separator(end - 1) && (at..end - 1).all(|i| !separator(i) || blank(i)) {
        let word_end = (at..end).find(|i| separator(*i)).unwrap_or(end);
        // A single field with one separator behind it: the separator goes.
        if (word_end..end).all(separator) {
            end = word_end;
        }
    }
    text.get(at..end).unwrap_or(&[]).iter().collect()
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn lines_split_as_read_splits_them() {
        let fields = |text: &str, ifs: &str, most: usize| {
            let text: Vec<char> = text.chars().collect();
            split(&text, &vec![false; text.len()], ifs, most)
        };
        assert_eq!(fields("  a b  c d ", " \t\n", 2), ["a", "b  c d"]);
        assert_eq!(fields("a:b::c", ":", 3), ["a", "b", ":c"]);
        assert_eq!(fields("a:", ":", 1), ["a"]);
        assert_eq!(fields("a b", "", 2), ["a b"]);
    }
}
