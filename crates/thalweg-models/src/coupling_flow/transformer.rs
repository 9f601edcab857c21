//! The transformer and the base density that a configuration chooses.

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::base::{StandardNormal, UnitCube};
use thalweg_flow::compiled::{
    CompiledBase, CompiledNetwork, LowerBase, LowerNetwork, LowerTransformer, Lowering, Transform,
};
use thalweg_flow::{
    Additive, Affine, Condition, Flow, Mlp, Periodic, RationalQuadratic, ResidualMlp, SigmoidShift,
    Standardize, WithContext, layer_enum,
};

use crate::ConfigError;

/// The transformer of a coupling.
///
/// ```
/// use thalweg_models::{CouplingFlowConfig, CouplingStyle};
///
/// assert_eq!(CouplingFlowConfig::realnvp(2).style, CouplingStyle::Affine);
/// let spline = CouplingStyle::Spline { bins: 16, bound: 5.0 };
/// let config = CouplingFlowConfig { style: spline, ..CouplingFlowConfig::nsf(2) };
/// assert_ne!(config, CouplingFlowConfig::nsf(2));
/// ```
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
    /// Circular rational-quadratic splines: for angles from `−bound` to `bound`, such as `π`.
    CircularSpline {
        /// Bins of a spline.
        bins: usize,
        /// Half of the circle.
        bound: f64,
    },
}

impl CouplingStyle {
    pub(crate) fn is_circular(self) -> bool {
        matches!(self, Self::CircularSpline { .. })
    }

    /// The inputs of a network that sees this many features.
    pub(super) fn inputs(self, features: usize) -> usize {
        if self.is_circular() {
            2 * features
        } else {
            features
        }
    }

    pub(super) fn network(self, net: Perceptron) -> CouplingNetwork {
        match (self, net) {
            (Self::CircularSpline { bound, .. }, Perceptron::Plain(net)) => {
                CouplingNetwork::Angles(Periodic::new(bound, net))
            }
            (Self::CircularSpline { bound, .. }, Perceptron::Residual(net)) => {
                CouplingNetwork::ResidualAngles(Periodic::new(bound, *net))
            }
            (_, Perceptron::Plain(net)) => CouplingNetwork::Numbers(net),
            (_, Perceptron::Residual(net)) => CouplingNetwork::Residual(*net),
        }
    }

    pub(super) fn conditional_network(self, net: Perceptron) -> ConditionalNetwork {
        match (self, net) {
            (Self::CircularSpline { bound, .. }, Perceptron::Plain(net)) => {
                ConditionalNetwork::Angles(Periodic::new(bound, WithContext::new(net)))
            }
            (Self::CircularSpline { bound, .. }, Perceptron::Residual(net)) => {
                ConditionalNetwork::ResidualAngles(Periodic::new(bound, WithContext::new(*net)))
            }
            (_, Perceptron::Plain(net)) => ConditionalNetwork::Numbers(WithContext::new(net)),
            (_, Perceptron::Residual(net)) => ConditionalNetwork::Residual(WithContext::new(*net)),
        }
    }

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
        let (Self::Spline { bins, bound } | Self::CircularSpline { bins, bound }) = self else {
            return Ok(());
        };
        ConfigError::check(model, "bins", bins as u64, [2, 500])?;
        ConfigError::check_positive(model, "bound", bound)
    }
}

layer_enum! {
    /// One of the transformers of [`CouplingStyle`].
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Additive, Transformer};
    /// use thalweg_models::CouplingTransformer;
    ///
    /// let device = Device::default();
    /// let shift = CouplingTransformer::Additive(Additive::new());
    /// assert_eq!(shift.parameters_per_feature(), 1);
    /// let (x, by) = (Tensor::<2>::full([1, 1], 6.0, &device), Tensor::full([1, 1], 2.0, &device));
    /// let (y, log_det) = shift.forward(x, by);
    /// assert_eq!((y.into_scalar::<f32>(), log_det.into_scalar::<f32>()), (8.0, 0.0));
    /// ```
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

/// A network, before it is one of numbers or of angles.
pub(super) enum Perceptron {
    Plain(Mlp),
    Residual(Box<ResidualMlp>),
}

layer_enum! {
    /// The network of a coupling.
    ///
    /// ```
    /// use std::f64::consts::PI;
    ///
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{MlpConfig, Network, Noise, Periodic};
    /// use thalweg_models::coupling_flow::CouplingNetwork;
    ///
    /// let device = Device::default();
    /// // Of the cosine and the sine of an angle.
    /// let net = MlpConfig::new(2, vec![8], 3).init(&mut Noise::seeded(0), &device);
    /// let network = CouplingNetwork::Angles(Periodic::new(PI, net));
    /// let at = |angle| network.apply(Tensor::<2>::full([1, 1], angle, &device), &());
    /// assert!((at(-PI) - at(PI)).abs().max().into_scalar::<f32>() < 1e-5);
    /// ```
    pub enum CouplingNetwork {
        /// Of numbers.
        Numbers(Mlp),
        /// Of angles.
        Angles(Periodic<Mlp>),
        /// Of numbers, by residual blocks.
        Residual(ResidualMlp),
        /// Of angles, by residual blocks.
        ResidualAngles(Periodic<ResidualMlp>),
    }
    impl<C> Network<C, 2>;
    impl<C> LowerNetwork<C> {
        fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork>;
    }
}

layer_enum! {
    /// The network of a coupling under a condition.
    ///
    /// ```
    /// use std::f64::consts::PI;
    ///
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{MlpConfig, Network, Noise, Periodic, WithContext};
    /// use thalweg_models::coupling_flow::ConditionalNetwork;
    ///
    /// let device = Device::default();
    /// // Of the cosine and the sine of an angle, and of a number, which is no angle.
    /// let net = MlpConfig::new(2 + 1, vec![8], 3).init(&mut Noise::seeded(0), &device);
    /// let network = ConditionalNetwork::Angles(Periodic::new(PI, WithContext::new(net)));
    /// let of = |x| Tensor::<2>::full([1, 1], x, &device);
    /// let at = |angle, number| network.apply(of(angle), &of(number));
    /// assert!((at(-PI, PI) - at(PI, PI)).abs().max().into_scalar::<f32>() < 1e-5);
    /// assert!((at(PI, -PI) - at(PI, PI)).abs().max().into_scalar::<f32>() > 1e-3);
    /// ```
    pub enum ConditionalNetwork {
        /// Of numbers.
        Numbers(WithContext<Mlp>),
        /// Of angles; the condition is no angle.
        Angles(Periodic<WithContext<Mlp>>),
        /// Of numbers, by residual blocks.
        Residual(WithContext<ResidualMlp>),
        /// Of angles, by residual blocks.
        ResidualAngles(Periodic<WithContext<ResidualMlp>>),
    }
    impl Network<Tensor<2>, 2>;
    impl LowerNetwork<Tensor<2>> {
        fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork>;
    }
}

layer_enum! {
    /// The density of the latents of a [`CouplingFlow`](super::CouplingFlow).
    ///
    /// See [`CouplingFlowConfig::circular`](super::CouplingFlowConfig::circular) for an example.
    pub enum CouplingFlowBase {
        /// Standard normal numbers.
        Normal(StandardNormal),
        /// Angles that are uniform on the circle.
        Circle(Flow<Standardize, UnitCube>),
    }
    impl<C: Condition> Base<C>: Tensor<2>;
    impl<C: Condition> LowerBase<C> {
        fn scales(&self) -> Vec<usize>;
        fn lower_base(&self, plan: &mut Lowering) -> Box<dyn CompiledBase>;
    }
}

impl CouplingFlowBase {
    pub(super) fn of(style: CouplingStyle, features: usize, device: &Device) -> Self {
        let CouplingStyle::CircularSpline { bound, .. } = style else {
            return Self::Normal(StandardNormal::new(features));
        };
        // The circle begins at `−bound` and is `2 bound` long.
        let constant = |value: f64| Tensor::<1>::full([features], value, device);
        let to_unit = Standardize::from_statistics(constant(-bound), constant((2.0 * bound).ln()));
        Self::Circle(Flow::new(to_unit, UnitCube::new(features)))
    }
}
