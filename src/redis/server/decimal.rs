//! Adding decimal numbers as INCRBYFLOAT does: with the precision of an x86 long double, shown with
//! up to 17 decimals and no trailing zeros.
//!
//! A number is kept as a pair of doubles whose sum it is (more precise than a long double), so the
//! result, rounded for display, comes out the same.

use super::cx::{Fail, err};

/// The exact sum of two doubles as a pair.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

#[derive(Clone, Copy)]
struct Pair(f64, f64);

impl Pair {
    fn add(self, other: Pair) -> Pair {
        let (sum, rest) = two_sum(self.0, other.0);
        let (low, lowest) = two_sum(self.1, other.1);
        let (sum, rest) = two_sum(sum, rest + low);
        let (sum, rest) = two_sum(sum, rest + lowest);
        Pair(sum, rest)
    }
}

/// Reads a decimal as a pair: what the nearest double lacks is read off exactly.
fn parse(text: &[u8]) -> Option<Pair> {
    let nearest = super::number::parse_double(text)?;
    if !nearest.is_finite() {
        return Some(Pair(nearest, 0.0));
    }
    let text = std::str::from_utf8(text).ok()?;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (Some(exact), Some(got)) = (Fixed::parse(digits), Fixed::from_double(nearest.abs())) else {
        return Some(Pair(nearest, 0.0));
    };
    let rest = exact.minus(&got);
    Some(Pair(nearest, if negative { -rest } else { rest }))
}

/// A number that is not negative, as digits: 40 before the point, 40 behind it.
struct Fixed([u8; 80]);

impl Fixed {
    fn parse(text: &str) -> Option<Fixed> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut out = [0u8; 80];
        let first = 40 - (whole.len() as i32).saturating_add(exponent);
        for (place, digit) in (first..).zip(whole.bytes().chain(fraction.bytes())) {
            let digit = digit.checked_sub(b'0').filter(|d| *d < 10)?;
            match usize::try_from(place).ok().filter(|p| *p < 80) {
                Some(at) => out[at] = digit,
                None if digit != 0 => return None,
                None => {}
            }
        }
        Some(Fixed(out))
    }

    fn from_double(value: f64) -> Option<Fixed> {
        (value < 1e39).then(|| format!("{value:.40}")).and_then(|t| Fixed::parse(&t))
    }

    fn minus(&self, other: &Fixed) -> f64 {
        let mut sum = 0.0f64;
        let mut scale = 1e39f64;
        for (a, b) in self.0.iter().zip(&other.0) {
            sum += (f64::from(*a) - f64::from(*b)) * scale;
            scale /= 10.0;
        }
        sum
    }
}

/// The sum of two decimals as text.
pub fn add(a: &[u8], b: &[u8]) -> Result<String, Fail> {
    let (Some(a), Some(b)) = (parse(a), parse(b)) else { return Err(err::NOT_FLOAT.into()) };
    let sum = a.add(b);
    if !sum.0.is_finite() {
        return Err("ERR increment would produce NaN or Infinity".into());
    }
    Ok(show(sum))
}

/// Rounds to 17 decimals and drops trailing zeros.
fn show(value: Pair) -> String {
    let negative = value.0 < 0.0;
    let value = if negative { Pair(-value.0, -value.1) } else { value };
    // Doubles this large have no decimals.
    if value.0 >= 1e21 {
        let text = format!("{:.0}", value.0);
        return if negative { format!("-{text}") } else { text };
    }
    let whole = value.0.trunc();
    let (whole_i, mut fraction) = (whole as i128, (value.0 - whole) + value.1);
    let mut whole_i = whole_i;
    if fraction < 0.0 {
        whole_i -= 1;
        fraction += 1.0;
    }
    // Long doubles have 64 significant bits: digits beyond are noise.
    let digits_of_whole = if whole_i == 0 { 0 } else { whole_i.to_string().len() };
    let decimals = 17usize.min(19usize.saturating_sub(digits_of_whole));
    let scale = 10i128.pow(decimals as u32);
    let mut scaled = (fraction * scale as f64).round() as i128;
    if scaled >= scale {
        whole_i += 1;
        scaled -= scale;
    }
    let mut text = format!("{whole_i}.{scaled:0decimals$}");
    if decimals == 0 {
        text = whole_i.to_string();
    } else {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if negative && text != "0" { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::add;

    #[test]
    fn sums_look_decimal() {
        let sum = |a: &str, b: &str| add(a.as_bytes(), b.as_bytes()).unwrap();
        assert_eq!(sum("10.50", "0.1"), "10.6");
        assert_eq!(sum("5.0e3", "2.0e2"), "5200");
        assert_eq!(sum("0.1", "0.2"), "0.3");
        assert_eq!(sum("3", "-5.5"), "-2.5");
        assert_eq!(sum("1", "-1"), "0");
        assert_eq!(sum("17179869184", "1.5"), "17179869185.5");
        assert!(add(b"abc", b"1").is_err());
    }
}
