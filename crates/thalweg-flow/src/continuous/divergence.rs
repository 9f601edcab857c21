//! The divergence of a field, exact or estimated.

use burn::tensor::{DType, Device, Tensor};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

use super::VectorField;
use crate::numerics::from_host;
use crate::{FlowError, Noise};

/// Up to this number of features [`Divergence::Auto`] is exact.
const FEW: usize = 16;

/// How the divergence `tr J`, `J = ∂v/∂x`, is computed.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Continuous, Divergence, Noise, TimeMlpConfig};
///
/// let device = Device::default();
/// let field = TimeMlpConfig::new(2, vec![8]).init(&mut Noise::seeded(0), &device);
/// let exact = Continuous::new(field).with_divergence(Divergence::Exact);
/// let estimate = Divergence::Hutchinson { seed: 0, probes: 200 };
/// let estimated = exact.clone().with_divergence(estimate);
/// assert_eq!(estimated.divergence(), estimate);
///
/// let x = Tensor::<2>::ones([1, 2], &device);
/// let [a, b] = [exact.try_forward(x.clone(), &())?, estimated.try_forward(x, &())?];
/// // The way of the points is the same.
/// assert!((a.value - b.value).abs().max().into_scalar::<f32>() < 1e-4);
/// assert!((a.log_det - b.log_det).abs().max().into_scalar::<f32>() < 0.1);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Divergence {
    /// Exact for 16 features or fewer and for fields whose exact divergence is
    /// [cheap](VectorField::has_cheap_divergence), Hutchinson's estimate by one probe of seed 0 otherwise.
    #[default]
    Auto,
    /// `Σᵢ ∂vᵢ/∂xᵢ` by one tangent a feature.
    Exact,
    /// `1/n Σ εᵀ J ε` over `n` probes of independent signs: unbiased, since `E ε εᵀ = I`.
    ///
    /// The probes are drawn once an integration, so that the field stays the same along the way. The probe of
    /// a row depends on the seed and the number of the row in its batch, or [chunk](crate::bulk), not on the
    /// other rows. An estimate of `ln p` is
    /// unbiased, one of `p` is not. For training, draw a new seed for each step.
    ///
    /// # References
    ///
    /// Hutchinson: *A stochastic estimator of the trace of the influence matrix*, 1989; Grathwohl, Chen,
    /// Bettencourt, Sutskever, Duvenaud: *FFJORD*, 2019, eq. 7 and 8.
    Hutchinson {
        /// Of the signs.
        seed: u64,
        /// The number of probes a row.
        probes: usize,
    },
}

/// What an integration finds beside the point.
#[derive(Debug, Clone)]
pub(super) enum Trace {
    /// Nothing: for samples without a density.
    None,
    Exact,
    /// By these probes, `[probes, batch, features]`.
    Probes(Tensor<3>),
    /// By these probes, with the energies of regularization.
    Energies(Tensor<3>),
}

impl Divergence {
    /// Whether it is exact, for this number of features and a field whose exact divergence is
    /// [cheap](VectorField::has_cheap_divergence) or not.
    ///
    /// ```
    /// use thalweg_flow::Divergence;
    ///
    /// assert!(Divergence::Auto.is_exact(16, false) && !Divergence::Auto.is_exact(17, false));
    /// // Where it is cheap, for any number of features.
    /// assert!(Divergence::Auto.is_exact(784, true));
    /// ```
    pub fn is_exact(self, features: usize, is_cheap: bool) -> bool {
        match self {
            Self::Auto => is_cheap || features <= FEW,
            Self::Exact => true,
            Self::Hutchinson { .. } => false,
        }
    }

    /// Checks that there is a probe.
    ///
    /// ```
    /// use thalweg_flow::Divergence;
    ///
    /// assert!(Divergence::Hutchinson { seed: 0, probes: 1 }.check().is_ok());
    /// assert!(Divergence::Hutchinson { seed: 0, probes: 0 }.check().is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`FlowError::IntegrationSetting`] for an estimate by 0 probes.
    pub fn check(self) -> Result<(), FlowError> {
        match self {
            Self::Hutchinson { probes: 0, .. } => Err(FlowError::IntegrationSetting {
                problem: "an estimate of the divergence by 0 probes is none; take 1 or more".into(),
            }),
            _ => Ok(()),
        }
    }

    /// The probes of one integration.
    pub(super) fn trace<C, F: VectorField<C>>(self, field: &F, x: &Tensor<2>) -> Trace {
        let [_, features] = x.dims();
        match self {
            _ if self.is_exact(features, field.has_cheap_divergence()) => Trace::Exact,
            Self::Auto | Self::Exact => Trace::Probes(probes(0, 1, x)),
            Self::Hutchinson { seed, probes: n } => Trace::Probes(probes(seed, n, x)),
        }
    }
}

/// Independent signs, `[probes, batch, features]`, row after row of the batch.
fn probes(seed: u64, probes: usize, x: &Tensor<2>) -> Tensor<3> {
    let [batch, features] = x.dims();
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let signs = signs(|| generator.random(), batch * probes * features);
    let device = x.device().without_autodiff();
    let rows = from_host::<3>(signs, [batch, probes, features], &device, x.dtype());
    rows.swap_dims(0, 1)
}

/// [`probes`] from a generator of noise, one a row.
pub(super) fn fresh_probes(
    [batch, features]: [usize; 2],
    device: &Device,
    dtype: DType,
    noise: &mut Noise,
) -> Tensor<3> {
    let device = device.clone().without_autodiff();
    let seed = noise.host_seed();
    let x = Tensor::<2>::empty([batch, features], (&device, dtype));
    probes(seed, 1, &x)
}

/// Signs from the bits of random words.
fn signs(mut word: impl FnMut() -> u32, count: usize) -> Vec<f64> {
    let words = (0..count.div_ceil(32)).map(|_| word());
    let bits = words.flat_map(|word| (0..32).map(move |bit| word >> bit & 1));
    bits.take(count)
        .map(|bit| if bit == 1 { 1.0 } else { -1.0 })
        .collect()
}
