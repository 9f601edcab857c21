//! A matrix without structure.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};

use super::{LinearForm, dense};
use crate::Noise;
use crate::numerics::from_host;

/// `W` itself, its determinant by LU factors on the host in f64.
///
/// It can become singular in training: watch
/// [`condition_number`](super::InvertibleLinear::condition_number), or use [`Plu`](super::Plu). A singular
/// matrix has the log-determinant `−∞` and no inverse.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Full, InvertibleLinear};
///
/// let device = Device::default();
/// let weight = Tensor::from_floats([[2.0, 0.0], [1.0, 3.0]], &device);
/// let layer: InvertibleLinear<Full> = InvertibleLinear::new(Full::from_weight(weight));
/// let (z, log_det) = layer.forward(Tensor::ones([1, 2], &device), &());
/// assert_eq!(z.into_data().try_to_vec::<f32>().unwrap(), [2.0, 4.0]);
/// assert!((log_det.into_scalar::<f32>() - 6.0_f32.ln()).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct Full {
    weight: Param<Tensor<2>>,
}

impl Full {
    /// A random rotation.
    pub fn rotation(features: usize, noise: &mut Noise, device: &Device) -> Self {
        let rotation = dense::random_rotation(features, noise);
        Self::from_weight(dense::to_tensor(&rotation, device, DType::F32))
    }

    /// A given matrix, `[features, features]`.
    ///
    /// # Panics
    ///
    /// When it is not square.
    pub fn from_weight(weight: Tensor<2>) -> Self {
        let [rows, columns] = weight.dims();
        assert!(
            rows == columns,
            "only a square matrix has an inverse, got [{rows}, {columns}]"
        );
        Self {
            weight: Param::from_tensor(weight),
        }
    }
}

impl LinearForm for Full {
    fn weight(&self) -> (Tensor<2>, Tensor<1>) {
        let weight = self.weight.val();
        let plain = weight.clone().detach();
        let (device, dtype) = (plain.device().without_autodiff(), plain.dtype());
        let constant = |value: f64| from_host(vec![value], [1], &device, dtype);
        let Some((inverse, log_det)) = dense::invert(dense::to_host(&plain)) else {
            return (weight, constant(f64::NEG_INFINITY));
        };
        // A term of value 0 carries the gradient, ∂ ln|det W| / ∂W = W⁻ᵀ.
        let gradient = dense::to_tensor(&inverse.transpose(), &device, dtype);
        let term = ((weight.clone() - plain) * gradient).sum();
        (weight, term + constant(log_det))
    }
}
