//! Fields whose flows are known.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_flow::VectorField;

/// `v = x A`, one row a point.
#[derive(Module, Debug)]
pub(super) struct Linear {
    matrix: Param<Tensor<2>>,
}

impl Linear {
    /// Of the rows of `A`.
    pub(super) fn new<const N: usize>(rows: [[f64; N]; N]) -> Self {
        let rows = TensorData::new(rows.concat(), [N, N]);
        let matrix = Tensor::from_data(rows, (&Device::default(), DType::F64));
        Self {
            matrix: Param::from_tensor(matrix),
        }
    }
}

impl<C> VectorField<C> for Linear {
    fn features(&self) -> usize {
        self.matrix.dims()[0]
    }

    fn velocity(&self, _: Tensor<2>, x: Tensor<2>, _: &C) -> Tensor<2> {
        x.matmul(self.matrix.val())
    }

    fn tangents(
        &self,
        _: Tensor<2>,
        x: Tensor<2>,
        directions: Tensor<3>,
        _: &C,
    ) -> (Tensor<2>, Tensor<3>) {
        let matrix = self.matrix.val();
        (
            x.matmul(matrix.clone()),
            directions.matmul(matrix.unsqueeze()),
        )
    }
}

/// `v = x²`, whose solution from `x > 0` ends at the time `1 / x`.
#[derive(Module, Debug)]
pub(super) struct Square {
    pub(super) features: usize,
}

impl<C> VectorField<C> for Square {
    fn features(&self) -> usize {
        self.features
    }

    fn velocity(&self, _: Tensor<2>, x: Tensor<2>, _: &C) -> Tensor<2> {
        x.square()
    }

    fn tangents(
        &self,
        _: Tensor<2>,
        x: Tensor<2>,
        directions: Tensor<3>,
        _: &C,
    ) -> (Tensor<2>, Tensor<3>) {
        let slope = x.clone().mul_scalar(2.0);
        (x.square(), directions * slope.unsqueeze_dim(0))
    }
}

/// The field of straight paths from standard normal noise to normal data of mean `μ` and deviation `s`:
/// `v = μ + (t s² − (1 − t)) / ((1 − t)² + t² s²) · (x − t μ)`.
#[derive(Module, Debug)]
pub(super) struct BetweenNormals {
    pub(super) features: usize,
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

impl BetweenNormals {
    /// The factor of `x − t μ`.
    fn slope(&self, t: Tensor<2>) -> Tensor<2> {
        let variance = self.deviation.powi(2);
        let rest = t.clone().neg().add_scalar(1.0);
        let of_point = rest.clone().square() + t.clone().square().mul_scalar(variance);
        (t.mul_scalar(variance) - rest) / of_point
    }
}

impl<C> VectorField<C> for BetweenNormals {
    fn features(&self) -> usize {
        self.features
    }

    fn velocity(&self, t: Tensor<2>, x: Tensor<2>, _: &C) -> Tensor<2> {
        let centred = x - t.clone().mul_scalar(self.mean);
        (centred * self.slope(t)).add_scalar(self.mean)
    }

    fn tangents(
        &self,
        t: Tensor<2>,
        x: Tensor<2>,
        directions: Tensor<3>,
        context: &C,
    ) -> (Tensor<2>, Tensor<3>) {
        let slope = self.slope(t.clone()).unsqueeze_dim(0);
        (self.velocity(t, x, context), directions * slope)
    }
}

pub(super) fn points<const N: usize, const D: usize>(rows: [[f64; D]; N]) -> Tensor<2> {
    let data = TensorData::new(rows.concat(), [N, D]);
    Tensor::from_data(data, (&Device::default(), DType::F64))
}

pub(super) fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

pub(super) fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= tolerance,
            "{found} differs from {expected} by more than {tolerance:e}"
        );
    }
}
