//! Values: numbers, strings, and strings from the input that look like numbers.

use std::rc::Rc;

use crate::utilities::printf::{self, shortest};

/// A scalar.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Never set: 0 and the empty string at once.
    #[default]
    Unset,
    Number(f64),
    Text(Rc<str>),
    /// From the input, and it looks like this number.
    Numeric(Rc<str>, f64),
}

impl Value {
    /// A string constant or the result of a string operation.
    pub fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    /// A string from outside: a field, a line, an argument. It counts as a number if it looks like one.
    pub fn from_input(text: &str) -> Value {
        let (value, length) = number_prefix(text.trim_start_matches(BLANKS), true);
        let rest = text.trim_start_matches(BLANKS).get(length..).unwrap_or("");
        if length > 0 && rest.trim_matches(BLANKS).is_empty() {
            Value::Numeric(text.into(), value)
        } else {
            Value::Text(text.into())
        }
    }

    /// As a number.
    pub fn number(&self) -> f64 {
        match self {
            Value::Unset => 0.0,
            Value::Number(n) | Value::Numeric(_, n) => *n,
            Value::Text(text) => number_prefix(text.trim_start_matches(BLANKS), true).0,
        }
    }

    /// As a string; numbers that are no integers go through `format` (`CONVFMT` or `OFMT`).
    pub fn string(&self, format: &Format) -> Rc<str> {
        match self {
            Value::Unset => "".into(),
            Value::Number(n) => number_text(*n, format).into(),
            Value::Text(text) | Value::Numeric(text, _) => text.clone(),
        }
    }

    /// Whether it counts as true.
    pub fn is_true(&self) -> bool {
        match self {
            Value::Unset => false,
            Value::Number(n) | Value::Numeric(_, n) => *n != 0.0,
            Value::Text(text) => !text.is_empty(),
        }
    }

    /// Whether it compares as a number.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Value::Text(_))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Number(number)
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Value {
        Value::Number(f64::from(u8::from(is)))
    }
}

const BLANKS: [char; 6] = [' ', '\t', '\n', '\r', '\u{b}', '\u{c}'];

/// How numbers become text.
#[derive(Clone, Debug)]
pub struct Format {
    /// `CONVFMT` or `OFMT`, for numbers that are no integers.
    pub text: Rc<str>,
    /// Integers up to this are written as such.
    pub largest: f64,
}

/// A number as text.
pub fn number_text(number: f64, format: &Format) -> String {
    if number == number.trunc() && number.abs() <= format.largest {
        return (number as i64).to_string();
    }
    if &*format.text == "%.6g" && number.is_finite() {
        return short_text(number);
    }
    printf::one_number(&format.text, number)
}

/// A number with six digits (`%.6g`).
pub fn short_text(number: f64) -> String {
    let text = shortest(number.abs(), 6, false);
    if number < 0.0 { format!("-{text}") } else { text }
}

/// The number at the beginning of a text and how long it is; `strtod(3)` with hexadecimal, infinities and NaN if
/// `wide`.
pub fn number_prefix(text: &str, wide: bool) -> (f64, usize) {
    let bytes = text.as_bytes();
    let sign = usize::from(wide && matches!(bytes.first(), Some(b'+' | b'-')));
    let factor = if bytes.first() == Some(&b'-') && sign == 1 { -1.0 } else { 1.0 };
    let rest = &bytes[sign..];
    if wide {
        if let [b'0', b'x' | b'X', digits @ ..] = rest
            && digits.first().is_some_and(u8::is_ascii_hexdigit)
        {
            let count = digits.iter().take_while(|d| d.is_ascii_hexdigit()).count();
            let value = digits[..count]
                .iter()
                .fold(0.0, |sum, d| sum * 16.0 + f64::from(char::from(*d).to_digit(16).unwrap_or(0)));
            return (factor * value, sign + 2 + count);
        }
        for (word, value) in [("infinity", f64::INFINITY), ("inf", f64::INFINITY), ("nan", f64::NAN)] {
            if rest.get(..word.len()).is_some_and(|r| r.eq_ignore_ascii_case(word.as_bytes())) && sign == 1 {
                return (factor * value, sign + word.len());
            }
        }
    }
    let digits = |from: usize| rest[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(0);
    let mut end = whole;
    if rest.get(end) == Some(&b'.') {
        let decimals = digits(end + 1);
        if whole + decimals > 0 {
            end += 1 + decimals;
        }
    }
    if end == 0 {
        return (0.0, 0);
    }
    if matches!(rest.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
        let exponent = rest.get(end + 1 + signed..).map_or(0, |r| r.iter().take_while(|b| b.is_ascii_digit()).count());
        if exponent > 0 {
            end += 1 + signed + exponent;
        }
    }
    (factor * text[sign..sign + end].parse::<f64>().unwrap_or(0.0), sign + end)
}
