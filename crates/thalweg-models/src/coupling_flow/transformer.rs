//! A transformer that a configuration chooses.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::{Affine, LogDet, RationalQuadratic, Transformer};

/// One of the transformers of [`CouplingStyle`](super::CouplingStyle).
#[derive(Module, Debug)]
pub enum CouplingTransformer {
    /// Scales and shifts.
    Affine(Affine),
    /// Splines.
    Spline(RationalQuadratic),
}

impl Transformer for CouplingTransformer {
    fn parameters_per_feature(&self) -> usize {
        match self {
            Self::Affine(affine) => affine.parameters_per_feature(),
            Self::Spline(spline) => spline.parameters_per_feature(),
        }
    }

    fn forward<const D: usize>(&self, x: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        match self {
            Self::Affine(affine) => affine.forward(x, parameters),
            Self::Spline(spline) => spline.forward(x, parameters),
        }
    }

    fn inverse<const D: usize>(&self, y: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        match self {
            Self::Affine(affine) => affine.inverse(y, parameters),
            Self::Spline(spline) => spline.inverse(y, parameters),
        }
    }
}
