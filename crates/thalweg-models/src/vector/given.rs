//! A flow on vectors under a condition.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use thalweg_flow::points::{Points, log_probs};
use thalweg_flow::{Base, Bijection, Condition, FlowError, Noise, Reversible};

use super::{VectorConfig, VectorFlow};
use crate::door::{assert_condition, mean, mean_of, weighted_mean};

/// A [`VectorFlow`] under a condition; see [`VectorFlow::given`].
///
/// Without a tape, every method takes any number of rows, [by chunks](thalweg_flow::bulk).
///
/// See [`Conditional`](crate::Conditional) for an example.
///
/// # Panics
///
/// Every method panics for another number of features, when the condition has other numbers a row
/// than the model takes, and when it has neither one row nor one for each sample.
#[derive(Debug)]
pub struct GivenVector<
    'a,
    B: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
    K: VectorConfig<Bijection = B, Base = P>,
> {
    pub(super) model: &'a VectorFlow<B, P, K>,
    pub(super) context: &'a K::Context,
}

impl<'a, B, P, K> GivenVector<'a, B, P, K>
where
    B: Bijection<K::Context, Data = Tensor<2>, Latent = Tensor<2>>,
    P: Base<K::Context, Latent = Tensor<2>>,
    K: VectorConfig<Bijection = B, Base = P>,
{
    /// `log p(x)` in nats: `[batch]`.
    pub fn log_prob(&self, x: Tensor<2>) -> Tensor<1> {
        self.assert_rows("takes rows", &x);
        self.model.flow.given(self.context).log_prob(x)
    }

    /// [`log_prob`](Self::log_prob) of any number of rows, in order, in f64 and in the memory of
    /// `batch` rows. The rows are a tensor, or lie in the host's memory.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_models::CouplingFlowConfig;
    ///
    /// let flow = CouplingFlowConfig::realnvp(2).init(&Device::default());
    /// let rows = vec![[0.5, 1.0], [f64::NAN, 0.0]];
    /// assert_eq!(flow.log_probs(&rows[..1], 64)?.len(), 1);
    /// let error = flow.log_probs(&rows, 64).unwrap_err();
    /// assert!(error.to_string().starts_with("row 1, feature 0 is NaN"));
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number that is not finite, named by its row, and rows of several lengths.
    ///
    /// # Panics
    ///
    /// When `batch` is 0, and as the other methods.
    pub fn log_probs(
        &self,
        rows: &(impl Points<2> + ?Sized),
        batch: usize,
    ) -> Result<Vec<f64>, FlowError> {
        self.context.check(None)?;
        let (plain, count) = (self.model.valid(), rows.count());
        log_probs(rows, batch, &plain.flow.placement(), |x, range| {
            x.check(None)?;
            let context = self.context.part_of(range, count);
            Ok(plain.given(&context).log_prob(x))
        })
    }

    /// The training loss, `[1]`: the mean of `−log p(x)` over the batch; 0 for an empty batch.
    pub fn loss(&self, x: Tensor<2>) -> Tensor<1> {
        mean(self.model, self.log_prob(x)).neg()
    }

    /// The [`loss`](Self::loss) of rows that count with weights from 0 on, `[batch]`: `−Σ w log p(x) / Σ w`; 0
    /// where no row counts.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_models::CouplingFlowConfig;
    ///
    /// let device = Device::default();
    /// let flow = CouplingFlowConfig::realnvp(2).init(&device);
    /// let x = Tensor::<2>::from_floats([[0.5, 1.0], [9.0, 9.0]], &device);
    /// // The second row does not count.
    /// let weighted = flow.loss_weighted(x.clone(), Tensor::from_floats([2.0, 0.0], &device));
    /// let first = flow.loss(x.narrow(0, 0, 1));
    /// assert!((weighted - first).abs().into_scalar::<f32>() < 1e-5);
    /// ```
    ///
    /// # Panics
    ///
    /// For another number of weights than rows, and as the other methods.
    pub fn loss_weighted(&self, x: Tensor<2>, weights: Tensor<1>) -> Tensor<1> {
        weighted_mean(self.model, self.log_prob(x), weights).neg()
    }

    /// The [`loss`](Self::loss) and its gradient, in memory that does not grow with the number of
    /// layers.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Reversible;
    /// use thalweg_models::CouplingFlowConfig;
    ///
    /// let device = Device::default();
    /// let flow = CouplingFlowConfig::realnvp(2).with_couplings(2).init(&device.clone().autodiff());
    /// let x = Tensor::<2>::from_floats([[0.5, 1.0]], &device);
    /// let (loss, gradients) = flow.loss_and_gradients(x.clone(), &Reversible::new());
    /// let expected = flow.loss(x).into_scalar::<f32>();
    /// assert!((loss.into_scalar::<f32>() - expected).abs() < 1e-5);
    /// assert!(gradients.len() > 0);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Flow::loss_and_gradients`](thalweg_flow::Flow::loss_and_gradients), and as the other
    /// methods.
    pub fn loss_and_gradients(
        &self,
        x: Tensor<2>,
        how: &Reversible,
    ) -> (Tensor<1>, GradientsParams) {
        self.assert_rows("takes rows", &x);
        let flow = self.model.flow.given(self.context);
        flow.loss_and_gradients(x, how, |log_prob| mean_of(log_prob).neg())
    }

    /// The latents of data.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_models::CouplingFlowConfig;
    ///
    /// let device = Device::default();
    /// let flow = CouplingFlowConfig::nsf(2).init(&device);
    /// let x = Tensor::<2>::from_floats([[0.5, 1.0]], &device);
    /// let back = flow.decode(flow.encode(x.clone()));
    /// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-4);
    /// ```
    pub fn encode(&self, x: Tensor<2>) -> Tensor<2> {
        self.assert_rows("takes rows", &x);
        self.model.flow.given(self.context).encode(x)
    }

    /// The data of latents.
    pub fn decode(&self, z: Tensor<2>) -> Tensor<2> {
        self.assert_rows("takes latents", &z);
        self.model.flow.given(self.context).decode(z)
    }

    /// `n` samples, see [`Flow::sample`](thalweg_flow::Flow::sample).
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Tensor<2> {
        self.assert_condition(n);
        let flow = self.model.flow.given(self.context);
        flow.sample(n, temperature, noise)
    }

    /// `n` samples and their log-density, see
    /// [`Flow::sample_with_log_prob`](thalweg_flow::Flow::sample_with_log_prob).
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::Noise;
    /// use thalweg_models::CouplingFlowConfig;
    ///
    /// let flow = CouplingFlowConfig::nsf(2).init(&Device::default());
    /// let (x, nats) = flow.sample_with_log_prob(5, 1.0, &mut Noise::seeded(0));
    /// assert!((flow.log_prob(x) - nats).abs().max().into_scalar::<f32>() < 1e-4);
    /// ```
    pub fn sample_with_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> (Tensor<2>, Tensor<1>) {
        self.assert_condition(n);
        let flow = self.model.flow.given(self.context);
        flow.sample_with_log_prob(n, temperature, noise)
    }

    /// `n` samples and the log-density of their draw, in one pass; see
    /// [`Flow::sample_with_drawn_log_prob`](thalweg_flow::Flow::sample_with_drawn_log_prob).
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::Noise;
    /// use thalweg_models::CouplingFlowConfig;
    ///
    /// let flow = CouplingFlowConfig::nsf(2).init(&Device::default());
    /// let (x, nats) = flow.sample_with_drawn_log_prob(5, 1.0, &mut Noise::seeded(0));
    /// assert!((flow.log_prob(x) - nats).abs().max().into_scalar::<f32>() < 1e-4);
    /// ```
    pub fn sample_with_drawn_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> (Tensor<2>, Tensor<1>) {
        self.assert_condition(n);
        let flow = self.model.flow.given(self.context);
        flow.sample_with_drawn_log_prob(n, temperature, noise)
    }

    /// Samples that are too many for the memory together, see [`thalweg_flow::Given::sample_chunks`].
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::CouplingFlowConfig;
    ///
    /// let flow = CouplingFlowConfig::nsf(2).init(&Device::default());
    /// let pieces: Vec<Tensor<2>> = flow.sample_chunks(5, 1.0, &mut Noise::seeded(0)).collect();
    /// let all = flow.sample(5, 1.0, &mut Noise::seeded(0));
    /// assert!((Tensor::cat(pieces, 0) - all).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    pub fn sample_chunks<'n>(
        &self,
        n: usize,
        temperature: f64,
        noise: &'n mut Noise,
    ) -> impl Iterator<Item = Tensor<2>> + use<'a, 'n, B, P, K> {
        self.assert_condition(n);
        let flow = self.model.flow.given(self.context);
        flow.sample_chunks(n, temperature, noise)
    }

    /// `draws` samples for each row of the condition, see [`thalweg_flow::Given::sample_each`].
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::CouplingFlowConfig;
    /// use thalweg_models::vector::GivenVector;
    ///
    /// let device = Device::default();
    /// let flow = CouplingFlowConfig::nsf(2).with_context(1).init(&device);
    /// let conditions = Tensor::<2>::from_floats([[0.0], [1.0]], &device);
    /// let given: GivenVector<_, _, _> = flow.given(&conditions);
    /// let each = given.sample_each(2, 1.0, &mut Noise::seeded(0));
    /// let repeated = Tensor::<2>::from_floats([[0.0], [0.0], [1.0], [1.0]], &device);
    /// let all = flow.given(&repeated).sample(4, 1.0, &mut Noise::seeded(0));
    /// assert!((each - all).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    pub fn sample_each(&self, draws: usize, temperature: f64, noise: &mut Noise) -> Tensor<2> {
        self.model.config().assert_context(self.context);
        let flow = self.model.flow.given(self.context);
        flow.sample_each(draws, temperature, noise)
    }

    fn assert_rows(&self, what: &str, x: &Tensor<2>) {
        self.model.assert_rows(what, x);
        self.assert_condition(x.dims()[0]);
    }

    fn assert_condition(&self, samples: usize) {
        self.model.config().assert_context(self.context);
        assert_condition(K::KIND, self.context, samples);
    }
}
