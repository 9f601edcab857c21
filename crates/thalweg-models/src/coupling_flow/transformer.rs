//! A transformer that a configuration chooses.

use serde::{Deserialize, Serialize};
use thalweg_flow::compiled::{LowerTransformer, Transform};
use thalweg_flow::{Additive, Affine, RationalQuadratic, SigmoidShift, layer_enum};

use crate::ConfigError;

/// The transformer of a coupling.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum CouplingStyle {
    /// Shifts: NICE, and Su Jianlin's Glow.
    Additive,
    /// Scales, softly bounded, and shifts: RealNVP.
    Affine,
    /// Scales by `σ(s + 2)` and shifts: Glow. It can only contract, so it needs an actnorm or another
    /// scale in front.
    SigmoidShift,
    /// Rational-quadratic splines on `[−bound, bound]`: a neural spline flow.
    Spline {
        /// Bins of a spline.
        bins: usize,
        /// The identity begins here.
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
            Self::CircularSpline { bins, bound } => {
                CouplingTransformer::Spline(RationalQuadratic::circular(bins, bound))
            }
        }
    }

    /// Checks the numbers of a spline.
    pub(crate) fn check(self, model: &'static str) -> Result<(), ConfigError> {
        let Self::Spline { bins, bound } = self else {
            return Ok(());
        };
        ConfigError::check(model, "bins", bins as u64, [2, 500])?;
        ConfigError::check_positive(model, "bound", bound)
    }
}

layer_enum! {
    /// One of the transformers of [`CouplingStyle`].
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
    impl Transformer;
    impl LowerTransformer {
        fn lower_transformer(&self) -> Transform;
    }
}
