//! Functions of tensors.

use std::fmt;

use burn::tensor::{DType, Device, Tensor, TensorData};

use super::{LogDensity, LogDensityGradient};
use crate::SbiError;
use crate::tensors::{log_densities, read};

/// A density by a function of tensors, `[rows, dims] → [rows]`, whose gradient autodiff finds.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_sbi::sampler::{LogDensity, LogDensityGradient, TensorDensity};
///
/// let normal = |x: Tensor<2>| x.square().sum_dim(1).reshape([-1]).mul_scalar(-0.5);
/// let normal = TensorDensity::new(1, &Device::default(), normal);
/// assert_eq!(normal.log_density_and_gradient(&[0.0, 2.0])?, (vec![0.0, -2.0], vec![0.0, -2.0]));
/// // In f32, 1 + 10⁻¹² is 1; in f64 it is not.
/// let itself = || TensorDensity::new(1, &Device::default(), |x: Tensor<2>| x.reshape([-1]));
/// assert_eq!(itself().log_density(&[1.0 + 1e-12])?, [1.0]);
/// assert_eq!(itself().dtype(DType::F64).log_density(&[1.0 + 1e-12])?, [1.0 + 1e-12]);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
pub struct TensorDensity<F> {
    dims: usize,
    device: Device,
    dtype: DType,
    log_density: F,
}

impl<F: Fn(Tensor<2>) -> Tensor<1>> TensorDensity<F> {
    /// A density of rows of `dims` coordinates, which the function receives in f32 on the device.
    ///
    /// Each row's value may depend on that row alone.
    ///
    /// # Panics
    ///
    /// For no coordinates.
    pub fn new(dims: usize, device: &Device, log_density: F) -> Self {
        assert!(dims > 0, "a density has one coordinate or more, got 0");
        Self {
            dims,
            device: device.clone().without_autodiff(),
            dtype: DType::F32,
            log_density,
        }
    }

    /// Hands the function rows in another type of numbers, such as f64.
    pub fn dtype(self, dtype: DType) -> Self {
        Self { dtype, ..self }
    }

    fn rows(&self, rows: &[f64], device: &Device) -> Tensor<2> {
        let shape = [rows.len() / self.dims, self.dims];
        Tensor::from_data(TensorData::new(rows.to_vec(), shape), (device, self.dtype))
    }
}

impl<F: Fn(Tensor<2>) -> Tensor<1>> LogDensity for TensorDensity<F> {
    fn dims(&self) -> usize {
        self.dims
    }

    fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
        read(log_densities(
            &self.log_density,
            self.rows(rows, &self.device),
        ))
    }
}

impl<F: Fn(Tensor<2>) -> Tensor<1>> LogDensityGradient for TensorDensity<F> {
    fn log_density_and_gradient(&self, rows: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SbiError> {
        let x = self
            .rows(rows, &self.device.clone().autodiff())
            .require_grad();
        let logs = log_densities(&self.log_density, x.clone());
        if !logs.is_tracked() {
            // A density that is the same everywhere.
            return Ok((read(logs)?, vec![0.0; rows.len()]));
        }
        let gradients = logs.clone().sum().backward();
        let gradient = match x.grad(&gradients) {
            Some(gradient) => read(gradient)?,
            None => vec![0.0; rows.len()],
        };
        Ok((read(logs)?, gradient))
    }
}

impl<F> fmt::Debug for TensorDensity<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TensorDensity")
            .field("dims", &self.dims)
            .field("dtype", &self.dtype)
            .finish_non_exhaustive()
    }
}
