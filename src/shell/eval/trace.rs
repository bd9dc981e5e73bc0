//! `set -x`, and the format of `time`.

use crate::shell::Shell;

impl Shell {
    /// Prints a line of `set -x`.
    pub async fn trace(&mut self, text: &str) {
        let ps4 = self.vars.text("PS4").unwrap_or("+ ").to_string();
        let prompt = if ps4.contains(['$', '`', '\\']) { Box::pin(self.expand_ps(&ps4)).await } else { ps4 };
        // The first character is repeated for each level of indirection.
        let mut chars = prompt.chars();
        let first = chars.next().map(String::from).unwrap_or_default();
        let repeated = if self.is_bash() { first.repeat(self.trace_level as usize + 1) } else { first };
        self.error_text(&format!("{repeated}{}{text}\n", chars.as_str())).await;
    }
}

/// `TIMEFORMAT`: `%[precision][l]R`, `U`, `S`, `P`.
pub fn time_format(format: &str, real: u64, user: u64, system: u64) -> String {
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut precision = 3;
        if let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            precision = digit.min(3) as usize;
            chars.next();
        }
        let long = chars.peek() == Some(&'l');
        if long {
            chars.next();
        }
        match chars.next() {
            Some('R') => out.push_str(&seconds(real, precision, long)),
            Some('U') => out.push_str(&seconds(user, precision, long)),
            Some('S') => out.push_str(&seconds(system, precision, long)),
            Some('P') => {
                let percent = (user + system) * 10_000 / real.max(1);
                out.push_str(&format!("{}.{:02}", percent / 100, percent % 100));
            }
            Some('%') => out.push('%'),
            Some(other) => {
                out.push('%');
                out.push(other);
            }
            None => out.push('%'),
        }
    }
    out.push('\n');
    out
}

fn seconds(nanos: u64, precision: usize, long: bool) -> String {
    let (whole, millis) = (nanos / 1_000_000_000, nanos / 1_000_000 % 1000);
    let fraction: String = format!("{millis:03}").chars().take(precision).collect();
    let point = if precision > 0 { "." } else { "" };
    if long { format!("{}m{}{point}{fraction}s", whole / 60, whole % 60) } else { format!("{whole}{point}{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_bash_shows_them() {
        assert_eq!(time_format("\nreal\t%3lR", 61_234_567_890, 0, 0), "\nreal\t1m1.234s\n");
        assert_eq!(time_format("%R %2U %0S %P%%", 2_000_000_000, 500_000_000, 0), "2.000 0.50 0 25.00%\n");
    }
}
