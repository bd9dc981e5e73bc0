//! History expansion: `!!`, `!$`, `!n`, `!text`, `^old^new`.

use crate::shell::{Eval, Shell};

impl Shell {
    /// Replaces history references in a typed line. None where an event is missing, which was told.
    pub(super) async fn expand_history(&mut self, line: String) -> Eval<Option<String>> {
        if !self.settings.is_set("histexpand") || !(line.contains('!') || line.starts_with('^')) {
            return Ok(Some(line));
        }
        match expand(&line, self.interact.history.lines(), |n| self.interact.history.index_of(n)) {
            Ok(None) => Ok(Some(line)),
            Ok(Some((expanded, print_only))) => {
                self.error_text(&format!("{expanded}\n")).await;
                if print_only {
                    let size = self.history_size();
                    self.interact.history.push(expanded, size);
                    return Ok(None);
                }
                Ok(Some(expanded))
            }
            Err(message) => {
                self.error(message).await;
                Ok(None)
            }
        }
    }
}

/// The line with its references replaced, and whether `:p` asks only to show it; none if there are none.
fn expand(
    line: &str,
    history: &[String],
    index_of: impl Fn(usize) -> Option<usize>,
) -> Result<Option<(String, bool)>, String> {
    let chars: Vec<char> = line.chars().collect();
    if chars.first() == Some(&'^') {
        return quick(line, history).map(|text| Some((text, false)));
    }
    let mut out = String::new();
    let (mut at, mut changed, mut print_only) = (0, false, false);
    let (mut single, mut double) = (false, false);
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' if !single => {
                out.push(c);
                out.extend(chars.get(at + 1));
                at += 2;
                continue;
            }
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '!' if !single => {
                let next = chars.get(at + 1).copied();
                let plain = match next {
                    None => true,
                    Some(c) => c.is_whitespace() || matches!(c, '=' | '(') || (c == '"' && double),
                };
                // `$!`, `${!x}` and `[!a]` are the shell's own.
                if !(plain || out.ends_with("${") || out.ends_with(['$', '['])) {
                    let (text, next, only) = reference(&chars, at + 1, history, &index_of, &out)?;
                    out.push_str(&text);
                    at = next;
                    changed = true;
                    print_only |= only;
                    continue;
                }
            }
            _ => {}
        }
        out.push(c);
        at += 1;
    }
    Ok(changed.then_some((out, print_only)))
}

/// `^old^new`.
fn quick(line: &str, history: &[String]) -> Result<String, String> {
    let mut pieces = line.split('^').skip(1);
    let (old, new) = (pieces.next().unwrap_or(""), pieces.next().unwrap_or(""));
    let rest = pieces.next().unwrap_or("");
    let last = history.last().ok_or_else(|| format!("{line}: event not found"))?;
    if old.is_empty() || !last.contains(old) {
        return Err(":s".to_string() + line + ": substitution failed");
    }
    Ok(last.replacen(old, new, 1) + rest)
}

/// One reference behind its `!`: its text, where it ends, and whether `:p` stands behind it.
fn reference(
    chars: &[char],
    start: usize,
    history: &[String],
    index_of: &impl Fn(usize) -> Option<usize>,
    before: &str,
) -> Result<(String, usize, bool), String> {
    let mut at = start;
    let word_end = |from: usize, stops: &str| {
        let rest = chars.iter().skip(from);
        from + rest.take_while(|c| !c.is_whitespace() && !stops.contains(**c)).count()
    };
    let text = |from: usize, to: usize| chars.get(from..to).unwrap_or(&[]).iter().collect::<String>();
    let missing = |end: usize| format!("!{}: event not found", text(start, end));
    let event = match chars.get(at) {
        Some('!') => {
            at += 1;
            history.last().cloned()
        }
        Some('$' | '^' | '*' | ':') => history.last().cloned(),
        Some('#') => {
            at += 1;
            Some(before.to_string())
        }
        Some('?') => {
            let end = word_end(at + 1, "?\n");
            let part = text(at + 1, end);
            at = if chars.get(end) == Some(&'?') { end + 1 } else { end };
            history.iter().rev().find(|line| line.contains(&part)).cloned()
        }
        Some(c) if c.is_ascii_digit() || *c == '-' => {
            let back = *c == '-';
            let digits = at + usize::from(back);
            let end = digits + chars.iter().skip(digits).take_while(|c| c.is_ascii_digit()).count();
            let number = text(digits, end).parse::<usize>().ok();
            at = end;
            match (number, back) {
                (Some(number), true) => history.len().checked_sub(number).and_then(|i| history.get(i)).cloned(),
                (Some(number), false) => index_of(number).and_then(|i| history.get(i)).cloned(),
                (None, _) => None,
            }
        }
        _ => {
            let end = word_end(at, ":;&|()<>\"'");
            let prefix = text(at, end);
            at = end;
            history.iter().rev().find(|line| line.starts_with(&prefix)).cloned()
        }
    };
    let Some(event) = event else { return Err(missing(at.max(start + 1))) };
    let (selected, at) = words(chars, at, event)?;
    modifiers(chars, at, selected)
}

/// A word designator: `:0`, `:2-3`, `$`, `^`, `*`.
fn words(chars: &[char], mut at: usize, event: String) -> Result<(String, usize), String> {
    let colon = chars.get(at) == Some(&':');
    let first = chars.get(at + usize::from(colon)).copied();
    let designates = match first {
        Some('$' | '^' | '*') => true,
        Some(c) => colon && (c.is_ascii_digit() || c == '-'),
        None => false,
    };
    if !designates {
        return Ok((event, at));
    }
    at += usize::from(colon);
    let all: Vec<&str> = event.split_whitespace().collect();
    let last = all.len().saturating_sub(1);
    let number = |at: &mut usize| -> Option<usize> {
        match chars.get(*at) {
            Some('$') => {
                *at += 1;
                Some(last)
            }
            Some('^') => {
                *at += 1;
                Some(1)
            }
            Some(c) if c.is_ascii_digit() => {
                let digits: String = chars.iter().skip(*at).take_while(|c| c.is_ascii_digit()).collect();
                *at += digits.len();
                digits.parse().ok()
            }
            _ => None,
        }
    };
    let (from, to) = if chars.get(at) == Some(&'*') {
        at += 1;
        (1, last)
    } else {
        let from = number(&mut at).unwrap_or(0);
        match chars.get(at) {
            Some('-') => {
                at += 1;
                let to = number(&mut at).unwrap_or(last.saturating_sub(1));
                (from, to)
            }
            Some('*') => {
                at += 1;
                (from, last)
            }
            _ => (from, from),
        }
    };
    if from > last && !(from == 1 && last == 0) {
        return Err(format!(":{from}: bad word specifier"));
    }
    Ok((all.get(from..(to + 1).min(all.len())).unwrap_or(&[]).join(" "), at))
}

/// `:h`, `:t`, `:r`, `:e`, `:p`, `:s/old/new/`.
fn modifiers(chars: &[char], mut at: usize, mut text: String) -> Result<(String, usize, bool), String> {
    let mut print_only = false;
    while chars.get(at) == Some(&':') {
        let global = chars.get(at + 1) == Some(&'g');
        let Some(&letter) = chars.get(at + 1 + usize::from(global)) else { break };
        let mut next = at + 2 + usize::from(global);
        match letter {
            'p' => print_only = true,
            'h' => text.truncate(text.rfind('/').unwrap_or(text.len())),
            't' => text = text.rsplit('/').next().unwrap_or("").to_string(),
            'r' => text.truncate(text.rfind('.').unwrap_or(text.len())),
            'e' => text = text.rfind('.').and_then(|i| text.get(i..)).unwrap_or("").to_string(),
            's' => {
                let Some(&delimiter) = chars.get(next) else { break };
                let mut pieces = chars.get(next + 1..).unwrap_or(&[]).splitn(3, |c| *c == delimiter);
                let old: String = pieces.next().unwrap_or(&[]).iter().collect();
                let new: String = pieces.next().unwrap_or(&[]).iter().collect();
                let closed = pieces.next().is_some();
                next += 1 + old.chars().count() + 1 + new.chars().count() + usize::from(closed);
                if old.is_empty() || !text.contains(&old) {
                    return Err(format!(":s{delimiter}{old}{delimiter}{new}: substitution failed"));
                }
                text = if global { text.replace(&old, &new) } else { text.replacen(&old, &new, 1) };
            }
            _ => break,
        }
        at = next;
    }
    Ok((text, at, print_only))
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn references_are_replaced() {
        let history: Vec<String> = ["docker ps -a", "echo one two three", "ls /tmp/a.txt"].map(String::from).to_vec();
        let run = |line: &str| expand(line, &history, |n| n.checked_sub(1)).map(|r| r.map(|(text, _)| text));
        let some = |text: &str| Ok(Some(text.to_string()));
        assert_eq!(run("!!"), some("ls /tmp/a.txt"));
        assert_eq!(run("sudo !!"), some("sudo ls /tmp/a.txt"));
        assert_eq!(run("cat !$"), some("cat /tmp/a.txt"));
        assert_eq!(run("!1"), some("docker ps -a"));
        assert_eq!(run("!-2"), some("echo one two three"));
        assert_eq!(run("!echo:2-3"), some("two three"));
        assert_eq!(run("!?one?:*"), some("one two three"));
        assert_eq!(run("^tmp^var"), some("ls /var/a.txt"));
        assert_eq!(run("!ls:s/tmp/etc/"), some("ls /etc/a.txt"));
        assert_eq!(run("echo !$:h !$:t"), some("echo /tmp a.txt"));
        assert_eq!(run("echo 'hi !!'"), Ok(None));
        assert_eq!(run("echo hi! there"), Ok(None));
        assert_eq!(run("[ a != b ]"), Ok(None));
        assert_eq!(run("!nope"), Err("!nope: event not found".into()));
        assert_eq!(run("!99"), Err("!99: event not found".into()));
    }
}
