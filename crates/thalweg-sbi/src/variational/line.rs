//! From the flow's units to parameters, as tensors.

use burn::tensor::{Tensor, TensorData};
use thalweg_flow::Support;
use thalweg_kernels::{sigmoid, softplus};

use crate::coordinates::Coordinates;

/// The map from the flow's units `x` to parameters: `u = centre + width x` on the line, and `θ(u)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) coordinates: Coordinates,
    pub(super) centre: Vec<f64>,
    pub(super) width: Vec<f64>,
}

impl Line {
    /// `θ`, and `ln |det ∂θ/∂x|`: `[rows]`.
    pub(super) fn parameters(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let device = x.device().without_autodiff();
        let row = |numbers: &[f64]| -> Tensor<2> {
            let data = TensorData::new(numbers.to_vec(), [1, numbers.len()]);
            Tensor::from_data(data, (&device, x.dtype()))
        };
        let u = x.clone() * row(&self.width) + row(&self.centre);
        let constant: f64 = self.width.iter().map(|width| width.ln()).sum();
        let [rows, _] = x.dims();
        let mut log_slope = Tensor::<2>::zeros([rows, 1], (&device, x.dtype())) + constant;
        let mut columns = vec![];
        for (index, support) in self.coordinates.supports().iter().enumerate() {
            let column: Tensor<2> = u.clone().narrow(1, index, 1);
            columns.push(match *support {
                Support::Line => column,
                Support::Above(low) => {
                    log_slope = log_slope + column.clone();
                    column.exp().add_scalar(low)
                }
                Support::Between(low, high) => {
                    let both = softplus(column.clone()) + softplus(column.clone().neg());
                    log_slope = log_slope - both + (high - low).ln();
                    sigmoid(column).mul_scalar(high - low).add_scalar(low)
                }
            });
        }
        (Tensor::cat(columns, 1), log_slope.reshape([rows]))
    }

    /// The flow's units of parameters, and `ln |det ∂x/∂θ|`; `None` outside of the support.
    pub(super) fn units(&self, theta: &[f64]) -> Option<(Vec<f64>, f64)> {
        let (mut u, mut log_slope) = self.coordinates.to_line(theta)?;
        for ((u, centre), width) in u.iter_mut().zip(&self.centre).zip(&self.width) {
            *u = (*u - centre) / width;
            log_slope -= width.ln();
        }
        Some((u, log_slope))
    }
}
