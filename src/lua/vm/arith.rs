//! Arithmetic. A result that is no number has the sign that x86 gives it, on every host.

/// The sign of NaN is what `tostring` shows.
#[inline]
fn settle(result: f64, a: f64, b: f64) -> f64 {
    if !result.is_nan() {
        result
    } else if a.is_nan() {
        a
    } else if b.is_nan() {
        b
    } else {
        f64::NAN.copysign(-1.0)
    }
}

/// `a + b`
#[inline]
pub fn add(a: f64, b: f64) -> f64 {
    settle(a + b, a, b)
}

/// `a - b`
#[inline]
pub fn sub(a: f64, b: f64) -> f64 {
    settle(a - b, a, b)
}

/// `a * b`
#[inline]
pub fn mul(a: f64, b: f64) -> f64 {
    settle(a * b, a, b)
}

/// `a / b`
#[inline]
pub fn div(a: f64, b: f64) -> f64 {
    settle(a / b, a, b)
}

/// `a % b`: what remains has the sign of `b`.
pub fn modulo(a: f64, b: f64) -> f64 {
    settle(a - (a / b).floor() * b, a, b)
}

/// `a ^ b`
pub fn pow(a: f64, b: f64) -> f64 {
    settle(libm::pow(a, b), a, b)
}

/// The remainder as C's `fmod` has it: with the sign of `a`.
pub fn modulo_c(a: f64, b: f64) -> f64 {
    settle(a % b, a, b)
}
