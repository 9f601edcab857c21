//! Grids of quantiles of the standard normal density.

use burn::tensor::{Device, Tensor};
use thalweg_metrics::normal_quantile;

/// A grid of two-dimensional latents, `[side², 2]`: each coordinate at `side` quantiles of the standard
/// normal density from `0.05` to `0.95`, the first increasing from left to right, the second from bottom
/// to top.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::latent::quantile_grid;
///
/// let grid = quantile_grid(3, &Device::default()).into_data().try_to_vec::<f32>().unwrap();
/// // The upper left corner is the 5 % quantile, and the 95 % quantile.
/// assert!((grid[0] + 1.645).abs() < 1e-3 && (grid[1] - 1.645).abs() < 1e-3);
/// ```
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
    fn a_grid_begins_at_the_upper_left() {
        let grid = quantile_grid(3, &Device::default()).into_data();
        let found: Vec<f32> = grid.iter::<f32>().collect();
        let end = 1.644_853_6;
        assert_eq!(found[..2], [-end, end]);
        assert_eq!(found[8..10], [0.0, 0.0]);
        assert_eq!(found[16..], [end, -end]);
    }
}
