//! `printf`: arguments in a format.

use machine::ExitCode;

use crate::context::Context;
use crate::escapes::unescape;

const USAGE: &str = "\
Usage: printf FORMAT [ARGUMENT]...
  or:  printf OPTION
Print ARGUMENT(s) according to FORMAT, or execute according to OPTION:

      --help        display this help and exit
      --version     output version information and exit
";

/// Widest field; with an exponent's digits it stays below what Rust's formatting takes (65,535).
const WIDEST: usize = 60_000;

/// A conversion: `%-5.2f`.
#[derive(Default, Debug)]
struct Conversion {
    left: bool,
    plus: bool,
    space: bool,
    zero: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
    letter: char,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut args = cx.args.clone();
    match args.first().map(|s| &**s) {
        Some("--help") => {
            cx.put(USAGE.as_bytes()).await;
            return ExitCode::SUCCESS;
        }
        Some("--") => drop(args.remove(0)),
        _ => {}
    }
    if args.is_empty() {
        return cx.usage_error("missing operand").await;
    }
    let format: Vec<char> = args.remove(0).chars().collect();
    let mut args = args.into_iter().peekable();
    loop {
        let before = args.len();
        match once(cx, &format, &mut args).await {
            Ok(true) => return cx.status(),
            Ok(false) => {}
            Err(status) => return status,
        }
        if args.peek().is_none() || args.len() == before {
            break;
        }
        cx.sys.tick(1000).await;
    }
    if let Some(extra) = args.next() {
        let name = cx.name.clone();
        let text = format!("{name}: warning: ignoring excess arguments, starting with {}\n", cx.quote(&extra));
        cx.complain(&text).await;
    }
    cx.status()
}

type Args = std::iter::Peekable<std::vec::IntoIter<String>>;

/// Goes through the format once; whether `\c` ended the output.
async fn once(cx: &mut Context, format: &[char], args: &mut Args) -> Result<bool, ExitCode> {
    let mut at = 0;
    while let Some(&c) = format.get(at) {
        if c != '%' {
            let end = format[at..].iter().position(|c| *c == '%').map_or(format.len(), |n| at + n);
            let literal: String = format[at..end].iter().collect();
            let unescaped = unescape(&literal, false);
            cx.put(&unescaped.bytes).await;
            if unescaped.stopped {
                return Ok(true);
            }
            at = end;
            continue;
        }
        let start = at;
        at += 1;
        if format.get(at) == Some(&'%') {
            cx.put(b"%").await;
            at += 1;
            continue;
        }
        let conversion = read_conversion(format, &mut at, args);
        if !"diouxXcsbqeEfFgGaA".contains(conversion.letter) || conversion.letter == '\0' {
            let text: String = format[start..at.min(format.len())].iter().collect();
            cx.flush().await;
            cx.error(format_args!("{text}: invalid conversion specification")).await;
            return Err(ExitCode::FAILURE);
        }
        let argument = args.next();
        if conversion.letter == 'b' {
            let unescaped = unescape(argument.as_deref().unwrap_or(""), true);
            cx.put(&unescaped.bytes).await;
            if unescaped.stopped {
                return Ok(true);
            }
            continue;
        }
        let (bytes, complaint) = convert(&conversion, argument.as_deref());
        cx.put(&bytes).await;
        if let (Some(complaint), Some(argument)) = (complaint, argument) {
            let text = format!("{}: {complaint}", cx.quote(&argument));
            cx.error(text).await;
        }
    }
    Ok(false)
}

/// A number in a format with one conversion (`seq -f`).
pub fn one_number(format: &str, value: f64) -> String {
    let format: Vec<char> = format.chars().collect();
    let mut args = Vec::new().into_iter().peekable();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(&c) = format.get(at) {
        at += 1;
        match format.get(at) {
            Some('%') if c == '%' => {
                out.push('%');
                at += 1;
            }
            _ if c == '%' => {
                let conversion = read_conversion(&format, &mut at, &mut args);
                out.push_str(&String::from_utf8_lossy(&pad_number(&conversion, &real_text(&conversion, value))));
            }
            _ => out.push(c),
        }
    }
    out
}

/// An argument of one conversion.
pub enum Argument {
    /// For `%d` and its like.
    Integer(i128),
    /// For `%f` and its like.
    Real(f64),
    /// For `%s` and `%c`.
    Text(Vec<u8>),
}

/// One conversion, given as what stands behind its `%`.
pub fn formatted(spec: &str, argument: &Argument) -> Vec<u8> {
    let spec: Vec<char> = spec.chars().collect();
    let conversion = read_conversion(&spec, &mut 0, &mut Vec::new().into_iter().peekable());
    match argument {
        Argument::Integer(value) => pad_number(&conversion, &integer_text(&conversion, *value)),
        Argument::Real(value) => pad_number(&conversion, &real_text(&conversion, *value)),
        Argument::Text(bytes) => {
            let length = conversion.precision.unwrap_or(usize::MAX).min(bytes.len());
            pad(&conversion, bytes.get(..length).unwrap_or_default().to_vec())
        }
    }
}

fn read_conversion(format: &[char], at: &mut usize, args: &mut Args) -> Conversion {
    let mut conversion = Conversion::default();
    while let Some(c) = format.get(*at) {
        match c {
            '-' => conversion.left = true,
            '+' => conversion.plus = true,
            ' ' => conversion.space = true,
            '0' => conversion.zero = true,
            '#' => conversion.alternate = true,
            '\'' => {}
            _ => break,
        }
        *at += 1;
    }
    if let Some(width) = count(format, at, args) {
        conversion.left |= width < 0;
        conversion.width = (width.unsigned_abs() as usize).min(WIDEST);
    }
    if format.get(*at) == Some(&'.') {
        *at += 1;
        let precision = count(format, at, args).unwrap_or(0);
        conversion.precision = usize::try_from(precision).ok().map(|p| p.min(WIDEST));
    }
    while matches!(format.get(*at), Some('h' | 'l' | 'L' | 'j' | 'z' | 't')) {
        *at += 1;
    }
    conversion.letter = format.get(*at).copied().unwrap_or('\0');
    *at += 1;
    conversion
}

fn count(format: &[char], at: &mut usize, args: &mut Args) -> Option<i64> {
    if format.get(*at) == Some(&'*') {
        *at += 1;
        return Some(args.next().and_then(|a| a.parse().ok()).unwrap_or(0));
    }
    let digits: String = format.get(*at..)?.iter().take_while(|c| c.is_ascii_digit()).collect();
    *at += digits.len();
    digits.parse().ok()
}

/// A converted argument, and what is wrong with it.
fn convert(conversion: &Conversion, argument: Option<&str>) -> (Vec<u8>, Option<&'static str>) {
    let text = argument.unwrap_or("");
    match conversion.letter {
        's' | 'q' => {
            let mut bytes =
                machine::text::to_bytes(&if conversion.letter == 'q' { shell_quoted(text) } else { text.to_string() });
            bytes.truncate(conversion.precision.unwrap_or(usize::MAX));
            (pad(conversion, bytes), None)
        }
        'c' => {
            let mut bytes = machine::text::to_bytes(text);
            bytes.truncate(1);
            (pad(conversion, bytes), None)
        }
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'a' | 'A' => {
            let (value, complaint) = real(text);
            (pad_number(conversion, &real_text(conversion, value)), complaint)
        }
        _ => {
            let (value, complaint) = integer(text);
            (pad_number(conversion, &integer_text(conversion, value)), complaint)
        }
    }
}

const NOT_A_NUMBER: &str = "expected a numeric value";
const HALF_A_NUMBER: &str = "value not completely converted";

/// `strtol` with base 0; `'x` is the character's number.
fn integer(text: &str) -> (i128, Option<&'static str>) {
    if let Some(c) = text.strip_prefix(['\'', '"']).and_then(|rest| rest.chars().next()) {
        return (i128::from(u32::from(c)), None);
    }
    if text.is_empty() {
        return (0, None);
    }
    let trimmed = text.trim_start();
    let (sign, digits) = match trimmed.strip_prefix(['-', '+']) {
        Some(rest) => (if trimmed.starts_with('-') { -1 } else { 1 }, rest),
        None => (1, trimmed),
    };
    let (base, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(rest) => (16, rest),
        None if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        None => (10, digits),
    };
    let end = digits.find(|c: char| !c.is_digit(base)).unwrap_or(digits.len());
    let complaint = match end {
        0 => Some(NOT_A_NUMBER),
        _ if end < digits.len() => Some(HALF_A_NUMBER),
        _ => None,
    };
    match i128::from_str_radix(&digits[..end], base) {
        Ok(value) if i64::try_from(sign * value).is_ok() || (sign > 0 && u64::try_from(value).is_ok()) => {
            (sign * value, complaint)
        }
        Ok(_) => {
            (if sign < 0 { i128::from(i64::MIN) } else { i128::from(i64::MAX) }, Some("Numerical result out of range"))
        }
        Err(_) => (0, complaint),
    }
}

fn real(text: &str) -> (f64, Option<&'static str>) {
    if text.is_empty() {
        return (0.0, None);
    }
    let trimmed = text.trim_start();
    for end in (1..=trimmed.len()).rev().filter(|end| trimmed.is_char_boundary(*end)) {
        if let Ok(value) = trimmed[..end].parse::<f64>() {
            return (value, (end < trimmed.len()).then_some(HALF_A_NUMBER));
        }
    }
    (0.0, Some(NOT_A_NUMBER))
}

fn signed(conversion: &Conversion, negative: bool) -> &'static str {
    match () {
        () if negative => "-",
        () if conversion.plus => "+",
        () if conversion.space => " ",
        () => "",
    }
}

fn integer_text(conversion: &Conversion, value: i128) -> String {
    let wrapped = value as u64;
    let digits = match conversion.letter {
        'd' | 'i' => value.unsigned_abs().to_string(),
        'u' => wrapped.to_string(),
        'o' => format!("{wrapped:o}"),
        'x' => format!("{wrapped:x}"),
        _ => format!("{wrapped:X}"),
    };
    let digits = format!("{digits:0>width$}", width = conversion.precision.unwrap_or(1));
    let prefix = match conversion.letter {
        'd' | 'i' => signed(conversion, value < 0),
        'x' if conversion.alternate && value != 0 => "0x",
        'X' if conversion.alternate && value != 0 => "0X",
        'o' if conversion.alternate => "0",
        _ => "",
    };
    format!("{prefix}{digits}")
}

fn real_text(conversion: &Conversion, value: f64) -> String {
    let (sign, value) = (signed(conversion, value.is_sign_negative()), value.abs());
    let upper = conversion.letter.is_ascii_uppercase();
    let precision = conversion.precision.unwrap_or(6);
    let text = match conversion.letter.to_ascii_lowercase() {
        _ if value.is_infinite() => "inf".into(),
        _ if value.is_nan() => "nan".into(),
        'f' => format!("{value:.precision$}"),
        'e' => exponent_text(value, precision),
        _ => shortest(value, precision.max(1), conversion.alternate),
    };
    format!("{sign}{}", if upper { text.to_uppercase() } else { text })
}

/// `%e`: at least two digits of exponent.
fn exponent_text(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// `%g`.
pub fn shortest(value: f64, precision: usize, keep_zeros: bool) -> String {
    let scientific = exponent_text(value, precision - 1);
    let exponent: i32 = scientific.rsplit_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let trim = |text: &str| {
        if keep_zeros || !text.contains('.') {
            text.to_string()
        } else {
            text.trim_end_matches('0').trim_end_matches('.').to_string()
        }
    };
    if exponent < -4 || exponent >= precision as i32 {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "+00"));
        return format!("{}e{exponent}", trim(mantissa));
    }
    trim(&format!("{value:.decimals$}", decimals = (precision as i32 - 1 - exponent).max(0) as usize))
}

fn pad(conversion: &Conversion, bytes: Vec<u8>) -> Vec<u8> {
    let gap = vec![b' '; conversion.width.saturating_sub(bytes.len())];
    if conversion.left { [bytes, gap].concat() } else { [gap, bytes].concat() }
}

fn pad_number(conversion: &Conversion, text: &str) -> Vec<u8> {
    let integer = "diouxX".contains(conversion.letter);
    if conversion.zero && !conversion.left && !(integer && conversion.precision.is_some()) {
        let at = text.find(|c: char| !matches!(c, '-' | '+' | ' ')).unwrap_or(0);
        let at = if text[at..].starts_with("0x") || text[at..].starts_with("0X") { at + 2 } else { at };
        let zeros = "0".repeat(conversion.width.saturating_sub(text.len()));
        return format!("{}{zeros}{}", &text[..at], &text[at..]).into_bytes();
    }
    pad(conversion, text.as_bytes().to_vec())
}

/// A word quoted so that a shell reads it back.
fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:,+%@=".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_string() } else { crate::text::quote(text) }
}
