//! Adding decimal numbers as INCRBYFLOAT does: in x87 extended precision (64 bits of mantissa, as `long double`
//! has on x86), shown with 17 decimals and no trailing zeros.
//!
//! Reading, adding and showing are exact with large integers; rounding to 64 bits happens where the processor does it.

use super::big::Big;
use super::cx::{Fail, err};

/// Longer texts are no numbers to Redis.
const MAX_TEXT: usize = 5 * 1024;
/// Exponents of ten beyond which a number is infinite or nothing.
const MAX_EXPONENT: i64 = 4950;
/// Exponents of two of the largest and the smallest number.
const BINARY: std::ops::RangeInclusive<i64> = -16_445..=16_384;
const DECIMALS: usize = 17;

/// `mantissa * 2^exponent`; the mantissa has 64 bits or is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extended {
    negative: bool,
    mantissa: u64,
    exponent: i64,
}

const ZERO: Extended = Extended { negative: false, mantissa: 0, exponent: 0 };

enum Number {
    Finite(Extended),
    Infinite,
}

impl Extended {
    /// Rounds `big * 2^exponent` to 64 bits, half to even; `rest` says that a little is left behind the last bit.
    fn round(negative: bool, big: &Big, exponent: i64, rest: bool) -> Extended {
        let bits = big.bits();
        if bits == 0 {
            return Extended { negative, ..ZERO };
        }
        if bits <= 64 {
            let shift = 64 - bits;
            return Extended { negative, mantissa: big.low() << shift, exponent: exponent - shift as i64 };
        }
        let drop = bits - 64;
        let mut mantissa = big.shifted_right(drop).low();
        let mut exponent = exponent + drop as i64;
        let half = big.bit(drop - 1);
        let below = rest || big.any_below(drop - 1);
        if half && (below || mantissa & 1 == 1) {
            mantissa = mantissa.wrapping_add(1);
            if mantissa == 0 {
                mantissa = 1 << 63;
                exponent += 1;
            }
        }
        Extended { negative, mantissa, exponent }
    }

    fn in_range(self) -> bool {
        self.mantissa == 0 || BINARY.contains(&(self.exponent + 64))
    }

    fn plus(self, other: Extended) -> Extended {
        if self.mantissa == 0 || other.mantissa == 0 {
            return if self.mantissa == 0 { other } else { self };
        }
        let exponent = self.exponent.min(other.exponent);
        let aligned = |x: Extended| Big::from(x.mantissa).shifted_left((x.exponent - exponent) as usize);
        let (a, b) = (aligned(self), aligned(other));
        if self.negative == other.negative {
            return Extended::round(self.negative, &a.plus(&b), exponent, false);
        }
        if a == b {
            return ZERO;
        }
        let (large, small, negative) = if a > b { (a, b, self.negative) } else { (b, a, other.negative) };
        Extended::round(negative, &large.minus(&small), exponent, false)
    }

    /// With 17 decimals, rounded half to even, less the zeros at the end.
    fn show(self) -> String {
        let scaled = Big::from(self.mantissa).times_power_of_ten(DECIMALS);
        let scaled = match usize::try_from(self.exponent) {
            Ok(up) => scaled.shifted_left(up),
            Err(_) => {
                let down = self.exponent.unsigned_abs() as usize;
                let whole = scaled.shifted_right(down);
                let up = scaled.bit(down - 1) && (scaled.any_below(down - 1) || whole.bit(0));
                if up { whole.plus(&Big::from(1)) } else { whole }
            }
        };
        let digits = format!("{:0>width$}", scaled.to_decimal(), width = DECIMALS + 1);
        let (whole, fraction) = digits.split_at(digits.len() - DECIMALS);
        let fraction = fraction.trim_end_matches('0');
        let sign = if self.negative && (whole != "0" || !fraction.is_empty()) { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

/// Reads what `strtold` reads of a whole text, without spaces.
fn parse(text: &[u8]) -> Option<Number> {
    if text.len() >= MAX_TEXT {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?.to_ascii_lowercase();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    if matches!(digits, "inf" | "infinity") {
        return Some(Number::Infinite);
    }
    let number = match digits.strip_prefix("0x") {
        Some(hex) => parse_digits(hex, 16, negative)?,
        None => parse_digits(digits, 10, negative)?,
    };
    number.in_range().then_some(Number::Finite(number))
}

fn parse_digits(text: &str, base: u32, negative: bool) -> Option<Extended> {
    let (mantissa, exponent) = match text.split_once(if base == 16 { 'p' } else { 'e' }) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut big = Big::default();
    for c in whole.chars().chain(fraction.chars()) {
        big.push_digit(base, c.to_digit(base)?);
    }
    if big.bits() == 0 {
        return Some(Extended { negative, ..ZERO });
    }
    if base == 16 {
        return Some(Extended::round(negative, &big, exponent - 4 * fraction.len() as i64, false));
    }
    let exponent = exponent - fraction.len() as i64;
    let size = exponent + (whole.len() + fraction.len()) as i64;
    if !(-MAX_EXPONENT..=MAX_EXPONENT).contains(&size) {
        return None;
    }
    match usize::try_from(exponent) {
        Ok(up) => Some(Extended::round(negative, &big.times_power_of_ten(up), 0, false)),
        Err(_) => {
            let by = Big::from(1).times_power_of_ten(exponent.unsigned_abs() as usize);
            // A quotient of at least 66 bits holds what rounding needs; what is left over counts as "a little more".
            let shift = (by.bits() + 66).saturating_sub(big.bits());
            let (quotient, exact) = big.shifted_left(shift).divided_by(&by);
            Some(Extended::round(negative, &quotient, -(shift as i64), !exact))
        }
    }
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX / 2).min(1 << 20);
    Some(if text.starts_with('-') { -size } else { size })
}

/// The sum of two decimals as text.
pub fn add(a: &[u8], b: &[u8]) -> Result<String, Fail> {
    let (Some(a), Some(b)) = (parse(a), parse(b)) else { return Err(err::NOT_FLOAT.into()) };
    if let (Number::Finite(a), Number::Finite(b)) = (a, b) {
        let sum = a.plus(b);
        if sum.in_range() {
            return Ok(sum.show());
        }
    }
    Err("ERR increment would produce NaN or Infinity".into())
}

/// Whether a text is a number for [`add`], and if so whether it is finite.
pub fn finite(text: &[u8]) -> Option<bool> {
    parse(text).map(|n| match n {
        Number::Finite(_) => true,
        Number::Infinite => false,
    })
}

#[cfg(test)]
mod tests {
    use super::add;

    fn sum(a: &str, b: &str) -> String {
        add(a.as_bytes(), b.as_bytes()).unwrap_or_else(|_| format!("{a} + {b}: error"))
    }

    #[test]
    fn sums_look_decimal() {
        assert_eq!(sum("10.50", "0.1"), "10.6");
        assert_eq!(sum("5.0e3", "2.0e2"), "5200");
        assert_eq!(sum("0.1", "0.2"), "0.3");
        assert_eq!(sum("3", "-5.5"), "-2.5");
        assert_eq!(sum("1", "-1"), "0");
        assert_eq!(sum("17179869184", "1.5"), "17179869185.5");
        assert_eq!(sum("0x10", "0"), "16");
    }

    #[test]
    fn the_precision_is_that_of_a_long_double() {
        // As redis-server 8.6.3 on x86-64 gives them.
        assert_eq!(sum("0", "16249.314201681853"), "16249.31420168185299957");
        assert_eq!(sum("0", "14.17"), "14.17");
        assert_eq!(sum("1e300", "0").len(), 301);
        assert_eq!(sum("1e-30", "0"), "0");
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        for bad in ["", " 1", "1 ", "abc", "nan", "1e", "0x", "1e5000", "1e-5000", "--1", "1e99999999999999999999"] {
            assert!(add(bad.as_bytes(), b"1").is_err(), "{bad}");
        }
        assert!(add(b"inf", b"-inf").is_err());
    }
}
