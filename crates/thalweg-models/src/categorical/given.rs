//! A joint distribution of categories under a condition.

use burn::module::Module;
use burn::tensor::{Int, Tensor};
use thalweg_flow::bulk::map_by_chunks;
use thalweg_flow::numerics::expanded;
use thalweg_flow::{Condition, MaskedMlp, Network, Noise, Variable};

use super::draw::{draw, draw_with_log_prob};
use super::{CategoricalModel, CategoricalModelConfig};
use crate::door::{assert_condition, mean, weighted_mean};

/// A [`CategoricalModel`] under a condition; see [`CategoricalModel::given`].
///
/// Without a tape, every method takes any number of rows, [by chunks](thalweg_flow::bulk).
///
/// See [`ConditionalCategorical`](super::ConditionalCategorical) for an example.
///
/// # Panics
///
/// Every method panics for another number of variables, for a code that is no level of its variable, when the
/// condition has other numbers a row than the model takes, and when it has neither one row nor one for each
/// sample.
#[derive(Debug)]
pub struct GivenCategorical<'a, K: CategoricalModelConfig> {
    pub(super) model: &'a CategoricalModel<K>,
    pub(super) context: &'a K::Context,
}

impl<K: CategoricalModelConfig> GivenCategorical<'_, K> {
    /// `ln p(c)` in nats, `[batch]`, of codes `[batch, variables]`.
    pub fn log_prob(&self, codes: Tensor<2, Int>) -> Tensor<1> {
        if codes.dims()[0] == 0 {
            return self.zeros([0]);
        }
        let layout = &self.model.layout;
        self.map(codes, |logits, one_hot| layout.log_prob(&logits, &one_hot))
    }

    /// `ln p(c_k | c_<k)` of each variable in nats, `[batch, variables]`, in the variables' own order: what each
    /// contributes to [`log_prob`](Self::log_prob), which is the sum of a row.
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use thalweg_models::CategoricalConfig;
    ///
    /// let device = Device::default();
    /// let model = CategoricalConfig::new(vec![2, 4]).init(&device);
    /// let codes = Tensor::<2, Int>::from_ints([[0, 3]], &device);
    /// let each = model.given(&()).log_probs_by_variable(codes.clone());
    /// let all = model.log_prob(codes);
    /// assert!((each.sum() - all).abs().into_scalar::<f32>() < 1e-6);
    /// ```
    pub fn log_probs_by_variable(&self, codes: Tensor<2, Int>) -> Tensor<2> {
        if codes.dims()[0] == 0 {
            return self.zeros([0, self.model.levels().len()]);
        }
        let layout = &self.model.layout;
        self.map(codes, |logits, one_hot| {
            layout.log_prob_each(&logits, &one_hot)
        })
    }

    /// The training loss, `[1]`: the mean of `−ln p(c)` over the batch; 0 for an empty batch.
    pub fn loss(&self, codes: Tensor<2, Int>) -> Tensor<1> {
        mean(self.model, self.log_prob(codes)).neg()
    }

    /// The [`loss`](Self::loss) of rows that count with weights from 0 on, `[batch]`: `−Σ w ln p(c) / Σ w`; 0 where
    /// no row counts.
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use thalweg_models::CategoricalConfig;
    ///
    /// let device = Device::default();
    /// let codes = Tensor::<2, Int>::from_ints([[0, 2], [0, 2], [0, 0]], &device);
    /// let model = CategoricalConfig::new(vec![2, 4]).init(&device).initialize(&codes, None)?;
    /// // The frequencies of the first row, smoothed by half a row a level: the others do not count.
    /// let first = -(3.5_f32 / 4.0 * 2.5 / 5.0).ln();
    /// let weighted = model.loss_weighted(codes.clone(), Tensor::from_floats([2.0, 0.0, 0.0], &device));
    /// assert!((weighted.into_scalar::<f32>() - first).abs() < 1e-5);
    /// let loss = model.loss(codes.narrow(0, 0, 2));
    /// assert!((loss.into_scalar::<f32>() - first).abs() < 1e-5);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// For another number of weights than rows, and as the other methods.
    pub fn loss_weighted(&self, codes: Tensor<2, Int>, weights: Tensor<1>) -> Tensor<1> {
        weighted_mean(self.model, self.log_prob(codes), weights).neg()
    }

    /// `n` samples, `[n, variables]`.
    pub fn sample(&self, n: usize, noise: &mut Noise) -> Tensor<2, Int> {
        let none = self.zeros([0, self.model.levels().len()]);
        self.drawn(n, noise, none, draw).int()
    }

    /// `n` samples and their [`log_prob`](Self::log_prob), without another pass of the network. They carry no
    /// gradient.
    pub fn sample_with_log_prob(&self, n: usize, noise: &mut Noise) -> (Tensor<2, Int>, Tensor<1>) {
        let none = (self.zeros([0, self.model.levels().len()]), self.zeros([0]));
        let (codes, log_prob) = self.drawn(n, noise, none, draw_with_log_prob);
        (codes.int(), log_prob)
    }

    /// What `draw` makes of `n` rows of uniform numbers, and `none` for no row.
    fn drawn<Z: Variable>(
        &self,
        n: usize,
        noise: &mut Noise,
        none: Z,
        draw: impl Fn(&MaskedMlp, Option<Tensor<2>>, &Tensor<2>) -> Z + Sync,
    ) -> Z {
        self.assert_condition(n);
        if n == 0 {
            return none;
        }
        let (network, at) = (self.model.network.valid(), self.model.placement());
        let shape = [n, self.model.levels().len()];
        let uniform = noise.uniform(shape, &at.device.without_autodiff(), at.dtype);
        map_by_chunks(
            &network,
            self.context,
            uniform,
            |network, uniform, context| {
                let context = self.vectors(context, uniform.dims()[0]);
                draw(network, context, &uniform)
            },
        )
    }

    /// `draws` samples for each row of the condition: those of row `i` are `i · draws .. (i + 1) · draws`.
    pub fn sample_each(&self, draws: usize, noise: &mut Noise) -> Tensor<2, Int> {
        let context = self.context.repeat_each(draws);
        let n = self.context.rows().unwrap_or(1) * draws;
        self.model.given(&context).sample(n, noise)
    }

    /// Maps the network's outputs and the one-hot codes.
    fn map<Z: Variable>(
        &self,
        codes: Tensor<2, Int>,
        map: impl Fn(Tensor<2>, Tensor<2>) -> Z + Sync,
    ) -> Z {
        if let Err(error) = self.model.check(&codes) {
            panic!("{}: {error}", K::KIND);
        }
        self.assert_condition(codes.dims()[0]);
        let codes = codes.float().cast(self.model.placement().dtype);
        let layout = &self.model.layout;
        map_by_chunks(
            &self.model.network,
            self.context,
            codes,
            |network, codes, context| {
                let context = self.vectors(context, codes.dims()[0]);
                let one_hot = layout.one_hot(codes);
                let inputs = match context {
                    None => one_hot.clone(),
                    Some(context) => Tensor::cat(vec![one_hot.clone(), context], 1),
                };
                map(network.apply(inputs, &()), one_hot)
            },
        )
    }

    /// The condition of each of `rows` rows.
    fn vectors(&self, context: &K::Context, rows: usize) -> Option<Tensor<2>> {
        let vectors = K::vectors(context)?;
        let width = vectors.dims()[1];
        Some(expanded(vectors, [rows, width]))
    }

    fn assert_condition(&self, samples: usize) {
        self.model.config().assert_context(self.context);
        assert_condition(K::KIND, self.context, samples);
    }

    fn zeros<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        let at = self.model.placement();
        Tensor::zeros(shape, (&at.device, at.dtype))
    }
}
