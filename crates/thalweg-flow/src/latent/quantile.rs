//! Quantiles of the standard normal density, and grids of them.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use burn::tensor::{Device, Tensor};

/// `Φ(x)`: the probability of at most `x` under the standard normal density. Small ones keep their digits.
///
/// ```
/// use thalweg_flow::latent::normal_share;
///
/// assert_eq!(normal_share(0.0), 0.5);
/// assert!((normal_share(-10.0) / 7.619_853_024_160_527e-24 - 1.0).abs() < 1e-12);
/// ```
pub fn normal_share(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / TAU.sqrt()
}

/// `Φ⁻¹(p)`: the `p`-quantile of the standard normal density; −∞ of 0 and ∞ of 1.
///
/// ```
/// use thalweg_flow::latent::normal_quantile;
///
/// assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
/// assert_eq!(normal_quantile(0.5), 0.0);
/// ```
///
/// # Panics
///
/// When `p` is not in `0 ..= 1`.
pub fn normal_quantile(p: f64) -> f64 {
    assert!(
        (0.0..=1.0).contains(&p),
        "a quantile is of a share between 0 and 1, got {p}"
    );
    if p > 0.5 {
        return -lower_quantile(1.0 - p);
    }
    lower_quantile(p)
}

/// The quantile of a share up to ½.
fn lower_quantile(p: f64) -> f64 {
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    // ln Φ is concave, so that Newton's method from below never overshoots. Φ(x) ≤ e^(−x²/2) / 2 for negative x.
    let mut x = -(-2.0 * (2.0 * p).ln()).max(0.0).sqrt();
    for _ in 0..100 {
        let share = normal_share(x);
        let step = (p / share).ln() * share / normal_density(x);
        x += step;
        if step.abs() < 1e-14 * x.abs().max(1.0) {
            break;
        }
    }
    x
}

/// A grid of two-dimensional latents, `[side², 2]`: each coordinate at `side` quantiles of the standard
/// normal density from `0.05` to `0.95`, the first increasing from left to right, the second from bottom
/// to top.
///
/// # Panics
///
/// When `side` is below 2.
///
/// # References
///
/// Kingma, Welling: *Auto-encoding variational Bayes*, 2014, appendix A.
pub fn quantile_grid(side: usize, device: &Device) -> Tensor<2> {
    assert!(
        side >= 2,
        "a grid has two latents a side or more, got {side}"
    );
    let share = |i: usize| 0.05 + 0.9 * i as f64 / (side - 1) as f64;
    let at: Vec<f32> = (0..side)
        .map(|i| normal_quantile(share(i)) as f32)
        .collect();
    let rows = at.iter().rev();
    let values: Vec<f32> = rows
        .flat_map(|y| at.iter().flat_map(|x| [*x, *y]))
        .collect();
    Tensor::<1>::from_floats(values.as_slice(), device).reshape([side * side, 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_undo_shares() {
        for p in [
            1e-300,
            1e-20,
            1e-6,
            1e-3,
            0.05,
            0.3,
            0.5,
            0.8,
            0.99,
            1.0 - 1e-6,
        ] {
            let back = normal_share(normal_quantile(p));
            assert!((back / p - 1.0).abs() < 1e-12, "{p}: {back}");
        }
        // Known digits.
        assert!((normal_quantile(0.95) - 1.644_853_626_951_472_7).abs() < 1e-13);
        assert!((normal_quantile(1e-6) + 4.753_424_308_822_899).abs() < 1e-8);
    }

    #[test]
    fn a_grid_begins_at_the_upper_left() {
        let grid = quantile_grid(3, &Device::default()).into_data();
        let found: Vec<f32> = grid.iter::<f32>().collect();
        let end = 1.644_853_6;
        assert_eq!(found[..2], [-end, end]);
        assert_eq!(found[8..10], [0.0, 0.0]);
        assert_eq!(found[16..], [end, -end]);
    }
}
