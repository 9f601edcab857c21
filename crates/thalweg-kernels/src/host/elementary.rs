//! Elementary functions in f32 that a compiler makes vectors of: no branches, no calls, no tables.
//!
//! Errors below 3 units in the last place where the tests look; NaN stays NaN.

/// `eˣ`: 0 below −103.97, infinite above 88.72.
///
/// `x = n ln 2 + r` with `|r| ≤ ½ ln 2`; `eʳ` by its series, multiplied by `2ⁿ` in two halves, each of
/// which is a number even where `2ⁿ` is none.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Adding this leaves the nearest integer in the lowest bits.
    const SHIFT: f32 = 12_582_912.0;
    // ln 2 in two parts, the first of which has few bits, so that n times it is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // Not `clamp`, `max` or `min`: they are slower where NaN has to stay NaN.
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, SHIFT);
    let n = shifted - SHIFT;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
    let series = [
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ];
    let value = horner(r, series);
    let n = (shifted.to_bits() as i32).wrapping_sub(SHIFT.to_bits() as i32);
    let half = n >> 1;
    value * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// `2ⁿ` for −126 ≤ n ≤ 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) << 23) as u32)
}

/// `ln(1 + u)` for `0 ≤ u ≤ 1`: `2 artanh(u / (2 + u))` by its series.
#[inline(always)]
pub(crate) fn ln_1p(u: f32) -> f32 {
    let s = u / (2.0 + u);
    let series = [
        2.0 / 15.0,
        2.0 / 13.0,
        2.0 / 11.0,
        2.0 / 9.0,
        2.0 / 7.0,
        2.0 / 5.0,
        2.0 / 3.0,
        2.0,
    ];
    s * horner(s * s, series)
}

/// `σ(x) = 1 / (1 + e⁻ˣ)`.
#[inline(always)]
pub(crate) fn sigmoid(a: f32) -> f32 {
    let u = exp(-a.abs());
    let numerator = if a < 0.0 { u } else { 1.0 };
    numerator / (1.0 + u)
}

/// `tanh x`: its series near 0, where the exponentials cancel, and those elsewhere.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let square = x * x;
    let series = [
        -1_382.0 / 155_925.0,
        62.0 / 2_835.0,
        -17.0 / 315.0,
        2.0 / 15.0,
        -1.0 / 3.0,
    ];
    let near = (x * square).mul_add(horner(square, series), x);
    let u = exp(-2.0 * x.abs());
    let far = ((1.0 - u) / (1.0 + u)).copysign(x);
    if x.abs() < 0.3 { near } else { far }
}

/// A polynomial, highest coefficient first.
#[inline(always)]
fn horner<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = sum.mul_add(x, *coefficient);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error in units in the last place, over `count` numbers from `low` to `high`.
    fn worst(low: f64, high: f64, ours: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> f64 {
        let count = 200_000;
        let errors = (0..=count).map(|i| {
            let x = (low + (high - low) * f64::from(i) / f64::from(count)) as f32;
            let exact = exact(f64::from(x));
            let unit = f64::from((exact as f32).abs().next_up() - (exact as f32).abs());
            (f64::from(ours(x)) - exact).abs() / unit
        });
        errors.fold(0.0, f64::max)
    }

    #[test]
    fn they_are_within_three_units_in_the_last_place() {
        assert!(worst(-103.9, 88.7, exp, f64::exp) < 3.0);
        assert!(worst(0.0, 1.0, ln_1p, f64::ln_1p) < 3.0);
        assert!(worst(-10.0, 10.0, tanh, f64::tanh) < 3.0);
        assert!(worst(-0.4, 0.4, tanh, f64::tanh) < 3.0);
    }

    #[test]
    fn ends_and_nan_are_those_of_the_standard_library() {
        for x in [0.0, -0.0, 200.0, -200.0, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(exp(x), x.exp(), "{x}");
            assert_eq!(tanh(x), x.tanh(), "{x}");
        }
        assert!(exp(f32::NAN).is_nan() && tanh(f32::NAN).is_nan() && ln_1p(f32::NAN).is_nan());
    }
}
