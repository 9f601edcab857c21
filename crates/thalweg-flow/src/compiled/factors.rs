//! Wide linear maps, by their triangular factors.

use burn::tensor::Tensor;
use thalweg_kernels::{Direction, PluRows};

use super::batch::Batch;
use super::{FlowStep, Lowering, Scratch, assert_features, host, host_f32};
use crate::PluFactors;

/// `z = P L (U + diag(d)) x`, whose matrix and inverse are never formed: each sample reads as many numbers as one of
/// them has.
#[derive(Debug)]
struct FactorStep {
    order: Vec<usize>,
    /// `L` below the diagonal and `U` above it, row by row.
    triangles: Vec<f32>,
    diagonal: Vec<f32>,
    log_det: f64,
}

/// Adds the step of a linear map to a plan.
pub(super) fn lower_factors(factors: PluFactors, log_det: Tensor<1>, plan: &mut Lowering) {
    let order = factors.order.into_data();
    let order: Vec<usize> = order.iter::<i64>().map(|from| from as usize).collect();
    let features = order.len();
    assert_features(features, plan);
    let mut triangles = host_f32(factors.lower);
    let upper = host_f32(factors.upper);
    let rows = triangles.chunks_exact_mut(features);
    for (row, (to, from)) in rows.zip(upper.chunks_exact(features)).enumerate() {
        to[row + 1..].copy_from_slice(&from[row + 1..]);
    }
    plan.add(FactorStep {
        order,
        triangles,
        diagonal: host_f32(factors.diagonal),
        log_det: host(log_det).into_iter().sum(),
    });
}

impl FlowStep for FactorStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
        let log_det = match direction {
            Direction::Forward => self.log_det,
            Direction::Inverse => -self.log_det,
        };
        x.change_beside(self.order.len(), scratch, |_, x, beside| {
            let rows = PluRows {
                order: &self.order,
                lower: &self.triangles,
                upper: &self.triangles,
                diagonal: &self.diagonal,
            };
            rows.apply(direction, x, beside);
            log_det
        });
    }
}
