//! Natural numbers of any size: what exact rounding of decimals needs, and no more.

use std::cmp::Ordering;

/// Digits in base 2^32, the least first, none of them a leading zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Big(Vec<u32>);

impl From<u64> for Big {
    fn from(n: u64) -> Big {
        Big(vec![n as u32, (n >> 32) as u32]).trimmed()
    }
}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Big) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Big {
    fn cmp(&self, other: &Big) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl Big {
    fn trimmed(mut self) -> Big {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    /// How many bits it has; 0 for zero.
    pub fn bits(&self) -> usize {
        self.0.last().map_or(0, |top| self.0.len() * 32 - top.leading_zeros() as usize)
    }

    /// The lowest 64 bits.
    pub fn low(&self) -> u64 {
        let digit = |n: usize| u64::from(self.0.get(n).copied().unwrap_or(0));
        digit(0) | digit(1) << 32
    }

    /// A bit, counted from the lowest.
    pub fn bit(&self, n: usize) -> bool {
        self.0.get(n / 32).is_some_and(|digit| digit >> (n % 32) & 1 == 1)
    }

    /// Whether any of the `n` lowest bits is set.
    pub fn any_below(&self, n: usize) -> bool {
        let whole = self.0.iter().take(n / 32).any(|digit| *digit != 0);
        whole || self.0.get(n / 32).is_some_and(|digit| digit & ((1u32 << (n % 32)) - 1) != 0)
    }

    /// `self * factor + more`, in place.
    fn multiply_add(&mut self, factor: u32, more: u32) {
        let mut carry = u64::from(more);
        for digit in &mut self.0 {
            carry += u64::from(*digit) * u64::from(factor);
            *digit = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Appends a digit of a base.
    pub fn push_digit(&mut self, base: u32, digit: u32) {
        self.multiply_add(base, digit);
    }

    /// `self * 10^n`
    pub fn times_power_of_ten(mut self, n: usize) -> Big {
        for _ in 0..n / 9 {
            self.multiply_add(1_000_000_000, 0);
        }
        self.multiply_add(10u32.pow((n % 9) as u32), 0);
        self
    }

    /// `self << n`
    pub fn shifted_left(&self, n: usize) -> Big {
        let mut out = vec![0; n / 32];
        let shift = n % 32;
        let mut carry = 0u64;
        for digit in &self.0 {
            carry |= u64::from(*digit) << shift;
            out.push(carry as u32);
            carry >>= 32;
        }
        out.push(carry as u32);
        Big(out).trimmed()
    }

    /// `self >> n`
    pub fn shifted_right(&self, n: usize) -> Big {
        let shift = n % 32;
        let digits = self.0.get(n / 32..).unwrap_or_default();
        let next = |at: usize| u64::from(digits.get(at + 1).copied().unwrap_or(0));
        let out = digits.iter().enumerate().map(|(at, d)| ((u64::from(*d) | next(at) << 32) >> shift) as u32);
        Big(out.collect()).trimmed()
    }

    /// `self + other`
    pub fn plus(&self, other: &Big) -> Big {
        let digit = |of: &Big, n: usize| u64::from(of.0.get(n).copied().unwrap_or(0));
        let mut carry = 0;
        let mut out = Vec::new();
        for n in 0..=self.0.len().max(other.0.len()) {
            carry += digit(self, n) + digit(other, n);
            out.push(carry as u32);
            carry >>= 32;
        }
        Big(out).trimmed()
    }

    /// `self - other`, which must not be larger.
    pub fn minus(&self, other: &Big) -> Big {
        let mut out = self.clone();
        out.subtract(other);
        out
    }

    fn subtract(&mut self, other: &Big) {
        let mut borrow = 0i64;
        for (n, digit) in self.0.iter_mut().enumerate() {
            let difference = i64::from(*digit) - i64::from(other.0.get(n).copied().unwrap_or(0)) - borrow;
            *digit = difference as u32;
            borrow = i64::from(difference < 0);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    /// The quotient, and whether nothing is left over. Bit by bit: for quotients of some dozens of bits.
    pub fn divided_by(&self, by: &Big) -> (Big, bool) {
        let mut rest = self.clone();
        let mut quotient = Big::default();
        for shift in (0..=self.bits().saturating_sub(by.bits())).rev() {
            let part = by.shifted_left(shift);
            quotient = quotient.shifted_left(1);
            if part <= rest {
                rest.subtract(&part);
                quotient = quotient.plus(&Big::from(1));
            }
        }
        (quotient, rest.0.is_empty())
    }

    /// Decimal digits, at least one.
    pub fn to_decimal(&self) -> String {
        let mut digits = self.0.clone();
        let mut parts = Vec::new();
        while !digits.is_empty() {
            let mut rest = 0u64;
            for digit in digits.iter_mut().rev() {
                let value = rest << 32 | u64::from(*digit);
                *digit = (value / 1_000_000_000) as u32;
                rest = value % 1_000_000_000;
            }
            parts.push(rest as u32);
            while digits.last() == Some(&0) {
                digits.pop();
            }
        }
        let mut text = parts.pop().unwrap_or(0).to_string();
        for part in parts.iter().rev() {
            text.push_str(&format!("{part:09}"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Big;

    #[test]
    fn arithmetic_agrees_with_that_of_128_bits() {
        let (a, b) = (0xfedc_ba98_7654_3210_u64, 0x0123_4567_89ab_cdef_u64);
        let (x, y) = (Big::from(a), Big::from(b));
        assert_eq!(x.plus(&y).to_decimal(), (u128::from(a) + u128::from(b)).to_string());
        assert_eq!(x.minus(&y).low(), a - b);
        assert_eq!(x.shifted_left(60).to_decimal(), (u128::from(a) << 60).to_string());
        assert_eq!(x.shifted_left(77).shifted_right(77), x);
        assert_eq!(x.divided_by(&y).0.low(), a / b);
        assert_eq!(Big::from(3).times_power_of_ten(30).to_decimal(), format!("3{}", "0".repeat(30)));
        assert_eq!((Big::default().to_decimal(), Big::default().bits()), ("0".to_owned(), 0));
    }
}
