//! The state of a flow's differential equation.

use std::ops::{Add, Mul};

use burn::tensor::Tensor;
use thalweg_ode::{Measure, Tolerance};

/// A batch of points, the log-determinants of the way to them, and the energies of that way, as far as they
/// are asked for.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// `[batch, features]`.
    pub(super) x: Tensor<2>,
    /// `∫ tr J dt`, `[batch]`.
    pub(super) log_det: Option<Tensor<1>>,
    /// `∫ ‖v‖² dt` and `∫ ‖J ε‖² dt`, `[batch]` each.
    pub(super) energies: Option<[Tensor<1>; 2]>,
}

impl Add for State {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let energies = self.energies.zip(other.energies);
        Self {
            x: self.x + other.x,
            log_det: self.log_det.zip(other.log_det).map(|(a, b)| a + b),
            energies: energies.map(|([a, b], [c, d])| [a + c, b + d]),
        }
    }
}

impl Mul<f64> for State {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        let scale = |x: Tensor<1>| x.mul_scalar(factor);
        Self {
            x: self.x.mul_scalar(factor),
            log_det: self.log_det.map(scale),
            energies: self.energies.map(|energies| energies.map(scale)),
        }
    }
}

impl State {
    /// The numbers that the error is measured in, `[batch, features (+ 1)]`, off the graph.
    fn measured(&self) -> Tensor<2> {
        let x = self.x.clone().inner();
        match &self.log_det {
            Some(log_det) => Tensor::cat(vec![x, log_det.clone().inner().unsqueeze_dim(1)], 1),
            None => x,
        }
    }
}

/// The largest error of a row; see [`Integration`](super::Integration).
#[derive(Debug, Clone, Copy)]
pub(super) struct WorstRow;

impl Measure<State> for WorstRow {
    fn dot(&self, a: &State, b: &State) -> f64 {
        let product = (a.measured() * b.measured()).sum();
        product.into_scalar::<f64>()
    }

    fn scaled_error(
        &self,
        error: &State,
        before: &State,
        after: &State,
        tolerance: Tolerance,
    ) -> f64 {
        let after = after.measured();
        let size = before.measured().abs().max_pair(after.clone().abs());
        let allowed = size
            .mul_scalar(tolerance.relative())
            .add_scalar(tolerance.absolute());
        let squares = (error.measured() / allowed).square().mean_dim(1);
        // An infinite number gives NaN, a finite one 0.
        let finite = after.mul_scalar(0.0).sum_dim(1);
        worst((squares.sqrt() + finite).into_data().iter::<f64>())
    }

    fn is_finite(&self, y: &State) -> bool {
        let zeros = y.measured().mul_scalar(0.0).sum();
        zeros.into_scalar::<f64>() == 0.0
    }
}

/// The largest number; NaN if one is NaN.
fn worst(errors: impl Iterator<Item = f64>) -> f64 {
    errors.fold(0.0, |worst, error| match error.is_nan() || error > worst {
        true => error,
        false => worst,
    })
}
