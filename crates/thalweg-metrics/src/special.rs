//! Tails and quantiles of distributions.

/// P(X > x) for the chi-square distribution with `degrees` of freedom.
///
/// The sum for whole degrees, from the tail of 1 or 2 on: Q(a + 1, y) = Q(a, y) + yᵃ e⁻ʸ / Γ(a + 1), y = x / 2. All
/// its terms are positive, so that small tails keep their digits.
pub(crate) fn chi_square_tail(x: f64, degrees: usize) -> f64 {
    if x <= 0.0 || degrees == 0 {
        return 1.0;
    }
    let y = x / 2.0;
    let (mut tail, mut a, mut ln_gamma) = match degrees.is_multiple_of(2) {
        true => ((-y).exp(), 1.0, 0.0),
        // Γ(3/2) = √π / 2.
        false => (
            erfc(y.sqrt()),
            0.5,
            (std::f64::consts::PI.sqrt() / 2.0).ln(),
        ),
    };
    // `ln_gamma` is ln Γ(a + 1) for odd degrees, ln Γ(2) = 0 for even ones.
    while 2.0 * a < degrees as f64 {
        tail += (a * y.ln() - y - ln_gamma).exp();
        a += 1.0;
        ln_gamma += a.ln();
    }
    tail.min(1.0)
}

/// The complementary error function of `x >= 0`, to about 1e-15 of itself.
///
/// Below 2 the series of erf with positive terms only, above it the continued fraction: Abramowitz and Stegun, "Handbook
/// of Mathematical Functions", 1964, 7.1.6 and 7.1.14.
fn erfc(x: f64) -> f64 {
    let root_pi = std::f64::consts::PI.sqrt();
    if x < 2.0 {
        let (mut term, mut sum, mut n) = (x, x, 0.0);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
        }
        return 1.0 - 2.0 / root_pi * (-x * x).exp() * sum;
    }
    let below = (1..=120)
        .rev()
        .fold(x, |below, k| x + f64::from(k) / 2.0 / below);
    (-x * x).exp() / (root_pi * below)
}

/// Φ(x): the probability of at most `x` under the standard normal distribution. Small ones keep their digits.
///
/// ```
/// use thalweg_metrics::normal_share;
///
/// assert_eq!(normal_share(0.0), 0.5);
/// assert!((normal_share(-10.0) / 7.619_853_024_160_527e-24 - 1.0).abs() < 1e-12);
/// ```
pub fn normal_share(x: f64) -> f64 {
    let tail = 0.5 * erfc(x.abs() * std::f64::consts::FRAC_1_SQRT_2);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Φ⁻¹(p): the `p`-quantile of the standard normal distribution, to about 1e-15 of itself.
///
/// Newton's method on the logarithm of the tail, which is concave: from beyond the quantile it never overshoots.
///
/// ```
/// use thalweg_metrics::normal_quantile;
///
/// assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
/// assert_eq!(normal_quantile(0.5), 0.0);
/// ```
///
/// # Panics
/// Unless `p` lies between 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    assert!(
        p > 0.0 && p < 1.0,
        "a quantile is of a share between 0 and 1, got {p}"
    );
    let tail = p.min(1.0 - p);
    // The tail beyond x is at most e^(−x²/2) / 2.
    let mut x = (-2.0 * (2.0 * tail).ln()).max(0.0).sqrt();
    for _ in 0..100 {
        let beyond = normal_share(-x);
        let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        let step = (beyond / tail).ln() * beyond / density;
        x = (x + step).max(0.0);
        if step.abs() < 1e-15 * x.max(1.0) {
            break;
        }
    }
    if p < 0.5 { -x } else { x }
}

/// Q(λ) = 2 Σₖ (−1)ᵏ⁻¹ exp(−2 k² λ²), the tail of Kolmogorov's limit distribution.
pub(crate) fn kolmogorov_tail(lambda: f64) -> f64 {
    if lambda <= 0.0 {
        return 1.0;
    }
    if lambda < 1.0 {
        // The sum above needs many terms here; Jacobi's identity turns it into one that needs few.
        let exponent = -(std::f64::consts::PI / lambda).powi(2) / 8.0;
        let sum: f64 = [1.0, 3.0, 5.0, 7.0]
            .iter()
            .map(|k: &f64| (k * k * exponent).exp())
            .sum();
        return 1.0 - std::f64::consts::TAU.sqrt() / lambda * sum;
    }
    let term = |k: f64| (-2.0 * (k * lambda).powi(2)).exp();
    (2.0 * (term(1.0) - term(2.0) + term(3.0) - term(4.0))).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{chi_square_tail, erfc, kolmogorov_tail, normal_quantile};

    #[test]
    fn normal_quantiles_undo_shares() {
        for p in [1e-300, 1e-12, 1e-6, 1e-3, 0.05, 0.3, 0.499_999, 0.5] {
            let x = normal_quantile(p);
            let share = 0.5 * erfc(-x / 2f64.sqrt());
            assert!((share / p - 1.0).abs() < 1e-11, "{p}: {share}");
            assert!(
                p < 1e-7 || (normal_quantile(1.0 - p) + x).abs() < 1e-9,
                "{p}"
            );
        }
        // Known digits; the last by bisection on C's `erfc`.
        for (p, expected) in [
            (0.95, 1.644_853_626_951_472_7),
            (1e-6, -4.753_424_308_822_899),
            (1e-300, -37.0470962993612),
        ] {
            assert!(
                (normal_quantile(p) / expected - 1.0f64).abs() < 1e-12,
                "{p}"
            );
        }
    }

    /// `scipy.stats.chi2.sf` and `scipy.special.kolmogorov` of SciPy 1.17.1.
    #[test]
    fn tails_agree_with_scipy() {
        let chi_square = [
            (3.2, 4, 0.5249309467861041),
            (15.0, 9, 0.0909359765798051),
            (0.5, 1, 0.47950012218695337),
            (120.0, 99, 0.07424385580596692),
            (40.0, 3, 1.065509033425585e-08),
        ];
        for (x, degrees, expected) in chi_square {
            let tail = chi_square_tail(x, degrees);
            assert!(
                (tail / expected - 1.0f64).abs() < 1e-12,
                "{x} {degrees}: {tail}"
            );
        }
        for (lambda, expected) in [
            (0.3, 0.9999906941986655),
            (0.7, 0.7112351950296893),
            (0.999, 0.27107316411506394),
            (1.0, 0.26999967167735456),
            (1.5, 0.022217962616525127),
            (2.5, 7.453306344157342e-06),
        ] {
            let tail = kolmogorov_tail(lambda);
            assert!((tail / expected - 1.0f64).abs() < 1e-12, "{lambda}: {tail}");
        }
    }
}
