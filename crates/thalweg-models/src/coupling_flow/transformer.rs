//! A transformer that a configuration chooses.

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use thalweg_flow::compiled::{Compile, Transform};
use thalweg_flow::{Additive, Affine, LogDet, RationalQuadratic, SigmoidShift, Transformer};

use crate::ConfigError;

/// What a coupling does to the features it transforms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum CouplingStyle {
    /// Shifts: NICE, and Su Jianlin's Glow.
    Additive,
    /// Scales, softly bounded, and shifts: RealNVP.
    Affine,
    /// Scales by `σ(s + 2)` and shifts: Glow. It can only contract, so it wants an actnorm or
    /// another scale before it.
    SigmoidShift,
    /// Rational-quadratic splines on `[−bound, bound]`: a neural spline flow.
    Spline {
        /// Bins of a spline.
        bins: usize,
        /// Where the identity begins.
        bound: f64,
    },
}

impl CouplingStyle {
    pub(crate) fn transformer(self) -> CouplingTransformer {
        match self {
            Self::Additive => CouplingTransformer::Additive(Additive::new()),
            Self::Affine => CouplingTransformer::Affine(Affine::new()),
            Self::SigmoidShift => {
                CouplingTransformer::Sigmoid(Affine::with_scale_map(SigmoidShift::default()))
            }
            Self::Spline { bins, bound } => {
                CouplingTransformer::Spline(RationalQuadratic::new(bins, bound))
            }
        }
    }

    /// Whether the numbers of a spline lie within their bounds.
    pub(crate) fn check(self, model: &'static str) -> Result<(), ConfigError> {
        let Self::Spline { bins, bound } = self else {
            return Ok(());
        };
        ConfigError::check(model, "bins", bins as u64, [2, 500])?;
        ConfigError::check_positive(model, "bound", bound)
    }
}

/// One of the transformers of [`CouplingStyle`].
#[derive(Module, Debug)]
pub enum CouplingTransformer {
    /// Shifts.
    Additive(Additive),
    /// Scales and shifts.
    Affine(Affine),
    /// Scales by `σ(s + 2)` and shifts.
    Sigmoid(Affine<SigmoidShift>),
    /// Splines.
    Spline(RationalQuadratic),
}

/// The same for each variant.
macro_rules! each {
    ($transformer:expr, $variant:ident => $body:expr) => {
        match $transformer {
            CouplingTransformer::Additive($variant) => $body,
            CouplingTransformer::Affine($variant) => $body,
            CouplingTransformer::Sigmoid($variant) => $body,
            CouplingTransformer::Spline($variant) => $body,
        }
    };
}

impl Transformer for CouplingTransformer {
    fn parameters_per_feature(&self) -> usize {
        each!(self, variant => variant.parameters_per_feature())
    }

    fn forward<const D: usize>(&self, x: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        each!(self, variant => variant.forward(x, parameters))
    }

    fn inverse<const D: usize>(&self, y: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        each!(self, variant => variant.inverse(y, parameters))
    }
}

impl Compile for CouplingTransformer {
    type Plain = Box<dyn Transform>;

    fn compile(&self) -> Box<dyn Transform> {
        each!(self, variant => variant.compile())
    }
}
