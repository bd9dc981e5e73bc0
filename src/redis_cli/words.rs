//! Words: how redis-cli splits a typed line, quotes bytes for showing, reads numbers out of text.

/// Splits a line into arguments, quotes bytes for showing.
pub use resp::{push_repr as quote_into, repr as quote, split_args as split};

/// What C's `isspace` takes for space.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// C's `atoi`, `strtol` and `strtoll`: the number at the start and how many bytes it took; 0 and 0 without one.
pub fn leading_integer(text: &str) -> (i64, usize) {
    let bytes = text.as_bytes();
    let mut at = bytes.iter().take_while(|b| is_space(**b)).count();
    let negative = bytes.get(at) == Some(&b'-');
    if negative || bytes.get(at) == Some(&b'+') {
        at += 1;
    }
    let first = at;
    let mut value: i64 = 0;
    while let Some(digit) = bytes.get(at).filter(|b| b.is_ascii_digit()) {
        let digit = i64::from(digit - b'0');
        value = value.saturating_mul(10);
        value = if negative { value.saturating_sub(digit) } else { value.saturating_add(digit) };
        at += 1;
    }
    if at == first { (0, 0) } else { (value, at) }
}

/// C's `atoi`; what is no 32-bit number becomes the nearest one.
pub fn atoi(text: &str) -> i64 {
    leading_integer(text).0.clamp(i64::from(i32::MIN), i64::from(i32::MAX))
}

/// C's `atoll`.
pub fn atoll(text: &str) -> i64 {
    leading_integer(text).0
}

/// C's `strtod` without hexadecimal: the number at the start and how many bytes it took.
pub fn leading_float(text: &str) -> (f64, usize) {
    let start = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let rest = text.get(start..).unwrap_or_default();
    let unsigned = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    for (name, value) in [("infinity", f64::INFINITY), ("inf", f64::INFINITY), ("nan", f64::NAN)] {
        if unsigned.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name)) {
            let value = if rest.starts_with('-') { -value } else { value };
            return (value, start + rest.len() - unsigned.len() + name.len());
        }
    }
    let mut end = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
    while end > 0 {
        if let Some(Ok(value)) = rest.get(..end).map(str::parse) {
            return (value, start + end);
        }
        end -= 1;
    }
    (0.0, 0)
}

/// C's `atof`.
pub fn atof(text: &str) -> f64 {
    leading_float(text).0
}

/// The word equals a name, whatever the case.
pub fn is(word: &[u8], name: &str) -> bool {
    word.eq_ignore_ascii_case(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_like_c() {
        assert_eq!((atoi("12ab"), atoi("abc"), atoi(" -7")), (12, 0, -7));
        assert_eq!((leading_float("-inf"), leading_float("+InfX")), ((f64::NEG_INFINITY, 4), (f64::INFINITY, 4)));
        assert_eq!((leading_float("nan").1, leading_float("1.5e").1, leading_float("in").1), (3, 3, 0));
        assert_eq!(leading_integer("99999999999999999999").0, i64::MAX);
        assert_eq!((leading_float("0.5x"), leading_float("x")), ((0.5, 3), (0.0, 0)));
    }
}
