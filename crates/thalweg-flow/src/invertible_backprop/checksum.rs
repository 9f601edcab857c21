//! Whether an input was found again.

use burn::tensor::Tensor;

use crate::Variable;
use crate::numerics::from_host;

/// One number a sample, `Σ wᵢ xᵢ`, with fixed irregular weights `w` of mean 0 and mean square 1: an
/// error along any direction that a layer is likely to have shows, which in the sum of all numbers
/// one of opposite signs would not.
#[derive(Debug, Default)]
pub(super) struct Checksum {
    /// The weights of each width and dtype that has come up, `[1, numbers]`.
    weights: Vec<Tensor<2>>,
}

impl Checksum {
    /// Of each sample of `x`, `[batch]`.
    pub(super) fn of<T: Variable>(&mut self, x: &T) -> Tensor<1> {
        let weighted = x.rows().into_iter().map(|rows| {
            let weights = self.weights(&rows);
            (rows * weights).sum_dim(1)
        });
        sum(weighted)
    }

    /// How far each sample of `x` is from what was seen, relative to its size:
    /// `|Σ wᵢ x′ᵢ − Σ wᵢ xᵢ| / √(Σ x′ᵢ²)`. Independent errors of the relative size ε give about ε,
    /// however many numbers there are.
    pub(super) fn drift<T: Variable>(&mut self, seen: Tensor<1>, x: &T) -> Tensor<1> {
        let squares = x.rows().into_iter().map(|rows| rows.square().sum_dim(1));
        // What is zero everywhere has not drifted.
        let length = sum(squares).sqrt().add_scalar(TINY);
        (self.of(x) - seen).abs() / length
    }

    fn weights(&mut self, rows: &Tensor<2>) -> Tensor<2> {
        let numbers = rows.dims()[1];
        let (device, dtype) = (rows.device(), rows.dtype());
        let fits = |known: &&Tensor<2>| known.dims()[1] == numbers && known.dtype() == dtype;
        if let Some(known) = self.weights.iter().find(fits) {
            return known.clone();
        }
        let golden = 0.5 * (1.0 + 5f64.sqrt());
        let angle = |i: usize| std::f64::consts::TAU * golden * i as f64;
        let weights = (0..numbers).map(|i| std::f64::consts::SQRT_2 * (angle(i) + 0.4).cos());
        let weights = from_host(weights.collect(), [1, numbers], &device, dtype);
        self.weights.push(weights.clone());
        weights
    }
}

const TINY: f64 = 1e-30;

/// Sums columns, of which there is at least one.
fn sum(columns: impl Iterator<Item = Tensor<2>>) -> Tensor<1> {
    let sum = columns.reduce(Tensor::add);
    sum.expect("data and latents have at least one tensor")
        .squeeze_dim(1)
}
