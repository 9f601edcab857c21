//! The size of a vector of parameters.

use burn::tensor::DType;
use thalweg_ode::Measure;

use crate::Parameters;

/// The mean product of two numbers: norms and tolerances are for one number, whatever the size of the
/// module.
pub(crate) struct PerNumber {
    rounding: f64,
}

impl PerNumber {
    /// For vectors like this one, with the rounding of its coarsest type.
    pub(crate) fn of(theta: &Parameters) -> Self {
        let double = |dtype| matches!(dtype, DType::F64);
        let all_double = theta.tensors().iter().all(|tensor| double(tensor.dtype()));
        Self {
            rounding: match all_double {
                true => f64::EPSILON,
                false => f64::from(f32::EPSILON),
            },
        }
    }
}

impl Measure<Parameters> for PerNumber {
    fn dot(&self, a: &Parameters, b: &Parameters) -> f64 {
        a.dot(b) / a.len() as f64
    }

    fn norm(&self, a: &Parameters) -> f64 {
        a.norm() / (a.len() as f64).sqrt()
    }

    fn is_finite(&self, y: &Parameters) -> bool {
        y.norm().is_finite()
    }

    fn rounding(&self) -> f64 {
        self.rounding
    }
}
