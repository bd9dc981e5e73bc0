//! Rules of text that several utilities share.

/// A name as GNU's messages quote it: `'name'`, or in `$''` style where it holds anything odd.
pub fn quote(name: &str) -> String {
    if name.contains('\'') && !name.contains(['"', '$', '`', '\\']) {
        return format!("\"{name}\"");
    }
    format!("'{}'", name.replace('\'', "'\\''"))
}

/// Permission bits as `ls -l` shows them, without the type.
pub fn mode_string(mode: u32) -> String {
    let mut text = String::with_capacity(9);
    for (shift, special, with, without) in [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => with,
            (false, true) => without,
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// A size as `-h` shows it: `4.0K`, `12M`, rounded up (gnulib's `human_readable` with powers of 1024).
pub fn human_size(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let (mut unit, mut size) = (0, bytes);
    while size.div_ceil(1024) >= 1024 && unit < 5 {
        size = size.div_ceil(1024);
        unit += 1;
    }
    let letter = ['K', 'M', 'G', 'T', 'P', 'E'][unit];
    let tenths = (size * 10).div_ceil(1024);
    if tenths < 100 {
        format!("{}.{}{letter}", tenths / 10, tenths % 10)
    } else {
        format!("{}{letter}", size.div_ceil(1024))
    }
}

/// A count with a multiplier as `head -c` and `tail -c` take it: `100`, `2k`, `3MB`, `1b`.
pub fn multiplied(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u64 = match &text[digits.len()..] {
        "" => 1,
        "b" => 512,
        "kB" | "KB" => 1000,
        "k" | "K" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "m" | "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "g" | "G" | "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

/// Reads `/etc/passwd` or `/etc/group` text: the name of a number.
pub fn name_of(database: &str, id: u32) -> Option<&str> {
    database.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then_some(name)
    })
}

/// The number of a name in `/etc/passwd` or `/etc/group` text.
pub fn id_of(database: &str, name: &str) -> Option<u32> {
    database.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok())?
    })
}

/// Whether a shell pattern matches a whole name (`fnmatch(3)` without flags).
pub fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut star) = (0, 0, None);
    loop {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            None if n == name.len() => return true,
            Some(_) if n < name.len() => {
                if let Some(next) = glob_one(&pattern, p, name[n]) {
                    (p, n) = (next, n + 1);
                    continue;
                }
            }
            _ => {}
        }
        // Lets the last star take one character more.
        match star {
            Some((at, taken)) if taken < name.len() => {
                star = Some((at, taken + 1));
                (p, n) = (at + 1, taken + 1);
            }
            _ => return false,
        }
    }
}

/// Where the pattern goes on if its piece at `p` matches `c`.
fn glob_one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match pattern[p] {
        '?' => Some(p + 1),
        '\\' if p + 1 < pattern.len() => (pattern[p + 1] == c).then_some(p + 2),
        '[' => {
            let negated = matches!(pattern.get(p + 1), Some('!' | '^'));
            let start = p + 1 + usize::from(negated);
            let Some(end) = (start + 1..pattern.len()).find(|at| pattern[*at] == ']') else {
                return (c == '[').then_some(p + 1);
            };
            let (mut at, mut found) = (start, false);
            while at < end {
                if pattern.get(at + 1) == Some(&'-') && at + 2 < end {
                    found |= (pattern[at]..=pattern[at + 2]).contains(&c);
                    at += 3;
                } else {
                    found |= pattern[at] == c;
                    at += 1;
                }
            }
            (found != negated).then_some(end + 1)
        }
        literal => (literal == c).then_some(p + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let shown = [0, 1023, 1024, 4096, 10_240, 1_048_576, 1_600_000].map(human_size);
        assert_eq!(shown, ["0", "1023", "1.0K", "4.0K", "10K", "1.0M", "1.6M"]);
    }

    #[test]
    fn modes() {
        assert_eq!(mode_string(0o755), "rwxr-xr-x");
        assert_eq!(mode_string(0o4711), "rws--x--x");
        assert_eq!(mode_string(0o1776), "rwxrwxrwT");
    }

    #[test]
    fn databases() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nredis:x:999:999::/home:/bin/sh\n";
        assert_eq!(name_of(passwd, 999), Some("redis"));
        assert_eq!(id_of(passwd, "root"), Some(0));
        assert_eq!(id_of(passwd, "nobody"), None);
    }
}
