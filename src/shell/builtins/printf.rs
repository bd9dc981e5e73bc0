//! `printf`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};
use crate::text::{Escapes, backslash_quote, unescape};

pub const BUILTIN: Builtin = builtin!(
    "printf",
    "printf [-v var] format [arguments]",
    "Formats and prints ARGUMENTS under control of the FORMAT.",
    false,
    All,
    run
);

/// Bytes that one call may make.
const MAX_OUTPUT: usize = 32 << 20;

/// Columns that one field may be padded to.
const MAX_WIDTH: usize = 16 << 20;

/// Digits that a number may be asked for: Rust's formatting takes 65,535 at most, and panics beyond.
const MAX_PRECISION: usize = 60_000;

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let known = if shell.is_bash() { "v:" } else { "" };
    let Some(options) = shell.options(name, args, known).await else { return Ok(2) };
    let Some((format, arguments)) = options.operands.split_first() else {
        shell.usage(name).await;
        return Ok(2);
    };
    let (format, _) = unescape_format(format);
    let mut printer = Printer {
        out: String::new(),
        arguments,
        at: 0,
        problems: Vec::new(),
        stopped: false,
        now: shell.sys.wall_clock().seconds(),
    };
    loop {
        let before = printer.at;
        printer.once(&format);
        shell.sys.tick(1_000).await;
        if printer.out.len() > MAX_OUTPUT {
            printer.problems.push("write error: Cannot allocate memory".into());
            break;
        }
        if printer.stopped || printer.at >= arguments.len() || printer.at == before {
            break;
        }
    }
    let Printer { out, problems, .. } = printer;
    let mut status = 0;
    for problem in problems {
        shell.builtin_error(name, problem).await;
        status = 1;
    }
    match options.value('v') {
        Some(variable) => {
            let (variable, index) = match variable.strip_suffix(']').and_then(|text| text.split_once('[')) {
                Some((variable, index)) => (variable, Some(index)),
                None => (variable, None),
            };
            if let Err(message) = shell.assign_text(variable, index, out) {
                shell.builtin_error(name, message).await;
                status = 1;
            }
            Ok(status)
        }
        None => Ok(status | shell.print_from(name, &out).await),
    }
}

/// Escapes of the format, but `%` signs that come out of them stay plain.
fn unescape_format(format: &str) -> (String, bool) {
    unescape(format, Escapes::PrintfFormat)
}

struct Printer<'a> {
    out: String,
    arguments: &'a [String],
    at: usize,
    problems: Vec<String>,
    stopped: bool,
    now: i64,
}

/// A conversion specification.
#[derive(Default)]
struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

impl Printer<'_> {
    fn next(&mut self) -> Option<&str> {
        let argument = self.arguments.get(self.at).map(String::as_str);
        self.at += usize::from(argument.is_some());
        argument
    }

    /// Goes through the format once.
    fn once(&mut self, format: &str) {
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '%' {
                self.out.push(c);
                continue;
            }
            if chars.peek() == Some(&'%') {
                chars.next();
                self.out.push('%');
                continue;
            }
            let spec = self.spec(&mut chars);
            match chars.next() {
                Some(conversion) => self.convert(&spec, conversion, &mut chars),
                None => {
                    self.problems.push("`%': missing format character".into());
                    self.stopped = true;
                }
            }
            if self.stopped {
                return;
            }
        }
    }

    fn spec(&mut self, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Spec {
        let mut spec = Spec::default();
        while let Some(&c) = chars.peek() {
            match c {
                '-' => spec.left = true,
                '0' => spec.zero = true,
                '+' => spec.plus = true,
                ' ' => spec.space = true,
                '#' => spec.alternate = true,
                '\'' => {}
                _ => break,
            }
            chars.next();
        }
        if let Some(width) = self.count(chars) {
            spec.left |= width < 0;
            spec.width = (width.unsigned_abs() as usize).min(MAX_WIDTH);
        }
        if chars.peek() == Some(&'.') {
            chars.next();
            let precision = self.count(chars).unwrap_or(0);
            spec.precision = usize::try_from(precision).ok().map(|precision| precision.min(MAX_PRECISION));
        }
        while matches!(chars.peek(), Some('l' | 'h' | 'j' | 'z' | 't' | 'L')) {
            chars.next();
        }
        spec
    }

    fn count(&mut self, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<i64> {
        if chars.peek() == Some(&'*') {
            chars.next();
            return Some(self.next().and_then(|text| text.parse().ok()).unwrap_or(0));
        }
        let mut value: Option<i64> = None;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(i64::from(digit)));
            chars.next();
        }
        value
    }

    fn convert(&mut self, spec: &Spec, conversion: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        match conversion {
            's' => {
                let text = self.next().unwrap_or("").to_string();
                self.text(spec, &text);
            }
            'b' => {
                let (text, stopped) = unescape(self.next().unwrap_or(""), Escapes::PrintfB);
                self.text(spec, &text);
                self.stopped = stopped;
            }
            'q' => {
                let text = backslash_quote(self.next().unwrap_or(""));
                self.text(spec, &text);
            }
            'c' => {
                let text: String = self.next().unwrap_or("").chars().take(1).collect();
                self.text(spec, &text);
            }
            'd' | 'i' => {
                let value = self.integer();
                self.signed(spec, value);
            }
            'u' | 'o' | 'x' | 'X' => {
                let value = self.integer() as u64;
                self.unsigned(spec, conversion, value);
            }
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                let value = self.float();
                let body = float(value.abs(), conversion, spec.precision.unwrap_or(6), spec.alternate);
                self.number(spec, sign(spec, value.is_sign_negative() && !value.is_nan()), &body, value.is_finite());
            }
            '(' => {
                let format: String = chars.by_ref().take_while(|c| *c != ')').collect();
                chars.next();
                let at = match self.next() {
                    None | Some("-1" | "-2") => self.now,
                    Some(text) => text.parse().unwrap_or(self.now),
                };
                let format = if format.is_empty() { "%X" } else { &format };
                let text = machine::calendar::strftime(format, at);
                self.text(spec, &text);
            }
            other => {
                self.problems.push(format!("`{other}': invalid format character"));
                self.stopped = true;
            }
        }
    }

    fn pad(&mut self, spec: &Spec, text: &str) {
        // Widths are bytes, as in bash before 5.3.
        let fill = spec.width.saturating_sub(machine::text::to_bytes(text).len());
        if !spec.left {
            self.out.push_str(&" ".repeat(fill));
        }
        self.out.push_str(text);
        if spec.left {
            self.out.push_str(&" ".repeat(fill));
        }
    }

    fn text(&mut self, spec: &Spec, text: &str) {
        let cut: String = match spec.precision {
            Some(precision) => {
                let bytes = machine::text::to_bytes(text);
                machine::text::from_bytes(&bytes[..precision.min(bytes.len())])
            }
            None => text.to_string(),
        };
        self.pad(spec, &cut);
    }

    fn number(&mut self, spec: &Spec, sign: &str, digits: &str, zeros: bool) {
        let length = sign.len() + digits.chars().count();
        if spec.zero && !spec.left && zeros && spec.width > length {
            let fill = "0".repeat(spec.width - length);
            self.out.push_str(&format!("{sign}{fill}{digits}"));
        } else {
            self.pad(spec, &format!("{sign}{digits}"));
        }
    }

    fn signed(&mut self, spec: &Spec, value: i64) {
        let mut digits = value.unsigned_abs().to_string();
        if let Some(precision) = spec.precision {
            digits = format!("{}{digits}", "0".repeat(precision.saturating_sub(digits.len())));
        }
        self.number(spec, sign(spec, value < 0), &digits, spec.precision.is_none());
    }

    fn unsigned(&mut self, spec: &Spec, conversion: char, value: u64) {
        let mut digits = match conversion {
            'o' => format!("{value:o}"),
            'x' => format!("{value:x}"),
            'X' => format!("{value:X}"),
            _ => value.to_string(),
        };
        if let Some(precision) = spec.precision {
            digits = format!("{}{digits}", "0".repeat(precision.saturating_sub(digits.len())));
        }
        let prefix = match conversion {
            'o' if spec.alternate => "0",
            'x' if spec.alternate && value != 0 => "0x",
            'X' if spec.alternate && value != 0 => "0X",
            _ => "",
        };
        self.number(spec, prefix, &digits, spec.precision.is_none());
    }

    /// An argument as an integer: decimal, `0x`, `0`, or a quote and a character.
    fn integer(&mut self) -> i64 {
        let Some(text) = self.next().map(str::to_string) else { return 0 };
        if let Some(c) = text.strip_prefix(['\'', '"']) {
            return c.chars().next().map_or(0, |c| i64::from(u32::from(c)));
        }
        let trimmed = text.trim_start();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (radix, digits) = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            (16, hex)
        } else if digits.len() > 1 && digits.starts_with('0') {
            (8, digits.get(1..).unwrap_or(""))
        } else {
            (10, digits)
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let valid = digits.get(..end).unwrap_or("");
        if end < digits.len() || (valid.is_empty() && radix != 8 && !text.is_empty()) {
            let what = if radix == 8 && end < digits.len() { "invalid octal number" } else { "invalid number" };
            self.problems.push(format!("{text}: {what}"));
        }
        let value = u64::from_str_radix(valid, radix).unwrap_or(if valid.is_empty() { 0 } else { u64::MAX }) as i64;
        if negative { value.wrapping_neg() } else { value }
    }

    fn float(&mut self) -> f64 {
        let Some(text) = self.next().map(str::to_string) else { return 0.0 };
        if let Some(c) = text.strip_prefix(['\'', '"']) {
            return c.chars().next().map_or(0.0, |c| f64::from(u32::from(c)));
        }
        match text.trim().parse::<f64>() {
            Ok(value) => value,
            Err(_) if text.is_empty() => 0.0,
            Err(_) => {
                self.problems.push(format!("{text}: invalid number"));
                let end = text.find(|c: char| !c.is_ascii_digit() && !".-+".contains(c)).unwrap_or(text.len());
                text.get(..end).and_then(|text| text.parse().ok()).unwrap_or(0.0)
            }
        }
    }
}

fn sign(spec: &Spec, negative: bool) -> &'static str {
    match (negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

/// A float as C's `printf` shows it.
fn float(value: f64, conversion: char, precision: usize, alternate: bool) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return "inf".into();
    }
    let text = match conversion.to_ascii_lowercase() {
        'f' => format!("{value:.precision$}"),
        'e' => exponent(value, precision),
        _ => {
            let digits = precision.max(1);
            let scale = if value == 0.0 {
                0
            } else {
                exponent(value, digits - 1).rsplit('e').next().and_then(|e| e.parse().ok()).unwrap_or(0)
            };
            if scale < -4 || scale >= digits as i32 {
                let text = exponent(value, digits - 1);
                let (mantissa, power) = text.split_once('e').unwrap_or((&text, "+00"));
                format!("{}e{power}", if alternate { mantissa } else { trim_zeros(mantissa) })
            } else {
                let places = (digits as i32 - 1 - scale).max(0) as usize;
                let text = format!("{value:.places$}");
                if alternate { text } else { trim_zeros(&text).to_string() }
            }
        }
    };
    if conversion.is_ascii_uppercase() { text.to_uppercase() } else { text }
}

fn exponent(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    format!("{mantissa}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_cs() {
        for (value, conversion, precision, expected) in [
            (2.71, 'f', 1, "2.7"),
            (1234.5, 'e', 3, "1.234e+03"),
            (0.0001, 'g', 6, "0.0001"),
            (0.00001, 'g', 6, "1e-05"),
            (100000.0, 'g', 6, "100000"),
            (1000000.0, 'g', 6, "1e+06"),
            (2.5, 'g', 6, "2.5"),
            (0.0, 'g', 6, "0"),
        ] {
            assert_eq!(float(value, conversion, precision, false), expected);
        }
    }
}
