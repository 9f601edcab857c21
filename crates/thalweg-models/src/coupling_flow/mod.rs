//! Flows of couplings for vectors: RealNVP and neural spline flows.

mod config;
mod transformer;

pub use config::CouplingFlowConfig;
pub use transformer::{CouplingFlowBase, CouplingNetwork, CouplingStyle, CouplingTransformer};

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use thalweg_flow::points::{Points, log_probs};
use thalweg_flow::{
    CompiledFlow, Condition, Coupling, Flow, FlowError, InvertibleLinear, Noise, Reversible,
    Standardize, Warning, chain,
};

use crate::ModelConfig;
use crate::door::{assert_shape, mean, mean_of};
use crate::model::model;

/// A density of vectors: standardization, couplings behind learned linear maps, a standard normal
/// base. With [`CouplingStyle::CircularSpline`] it is one of angles: couplings alone, on a uniform base.
///
/// Log-densities are those of the data as given, standardization included, in nats a row.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::CouplingFlowConfig;
///
/// let device = Device::default();
/// let data: Tensor<2> = Noise::seeded(0).normal([100, 3], &device, burn::tensor::DType::F32) * 5.0;
/// let flow = CouplingFlowConfig::nsf(3).init(&device).initialize(&data)?;
/// assert_eq!(flow.log_prob(data).dims(), [100]);
/// assert_eq!(flow.sample(7, 1.0, &mut Noise::seeded(1)).dims(), [7, 3]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017. Durkan, Bekasov,
/// Murray, Papamakarios: *Neural spline flows*, 2019.
#[derive(Module, Debug)]
pub struct CouplingFlow {
    /// From data to latents, and the base.
    pub flow: Flow<CouplingFlowBijection, CouplingFlowBase>,
    #[module(skip)]
    config: CouplingFlowConfig,
    #[module(skip)]
    warnings: Vec<Warning>,
}

model! { [] CouplingFlow, of CouplingFlowConfig, with warnings }

impl CouplingFlow {
    /// Fits the standardization to training data, `[rows, features]`: once, before training.
    /// Constant features give [`warnings`](Self::warnings). Angles are not standardized.
    ///
    /// # Errors
    ///
    /// Fewer than two rows, a value that is not finite, or an angle outside its circle.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn initialize(mut self, data: &Tensor<2>) -> Result<Self, FlowError> {
        self.assert_features(data);
        let (fitted, warnings) = Warning::gather(|| Standardize::fit(data));
        let fitted = fitted?.layer;
        match self.config.style {
            CouplingStyle::CircularSpline { bound, .. } => check_angles(data, bound)?,
            _ => self.flow.bijection.standardize = fitted,
        }
        self.warnings = warnings;
        Ok(self)
    }

    /// `log p(x)` in nats: `[batch]`.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn log_prob(&self, x: Tensor<2>) -> Tensor<1> {
        self.assert_features(&x);
        self.flow.log_prob(x)
    }

    /// [`log_prob`](Self::log_prob) of any number of rows, in order, in f64 and in the memory of
    /// `batch` rows. The rows are a tensor, or lie in the host's memory.
    ///
    /// # Errors
    ///
    /// A number that is not finite, named by its row, and rows of several lengths.
    ///
    /// # Panics
    ///
    /// When `batch` is 0, and for another number of features.
    pub fn log_probs(
        &self,
        rows: &(impl Points<2> + ?Sized),
        batch: usize,
    ) -> Result<Vec<f64>, FlowError> {
        let plain = self.valid();
        log_probs(rows, batch, &plain.flow.placement(), |x, _| {
            x.check(None)?;
            Ok(plain.log_prob(x))
        })
    }

    /// The training loss, `[1]`: the mean of `−log p(x)` over the batch; 0 for an empty batch.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn loss(&self, x: Tensor<2>) -> Tensor<1> {
        mean(self, self.log_prob(x)).neg()
    }

    fn assert_features(&self, x: &Tensor<2>) {
        assert_shape(
            CouplingFlowConfig::KIND,
            "takes rows",
            x,
            &[self.config.features],
        );
    }

    /// The [`loss`](Self::loss) and its gradient, in memory that does not grow with the number of
    /// couplings.
    ///
    /// # Panics
    ///
    /// For another number of features, and as [`Flow::loss_and_gradients`].
    pub fn loss_and_gradients(
        &self,
        x: Tensor<2>,
        how: &Reversible,
    ) -> (Tensor<1>, GradientsParams) {
        self.assert_features(&x);
        self.flow
            .loss_and_gradients(x, how, |log_prob| mean_of(log_prob).neg())
    }

    /// The latents of data.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn encode(&self, x: Tensor<2>) -> Tensor<2> {
        self.assert_features(&x);
        self.flow.encode(x)
    }

    /// The data of latents.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn decode(&self, z: Tensor<2>) -> Tensor<2> {
        assert_shape(
            CouplingFlowConfig::KIND,
            "takes latents",
            &z,
            &[self.config.features],
        );
        self.flow.decode(z)
    }

    /// `n` samples, see [`Flow::sample`].
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Tensor<2> {
        self.flow.sample(n, temperature, noise)
    }

    /// The compiled form, for single points.
    pub fn compile(&self) -> CompiledFlow {
        self.flow.compile()
    }
}

/// Standardization, then couplings behind invertible linear maps:
/// `ln|det J| = −Σ ln σ + Σ (ln|det W| + ln|det ∂τ|)`.
#[derive(Module, Debug)]
pub struct CouplingFlowBijection {
    standardize: Standardize,
    steps: Vec<Step>,
}

#[derive(Module, Debug)]
struct Step {
    /// Angles are not mixed: a sum of angles is another angle only for whole weights.
    mix: Option<InvertibleLinear>,
    coupling: Coupling<CouplingTransformer, CouplingNetwork>,
}

chain! { [C] Step, given C: Tensor<2> => Tensor<2>, by mix, coupling; lowered [C] }

chain! {
    [C] CouplingFlowBijection, given C: Tensor<2> => Tensor<2>,
    by standardize, steps; lowered [C]
}

/// # Errors
///
/// An angle outside the circle from `−bound` to `bound`, as the dtype rounds it.
fn check_angles(data: &Tensor<2>, bound: f64) -> Result<(), FlowError> {
    let [_, features] = data.dims();
    let slack = 1e-6 * bound;
    let numbers = data.to_data();
    let outside = |(_, value): &(usize, f64)| value.abs() > bound + slack;
    match numbers.iter::<f64>().enumerate().find(outside) {
        None => Ok(()),
        Some((index, value)) => Err(FlowError::OutsideCircle {
            row: index / features,
            feature: index % features,
            value,
            bound,
        }),
    }
}
