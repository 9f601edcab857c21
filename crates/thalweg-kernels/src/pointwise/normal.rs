//! The tail of the standard normal density, and its quantiles.

use crate::number::Real;

/// Coefficients of Chebyshev polynomials of `t = (x − 3.75)/(x + 3.75)` for `(1 + 2x) e^(x²) erfc(x)`, `x ≥ 0`.
/// `benches/convert/normal_tail.py` computes them.
const CHEBYSHEV: [f64; 21] = [
    1.177_578_934_567_401_7,
    -0.004_590_054_580_646_477,
    -0.084_249_133_366_517_92,
    0.059_209_939_998_191_89,
    -0.026_658_668_435_305_752,
    0.009_074_997_670_705_265,
    -0.002_413_163_540_417_608,
    0.000_490_775_836_525_808_6,
    -0.000_069_169_733_025_012_06,
    4.139_027_986_073_01e-6,
    7.740_383_066_198_491e-7,
    -2.188_640_104_923_439_6e-7,
    1.076_499_946_567_091e-8,
    4.521_959_811_218_287e-9,
    -7.754_400_208_831_351e-10,
    -6.318_088_340_886_684e-11,
    2.868_795_010_930_67e-11,
    1.945_586_854_577_735e-13,
    -9.654_696_748_433_49e-13,
    3.252_548_148_148_74e-14,
    3.347_811_948_286_805e-14,
];

/// `e^(x²/2) Φ(−x)` of `x ≥ 0`, to the last digits of f64.
///
/// # References
///
/// Shepherd, Laframboise: *Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞*, 1981.
// Not inlined, as those below: its code is long, and each instruction set would have its own.
#[inline(never)]
pub(super) fn scaled_tail<R: Real>(x: &R) -> R {
    let one = x.like(1.0);
    let x = x.clone() * x.like(0.5_f64.sqrt());
    let middle = x.like(3.75);
    let t = (x.clone() - middle.clone()) / (x.clone() + middle);
    let double = t.clone() + t.clone();
    // Clenshaw's recurrence.
    let [mut last, mut before] = [x.like(0.0), x.like(0.0)];
    for coefficient in CHEBYSHEV[1..].iter().rev() {
        let next = double.clone() * last.clone() - before + x.like(*coefficient);
        before = last;
        last = next;
    }
    let sum = t * last - before + x.like(CHEBYSHEV[0]);
    sum * x.like(0.5) / (one + x.clone() + x)
}

/// `Φ(−x)` and `Φ(x)`: the smaller one has its own digits.
#[inline(never)]
pub(super) fn tails<R: Real>(x: &R) -> [R; 2] {
    let negative = x.less(&x.like(0.0));
    let magnitude = R::select(negative.clone(), -x.clone(), x.clone());
    let square = x.clone() * x.clone();
    let small = scaled_tail(&magnitude) * (square * x.like(-0.5)).exp();
    let large = x.like(1.0) - small.clone();
    [
        R::select(negative.clone(), large.clone(), small.clone()),
        R::select(negative, small, large),
    ]
}

/// The `x` with `Φ(−x) = q`, of `0 < q ≤ ½`.
///
/// It starts from a rational function and takes Newton's steps on `ln Φ(−x)`, the last of them with its gradient.
///
/// # References
///
/// Abramowitz, Stegun: *Handbook of mathematical functions*, 1964, equation 26.2.23.
#[inline(never)]
pub(super) fn upper_quantile<R: Real>(q: &R) -> R {
    const STEPS: usize = 4;
    let log = q.clone().ln();
    let known = log.clone().detached();
    let t = (known.like(-2.0) * known.clone()).sqrt();
    let polynomial = |coefficients: &[f64]| {
        let zero = t.like(0.0);
        coefficients
            .iter()
            .rev()
            .fold(zero, |sum, c| sum * t.clone() + t.like(*c))
    };
    let above = polynomial(&[2.515_517, 0.802_853, 0.010_328]);
    let below = polynomial(&[1.0, 1.432_788, 0.189_269, 0.001_308]);
    let mut x = t.clone() - above / below;
    for step in 0..STEPS {
        let tail = scaled_tail(&x);
        let of_x = tail.clone().ln() - x.like(0.5) * x.clone() * x.clone();
        // Φ(−x) / φ(x).
        let ratio = tail * x.like(std::f64::consts::TAU.sqrt());
        let target = match step + 1 {
            STEPS => log.clone(),
            _ => known.clone(),
        };
        x = x + (of_x - target) * ratio;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::{tails, upper_quantile};

    /// `mpmath.ncdf`.
    #[test]
    fn tails_have_their_digits() {
        for (x, expected) in [
            (0.0, 0.5),
            (0.5, 0.308_537_538_725_986_9),
            (1.0, 0.158_655_253_931_457_05),
            (3.0, 1.349_898_031_630_094_6e-3),
            (8.0, 6.220_960_574_271_785e-16),
            (20.0, 2.753_624_118_606_233_7e-89),
        ] {
            for (x, side) in [(x, 0), (-x, 1)] {
                let found: f64 = tails(&x)[side];
                assert!((found / expected - 1.0).abs() < 1e-14, "{x}: {found}");
                let other = tails(&x)[1 - side];
                assert!((found + other - 1.0).abs() < 1e-15, "{x}: {other}");
            }
        }
    }

    #[test]
    fn quantiles_undo_tails() {
        for q in [0.5, 0.499_99, 0.3, 0.01, 1e-6, 1e-12] {
            let found = tails(&upper_quantile(&q))[0];
            assert!((found / q - 1.0_f64).abs() < 1e-13, "{q}: {found}");
            let single = q as f32;
            let found = tails(&upper_quantile(&single))[0];
            assert!((found / single - 1.0).abs() < 1e-5, "{q}: {found}");
        }
    }
}
