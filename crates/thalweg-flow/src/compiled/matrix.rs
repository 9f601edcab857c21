//! Invertible linear maps.

use burn::tensor::Tensor;

use super::{Compile, Dense, HEADROOM, Layer, Layers, Scratch, finite, host};
use crate::{InvertibleLinear, LinearForm};

/// `z = W x`, and its inverse, both divided by the headroom.
#[derive(Debug)]
struct Matrix {
    weight: Dense,
    inverse: Dense,
    log_det: f64,
}

impl Matrix {
    fn apply(dense: &Dense, x: &mut [f32], scratch: &mut Scratch) {
        dense.apply(x, &mut scratch.copy);
        for (x, sum) in x.iter_mut().zip(&scratch.copy) {
            *x = finite(sum * HEADROOM);
        }
    }
}

impl Layer for Matrix {
    fn forward(&self, x: &mut [f32], scratch: &mut Scratch) -> f64 {
        Self::apply(&self.weight, x, scratch);
        self.log_det
    }

    fn inverse(&self, z: &mut [f32], scratch: &mut Scratch) -> f64 {
        Self::apply(&self.inverse, z, scratch);
        -self.log_det
    }
}

/// # Panics
///
/// When the matrix is singular, which only [`Full`](crate::Full) can be.
impl<F: LinearForm> Compile for InvertibleLinear<F> {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        let (weight, log_det) = self.form().weight();
        let weight = weight.inner();
        let inverse = self.inverse_weight(weight.clone());
        // Vectors are rows here.
        let dense = |matrix: Tensor<2>| {
            let matrix = matrix.transpose().mul_scalar(f64::from(HEADROOM).recip());
            Dense::new(matrix, None)
        };
        vec![Box::new(Matrix {
            weight: dense(weight),
            inverse: dense(inverse),
            log_det: host(log_det).into_iter().sum(),
        })]
    }
}
