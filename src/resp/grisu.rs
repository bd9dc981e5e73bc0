//! Digits of floating point numbers by Grisu2 (Florian Loitsch, "Printing Floating-Point Numbers
//! Quickly and Accurately with Integers", 2010). The digits always read back equal; about one number in
//! a thousand gets one more digit than it needs. Redis prints with this algorithm, so the
//! standard library's shortest digits would differ from it now and then.

/// A number `fraction * 2^exponent`.
#[derive(Clone, Copy)]
struct Float {
    fraction: u64,
    exponent: i32,
}

impl Float {
    /// With the highest bit set.
    fn normalized(self) -> Float {
        let shift = self.fraction.leading_zeros();
        Float { fraction: self.fraction << shift, exponent: self.exponent - shift as i32 }
    }

    /// The upper half of the product, rounded.
    fn times(self, other: Float) -> Float {
        let product = u128::from(self.fraction) * u128::from(other.fraction);
        let rounded = (product + (1 << 63)) >> 64;
        Float { fraction: rounded as u64, exponent: self.exponent + other.exponent + 64 }
    }
}

const HIDDEN: u64 = 1 << 52;

/// The digits of a finite number other than 0, as a number, and the power of ten of the last of them.
pub fn digits(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let biased = (bits >> 52 & 0x7ff) as i32;
    let low = bits & (HIDDEN - 1);
    let exact = match biased {
        0 => Float { fraction: low, exponent: -1074 },
        _ => Float { fraction: low | HIDDEN, exponent: biased - 1075 },
    };
    let above = Float { fraction: (exact.fraction << 1) + 1, exponent: exact.exponent - 1 }.normalized();
    // Below a power of two the neighbour is only half as far.
    let closer = if exact.fraction == HIDDEN { 2 } else { 1 };
    let below = Float { fraction: (exact.fraction << closer) - 1, exponent: exact.exponent - closer };
    let below = Float { fraction: below.fraction << (below.exponent - above.exponent), exponent: above.exponent };
    let (power, k) = power_for(above.exponent);
    let exact = exact.normalized().times(power);
    let (mut above, mut below) = (above.times(power), below.times(power));
    above.fraction -= 1;
    below.fraction += 1;
    generate(exact.fraction, above, below.fraction, -k)
}

/// Digits from the upper boundary down until the rest is within the boundaries.
fn generate(exact: u64, above: Float, below: u64, mut ten: i32) -> (u64, i32) {
    let shift = -above.exponent as u32;
    let one = 1u64 << shift;
    let distance = above.fraction - exact;
    let mut delta = above.fraction - below;
    let (mut whole, mut part) = (above.fraction >> shift, above.fraction & (one - 1));
    let mut digits = 0;
    let mut divisor = 1_000_000_000u64;
    let mut kappa = 10;
    while kappa > 0 {
        digits = digits * 10 + whole / divisor;
        whole %= divisor;
        kappa -= 1;
        let rest = (whole << shift) + part;
        if rest <= delta {
            ten += kappa;
            return (nearest(digits, delta, rest, divisor << shift, distance), ten);
        }
        divisor /= 10;
    }
    let mut unit = 1u64;
    loop {
        part *= 10;
        delta = delta.wrapping_mul(10);
        unit = unit.wrapping_mul(10);
        kappa -= 1;
        digits = digits * 10 + (part >> shift);
        part &= one - 1;
        if part < delta {
            ten += kappa;
            return (nearest(digits, delta, part, one, distance.wrapping_mul(unit)), ten);
        }
    }
}

/// Lowers the last digit while that brings it nearer to the exact number.
fn nearest(mut digits: u64, delta: u64, mut rest: u64, step: u64, distance: u64) -> u64 {
    while rest < distance
        && delta - rest >= step
        && (rest + step < distance || distance - rest > rest + step - distance)
    {
        digits -= 1;
        rest += step;
    }
    digits
}

/// A power of ten that brings a number of this exponent to one between -60 and -32; and which power.
fn power_for(exponent: i32) -> (Float, i32) {
    const LOG10_OF_2: f64 = 0.301_029_995_663_981_14;
    let of = |n: i32| {
        let k = FIRST + n * STEP;
        let fraction = POWERS.get(n as usize).copied().unwrap_or(0);
        (Float { fraction, exponent: ((k * 217_706) >> 16) - 63 }, k)
    };
    let guess = (-f64::from(exponent + POWERS.len() as i32) * LOG10_OF_2) as i32;
    let mut n = (guess - FIRST) / STEP;
    loop {
        let (power, k) = of(n);
        match exponent + power.exponent + 64 {
            ..-60 => n += 1,
            -31.. => n -= 1,
            _ => return (power, k),
        }
    }
}

/// The power of ten of the first entry of [`POWERS`].
const FIRST: i32 = -348;
/// How many powers of ten lie between two entries.
const STEP: i32 = 8;
/// The upper 64 bits of powers of ten, rounded.
const POWERS: [u64; 87] = [
    0xfa8f_d5a0_081c_0288,
    0xbaae_e17f_a23e_bf76,
    0x8b16_fb20_3055_ac76,
    0xcf42_894a_5dce_35ea,
    0x9a6b_b0aa_5565_3b2d,
    0xe61a_cf03_3d1a_45df,
    0xab70_fe17_c79a_c6ca,
    0xff77_b1fc_bebc_dc4f,
    0xbe56_91ef_416b_d60c,
    0x8dd0_1fad_907f_fc3c,
    0xd351_5c28_3155_9a83,
    0x9d71_ac8f_ada6_c9b5,
    0xea9c_2277_23ee_8bcb,
    0xaecc_4991_4078_536d,
    0x823c_1279_5db6_ce57,
    0xc210_9436_4dfb_5637,
    0x9096_ea6f_3848_984f,
    0xd774_85cb_2582_3ac7,
    0xa086_cfcd_97bf_97f4,
    0xef34_0a98_172a_ace5,
    0xb238_67fb_2a35_b28e,
    0x84c8_d4df_d2c6_3f3b,
    0xc5dd_4427_1ad3_cdba,
    0x936b_9fce_bb25_c996,
    0xdbac_6c24_7d62_a584,
    0xa3ab_6658_0d5f_daf6,
    0xf3e2_f893_dec3_f126,
    0xb5b5_ada8_aaff_80b8,
    0x8762_5f05_6c7c_4a8b,
    0xc9bc_ff60_34c1_3053,
    0x964e_858c_91ba_2655,
    0xdff9_7724_7029_7ebd,
    0xa6df_bd9f_b8e5_b88f,
    0xf8a9_5fcf_8874_7d94,
    0xb944_7093_8fa8_9bcf,
    0x8a08_f0f8_bf0f_156b,
    0xcdb0_2555_6531_31b6,
    0x993f_e2c6_d07b_7fac,
    0xe45c_10c4_2a2b_3b06,
    0xaa24_2499_6973_92d3,
    0xfd87_b5f2_8300_ca0e,
    0xbce5_0864_9211_1aeb,
    0x8cbc_cc09_6f50_88cc,
    0xd1b7_1758_e219_652c,
    0x9c40_0000_0000_0000,
    0xe8d4_a510_0000_0000,
    0xad78_ebc5_ac62_0000,
    0x813f_3978_f894_0984,
    0xc097_ce7b_c907_15b3,
    0x8f7e_32ce_7bea_5c70,
    0xd5d2_38a4_abe9_8068,
    0x9f4f_2726_179a_2245,
    0xed63_a231_d4c4_fb27,
    0xb0de_6538_8cc8_ada8,
    0x83c7_088e_1aab_65db,
    0xc45d_1df9_4271_1d9a,
    0x924d_692c_a61b_e758,
    0xda01_ee64_1a70_8dea,
    0xa26d_a399_9aef_774a,
    0xf209_787b_b47d_6b85,
    0xb454_e4a1_79dd_1877,
    0x865b_8692_5b9b_c5c2,
    0xc835_53c5_c896_5d3d,
    0x952a_b45c_fa97_a0b3,
    0xde46_9fbd_99a0_5fe3,
    0xa59b_c234_db39_8c25,
    0xf6c6_9a72_a398_9f5c,
    0xb7dc_bf53_54e9_bece,
    0x88fc_f317_f222_41e2,
    0xcc20_ce9b_d35c_78a5,
    0x9816_5af3_7b21_53df,
    0xe2a0_b5dc_971f_303a,
    0xa8d9_d153_5ce3_b396,
    0xfb9b_7cd9_a4a7_443c,
    0xbb76_4c4c_a7a4_4410,
    0x8bab_8eef_b640_9c1a,
    0xd01f_ef10_a657_842c,
    0x9b10_a4e5_e991_3129,
    0xe710_9bfb_a19c_0c9d,
    0xac28_20d9_623b_f429,
    0x8044_4b5e_7aa7_cf85,
    0xbf21_e440_03ac_dd2d,
    0x8e67_9c2f_5e44_ff8f,
    0xd433_179d_9c8c_b841,
    0x9e19_db92_b4e3_1ba9,
    0xeb96_bf6e_badf_77d9,
    0xaf87_023b_9bf0_ee6b,
];

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn digits_read_back_equal() {
        let mut seed = 1u64;
        let mut longer = 0;
        for _ in 0..200_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits((seed ^ seed >> 29) & !(1 << 63));
            if !value.is_finite() || value == 0.0 {
                continue;
            }
            let (number, ten) = digits(value);
            let text = format!("{number}e{ten}");
            assert_eq!(text.parse(), Ok(value), "{text}");
            let shortest = format!("{value:e}").split('e').next().map_or(0, |m| m.replace('.', "").len());
            longer += usize::from(number.to_string().len() > shortest);
        }
        assert!(longer < 400, "{longer}");
    }

    #[test]
    fn some_numbers_get_a_digit_too_many() {
        // As redis-server 8.6.3 prints them.
        assert_eq!(digits(172.2124609351158), (17_221_246_093_511_581, -14));
        assert_eq!(digits(4788.898873455792), (47_888_988_734_557_925, -13));
        assert_eq!(digits(1.5), (15, -1));
        assert_eq!(digits(5e-324), (5, -324));
        assert_eq!(digits(f64::MAX), (17_976_931_348_623_157, 292));
    }
}
