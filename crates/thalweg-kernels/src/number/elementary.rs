//! Elementary functions in f32 for loops and lanes: no branches, no calls, no tables.
//!
//! Errors below 3 units in the last place where the tests look; NaN stays NaN.

use super::{SHIFT, Single};

/// `ln 2` in two parts, the first of which has few bits, so that a small integer times it is exact.
const LN_2: [f64; 2] = [0.693_359_4, -2.121_944_4e-4];

/// `eˣ`: 0 below −103.97, infinite above 88.72.
///
/// `x = n ln 2 + r` with `|r| ≤ ½ ln 2`; `eʳ` by its series, multiplied by `2ⁿ` in two halves, each of
/// which is a number even where `2ⁿ` is none.
#[inline(always)]
pub(crate) fn exp<N: Single>(x: N) -> N {
    let x = x.or_below(x.like(89.0)).or_above(x.like(-104.0));
    let n = nearest_integer(x, std::f64::consts::LOG2_E);
    let r = n.mul_add(x.like(-LN_2[1]), n.mul_add(x.like(-LN_2[0]), x));
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
    let half = nearest_integer(n, 0.5);
    horner(r, series) * half.power_of_two() * (n - half).power_of_two()
}

/// The integer nearest to `x · factor`, which is smaller than `2²²`.
#[inline(always)]
fn nearest_integer<N: Single>(x: N, factor: f64) -> N {
    let shift = x.like(f64::from(SHIFT));
    x.mul_add(x.like(factor), shift) - shift
}

/// `ln x`; numbers below the least positive normal one count as that.
///
/// `x = m 2ⁿ`, `ln m = 2 artanh((m − 1) / (m + 1))` by its series.
#[inline(always)]
pub(crate) fn ln<N: Single>(x: N) -> N {
    let one = x.like(1.0);
    let normal = x.or_above(x.like(f64::from(f32::MIN_POSITIVE)));
    let [m, n] = normal.mantissa_and_exponent();
    let s = (m - one) / (m + one);
    let series = [2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0, 2.0];
    let low = s.mul_add(horner(s * s, series), n * x.like(LN_2[1]));
    let found = n.mul_add(x.like(LN_2[0]), low);
    // Infinity and NaN are their own logarithms.
    N::select(x.less(x.like(f64::INFINITY)), found, x)
}

/// `ln(1 + u)` for `0 ≤ u ≤ 1`: `2 artanh(u / (2 + u))` by its series.
#[inline(always)]
pub(crate) fn ln_1p<N: Single>(u: N) -> N {
    let s = u / (u.like(2.0) + u);
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

/// `tanh x`: its series near 0, where the exponentials cancel, and those elsewhere.
#[inline(always)]
pub(crate) fn tanh<N: Single>(x: N) -> N {
    let (zero, one, square) = (x.like(0.0), x.like(1.0), x * x);
    let series = [
        -1_382.0 / 155_925.0,
        62.0 / 2_835.0,
        -17.0 / 315.0,
        2.0 / 15.0,
        -1.0 / 3.0,
    ];
    let near = (x * square).mul_add(horner(square, series), x);
    let u = (x.like(-2.0) * x.abs()).exp();
    let far = (one - u) / (one + u);
    let far = N::select(x.less(zero), -far, far);
    N::select(x.abs().less(x.like(0.3)), near, far)
}

/// A polynomial, highest coefficient first.
#[inline(always)]
fn horner<N: Single, const L: usize>(x: N, coefficients: [f64; L]) -> N {
    let mut sum = x.like(coefficients[0]);
    for coefficient in &coefficients[1..] {
        sum = sum.mul_add(x, x.like(*coefficient));
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
        assert!(worst(1e-30, 1.0, ln, f64::ln) < 3.0);
        assert!(worst(0.5, 2.0, ln, f64::ln) < 3.0);
        assert!(worst(1.0, 3e38, ln, f64::ln) < 3.0);
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
        assert_eq!(ln(f32::INFINITY), f32::INFINITY);
        assert_eq!(ln(0.0), ln(f32::MIN_POSITIVE));
        assert!(
            ln(f32::NAN).is_nan()
                && exp(f32::NAN).is_nan()
                && tanh(f32::NAN).is_nan()
                && ln_1p(f32::NAN).is_nan()
        );
    }
}
