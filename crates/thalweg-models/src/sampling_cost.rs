//! The cost of a density and of a sample.

use std::fmt;

use thalweg_flow::{Integration, Steps};

/// The passes through a model's networks for a density and for a sample.
///
/// ```
/// use thalweg_models::{CouplingFlowConfig, ImageSize, ModelConfig, Passes, SamplingCost, VaeConfig};
///
/// let cost = CouplingFlowConfig::nsf(6).sampling_cost();
/// assert_eq!((cost.density, cost.sample), (Passes::One, Passes::One));
/// assert_eq!(cost, SamplingCost::ONE_PASS);
/// let cost = VaeConfig::blog(ImageSize::new([1, 28, 28])).sampling_cost();
/// assert_eq!(cost, SamplingCost::DECODER);
/// assert_eq!(cost.to_string(), "density: a bound by K samples; sample: 1 pass");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamplingCost {
    /// For the log-density of a batch.
    pub density: Passes,
    /// For a batch of samples.
    pub sample: Passes,
}

impl SamplingCost {
    /// One pass either way: couplings.
    pub const ONE_PASS: Self = Self {
        density: Passes::One,
        sample: Passes::One,
    };

    /// A decoder of latents: a bound on the density, and samples in one pass.
    pub const DECODER: Self = Self {
        density: Passes::Bound,
        sample: Passes::One,
    };
}

impl fmt::Display for SamplingCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "density: {}; sample: {}", self.density, self.sample)
    }
}

/// Passes through the networks of a model, of a batch at a time.
///
/// ```
/// use thalweg_models::{AutoregressiveFlowConfig, ModelConfig, NiceConfig, Passes};
///
/// let cost = AutoregressiveFlowConfig::maf(5).sampling_cost();
/// assert_eq!((cost.density, cost.sample), (Passes::One, Passes::Incremental { features: 5 }));
/// assert_eq!(NiceConfig::paper(5, 256).sampling_cost().sample, Passes::One);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Passes {
    /// Each network once.
    One,
    /// One step for each feature. A step evaluates the columns of the networks that changed, so that
    /// all steps together cost about the arithmetic of one pass.
    Incremental {
        /// The number of features.
        features: usize,
    },
    /// The network once for each evaluation of the solver of a differential equation, or of a fixed point.
    Solver {
        /// The number of evaluations; `None` where the solver chooses its steps or ends by itself.
        evaluations: Option<usize>,
        /// The tangents beside each evaluation, for the divergence. Each costs about one more.
        tangents: usize,
    },
    /// A lower bound, by importance samples: the encoder once, the decoder once a sample.
    Bound,
    /// The model has none.
    None,
}

impl Passes {
    /// Those of an integration, with this number of tangents beside each evaluation.
    pub(crate) fn of_solver(integration: &Integration, tangents: usize) -> Self {
        let evaluations = match integration.steps {
            Steps::Fixed(steps) => Some(integration.evaluations(steps)),
            Steps::Adaptive { .. } => None,
        };
        Self::Solver {
            evaluations,
            tangents,
        }
    }
}

impl fmt::Display for Passes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => write!(f, "1 pass"),
            Self::Incremental { features } => {
                write!(f, "{features} steps, about 1 pass together")
            }
            Self::Solver {
                evaluations,
                tangents,
            } => {
                if let Some(evaluations) = evaluations {
                    write!(f, "{evaluations} ")?;
                }
                write!(f, "evaluations of the solver")?;
                match tangents {
                    0 => Ok(()),
                    1 => write!(f, ", each with 1 tangent"),
                    tangents => write!(f, ", each with {tangents} tangents"),
                }
            }
            Self::Bound => write!(f, "a bound by K samples"),
            Self::None => write!(f, "none"),
        }
    }
}
