//! The flow of numbers: which one, and how large.

use std::fmt;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::Noise;
use thalweg_models::{
    AutoregressiveFlow, AutoregressiveFlowConfig, ConditionalAutoregressiveFlow,
    ConditionalCouplingFlow, ConfigError, CouplingFlow, CouplingFlowConfig, CouplingStyle,
    ModelConfig,
};

use super::Likelihood;
use super::training::{BLOCK, MASKED};

/// The family of a flow of numbers.
///
/// See [`Network`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Family {
    /// Neural spline couplings, as [`CouplingFlowConfig::nsf`]: densities and samples in one pass.
    Spline,
    /// RealNVP, [`CouplingFlowConfig::realnvp`].
    Affine,
    /// An autoregressive spline flow, as [`AutoregressiveFlowConfig::nsf_ar`]: a sample takes a pass for each column.
    AutoregressiveSpline,
    /// A masked autoregressive flow, [`AutoregressiveFlowConfig::maf`].
    AutoregressiveAffine,
    /// Circular splines, [`CouplingFlowConfig::circular`]: for angles.
    Circular,
}

/// A flow: its family and its sizes.
///
/// ```
/// use thalweg_tabular::{Family, Network};
///
/// let network = Network::new(Family::AutoregressiveSpline).with_layers(4).with_hidden(&[32, 32]);
/// assert_eq!(network.to_string(), "autoregressive spline flow, 4 layers of 32 × 32");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    pub(crate) family: Family,
    pub(crate) layers: usize,
    pub(crate) hidden: Vec<usize>,
}

/// The range is wider than the `[−3, 3]` of the papers: under one condition the numbers may spread more than under all
/// together, and outside the range a spline cannot follow.
const SPLINE: CouplingStyle = CouplingStyle::Spline {
    bins: 8,
    bound: 5.0,
};

impl Network {
    /// Six layers of 64 × 64 of this family.
    pub fn new(family: Family) -> Self {
        Self {
            family,
            layers: 6,
            hidden: vec![64, 64],
        }
    }

    /// The number of couplings, or of autoregressive transforms.
    pub fn with_layers(self, layers: usize) -> Self {
        Self { layers, ..self }
    }

    /// The widths of the hidden layers of each network.
    pub fn with_hidden(self, hidden: &[usize]) -> Self {
        Self {
            hidden: hidden.to_vec(),
            ..self
        }
    }

    fn coupling(&self, features: usize, seed: u64) -> Option<CouplingFlowConfig> {
        let config = match self.family {
            Family::Spline => CouplingFlowConfig::new(features, SPLINE),
            Family::Affine => CouplingFlowConfig::realnvp(features),
            Family::Circular => CouplingFlowConfig::circular(features),
            Family::AutoregressiveSpline | Family::AutoregressiveAffine => return None,
        };
        let config = config.with_couplings(self.layers).with_seed(seed);
        Some(config.with_hidden(self.hidden.clone()))
    }

    fn autoregressive(&self, features: usize, seed: u64) -> AutoregressiveFlowConfig {
        let config = match self.family {
            Family::AutoregressiveSpline => {
                AutoregressiveFlowConfig::new(features, SPLINE).with_mix(true)
            }
            _ => AutoregressiveFlowConfig::maf(features),
        };
        let config = config.with_transforms(self.layers).with_seed(seed);
        config.with_hidden(self.hidden.clone())
    }

    /// Checks the sizes.
    ///
    /// # Errors
    ///
    /// A size of 0.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        match self.coupling(1, 0) {
            Some(config) => config.check(),
            None => self.autoregressive(1, 0).check(),
        }
    }

    /// A lower bound on the number of values in all parameters.
    pub(crate) fn parameters(&self, features: usize, context: usize) -> u128 {
        match (self.coupling(features, 0), context) {
            (Some(config), 0) => config.count(),
            (Some(config), _) => config.with_context(context).count(),
            (None, 0) => self.autoregressive(features, 0).count(),
            (None, _) => self
                .autoregressive(features, 0)
                .with_context(context)
                .count(),
        }
    }

    /// The untrained flow of this many numbers under this many conditions.
    pub(crate) fn build(
        &self,
        features: usize,
        context: usize,
        seed: u64,
        device: &Device,
    ) -> VectorModel {
        match (self.coupling(features, seed), context) {
            (Some(config), 0) => VectorModel::Coupling(config.init(device)),
            (Some(config), _) => {
                VectorModel::ConditionalCoupling(config.with_context(context).init(device))
            }
            (None, 0) => {
                VectorModel::Autoregressive(self.autoregressive(features, seed).init(device))
            }
            (None, _) => {
                let config = self.autoregressive(features, seed).with_context(context);
                VectorModel::ConditionalAutoregressive(config.init(device))
            }
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let family = match self.family {
            Family::Spline => "spline coupling flow",
            Family::Affine => "affine coupling flow",
            Family::AutoregressiveSpline => "autoregressive spline flow",
            Family::AutoregressiveAffine => "masked autoregressive flow",
            Family::Circular => "circular spline flow",
        };
        let widths: Vec<String> = self.hidden.iter().map(usize::to_string).collect();
        write!(
            f,
            "{family}, {} layers of {}",
            self.layers,
            widths.join(" × ")
        )
    }
}

/// A flow of vectors, with or without conditions.
#[derive(Module, Debug)]
pub(crate) enum VectorModel {
    Coupling(CouplingFlow),
    ConditionalCoupling(ConditionalCouplingFlow),
    Autoregressive(AutoregressiveFlow),
    ConditionalAutoregressive(ConditionalAutoregressiveFlow),
}

/// Calls a method of the flow, under its condition where it has one.
macro_rules! with_flow {
    ($self:expr, $context:expr, |$flow:ident| $call:expr) => {
        match ($self, $context) {
            (VectorModel::Coupling($flow), _) => $call,
            (VectorModel::Autoregressive($flow), _) => $call,
            (VectorModel::ConditionalCoupling(flow), Some(context)) => {
                let $flow = flow.given(context);
                $call
            }
            (VectorModel::ConditionalAutoregressive(flow), Some(context)) => {
                let $flow = flow.given(context);
                $call
            }
            _ => unreachable!("a conditional flow got no conditions"),
        }
    };
}

impl VectorModel {
    /// The fewest rows that are scored together, so that a row's bits do not depend on their number.
    pub(crate) fn least_rows(&self) -> usize {
        match self {
            Self::Coupling(_) | Self::ConditionalCoupling(_) => BLOCK,
            Self::Autoregressive(_) | Self::ConditionalAutoregressive(_) => MASKED,
        }
    }

    /// The latents of numbers.
    pub(crate) fn encode(&self, x: Tensor<2>, context: Option<&Tensor<2>>) -> Tensor<2> {
        with_flow!(self, context, |flow| flow.encode(x))
    }

    /// The numbers of latents.
    pub(crate) fn decode(&self, z: Tensor<2>, context: Option<&Tensor<2>>) -> Tensor<2> {
        with_flow!(self, context, |flow| flow.decode(z))
    }

    /// One sample for each row of the conditions, or `n` without.
    pub(crate) fn sample(
        &self,
        n: usize,
        context: Option<&Tensor<2>>,
        noise: &mut Noise,
    ) -> Tensor<2> {
        with_flow!(self, context, |flow| flow.sample(n, 1.0, noise))
    }
}

impl Likelihood for VectorModel {
    fn log_prob(&self, x: Tensor<2>, context: Option<&Tensor<2>>) -> Tensor<1> {
        with_flow!(self, context, |flow| flow.log_prob(x))
    }
}

#[cfg(feature = "check")]
impl VectorModel {
    /// A report on the flow.
    pub(crate) fn check(
        &self,
        x: &Tensor<2>,
        context: Option<&Tensor<2>>,
        options: &thalweg_check::Options,
    ) -> Result<thalweg_check::Check, thalweg_check::CheckError> {
        use thalweg_check::{check, check_given};
        let context = || context.expect("a flow with conditions comes with them");
        match self {
            Self::Coupling(flow) => check(flow, x, options),
            Self::Autoregressive(flow) => check(flow, x, options),
            Self::ConditionalCoupling(flow) => check_given(flow, x, context(), options),
            Self::ConditionalAutoregressive(flow) => check_given(flow, x, context(), options),
        }
    }
}
