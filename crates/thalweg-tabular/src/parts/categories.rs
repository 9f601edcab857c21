//! The joint distribution of categories, given conditions.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thalweg_flow::Noise;
use thalweg_models::{
    Categorical, CategoricalConfig, ConditionalCategorical, ConfigError, ModelConfig,
};

use super::Batch;
use super::training::{BLOCK, Fitted, Likelihood, Plan, Sample, blocks, tensor, train};
use crate::DensityError;

/// The joint distribution of the categories of a row, the flags of numbers and angles among them, by an
/// autoregressive network: exact probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Categories {
    levels: Vec<usize>,
    hidden: Vec<usize>,
    context: usize,
    seed: u64,
}

/// The network, with or without conditions.
#[derive(Module, Debug)]
pub(crate) enum CategoryModel {
    Free(Categorical),
    Given(ConditionalCategorical),
}

impl Likelihood for CategoryModel {
    /// `x` holds codes.
    fn log_prob(&self, x: Tensor<2>, context: Option<&Tensor<2>>) -> Tensor<1> {
        self.by_variable(x.int(), context).sum_dim(1).squeeze_dim(1)
    }
}

impl CategoryModel {
    fn by_variable(&self, codes: Tensor<2, Int>, context: Option<&Tensor<2>>) -> Tensor<2> {
        match (self, context) {
            (Self::Free(model), _) => model.log_probs_by_variable(codes),
            (Self::Given(model), Some(context)) => {
                model.given(context).log_probs_by_variable(codes)
            }
            (Self::Given(_), None) => unreachable!("a conditional network got no conditions"),
        }
    }
}

impl Categories {
    /// Fits the network to training rows; the held-out ones choose its weights.
    pub(crate) fn fit(
        levels: Vec<usize>,
        sample: Sample<'_>,
        held_out: Sample<'_>,
        hidden: &[usize],
        plan: &Plan,
        device: &Device,
    ) -> Result<(Self, CategoryModel, Fitted<()>), DensityError> {
        let (variables, rows) = (levels.len(), sample.targets.rows);
        let context = sample.inputs.len() / rows.max(1);
        let this = Self {
            levels,
            hidden: hidden.to_vec(),
            context,
            seed: plan.seed,
        };
        let codes = |sample: &Sample<'_>, rows: &[usize]| {
            let codes = rows
                .iter()
                .flat_map(|row| &sample.targets.codes[row * variables..][..variables]);
            tensor(codes.map(|code| *code as f32).collect(), variables, device)
        };
        let batch = |sample: &Sample<'_>, rows: &[usize], held_out| Batch {
            x: codes(sample, rows),
            context: sample.context(rows, context, device),
            weights: rows.iter().map(|row| sample.weights[*row]).collect(),
            held_out,
        };
        let all: Vec<usize> = (0..rows).collect();
        let judged: Vec<usize> = (0..held_out.targets.rows).collect();
        let validation = (!judged.is_empty()).then(|| batch(&held_out, &judged, true));
        let start = codes(&sample, &all).int();
        let fails = |problem: thalweg_flow::FlowError| DensityError::Training {
            part: "categories".to_owned(),
            problem: problem.to_string(),
        };
        let model = match this.build(&device.clone().autodiff()) {
            CategoryModel::Free(model) => CategoryModel::Free(
                model
                    .initialize(&start, Some(sample.weights))
                    .map_err(fails)?,
            ),
            CategoryModel::Given(model) => CategoryModel::Given(
                model
                    .initialize(&start, Some(sample.weights))
                    .map_err(fails)?,
            ),
        };
        let batch = |rows: &[usize], _| batch(&sample, rows, false);
        let fitted = train("categories", model, rows, batch, validation, plan)?;
        let (model, fitted) = fitted.split();
        Ok((this, model, fitted))
    }

    fn config(&self) -> CategoricalConfig {
        CategoricalConfig::new(self.levels.clone())
            .with_hidden(self.hidden.clone())
            .with_seed(self.seed)
    }

    /// The untrained network that holds the parameters.
    pub(crate) fn build(&self, device: &Device) -> CategoryModel {
        match self.context {
            0 => CategoryModel::Free(self.config().init(device)),
            context => CategoryModel::Given(self.config().with_context(context).init(device)),
        }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.config().check()
    }

    /// A lower bound on the number of values in all parameters.
    pub(crate) fn parameters(&self) -> u128 {
        match self.context {
            0 => self.config().count(),
            context => self.config().with_context(context).count(),
        }
    }

    /// The number of categories.
    pub(crate) fn count(&self) -> usize {
        self.levels.len()
    }

    /// `ln p` of each category of rows, given those before it: `rows × categories`.
    pub(crate) fn log_probs(
        &self,
        model: &CategoryModel,
        codes: &[usize],
        inputs: &[f32],
        device: &Device,
    ) -> Vec<f64> {
        let numbers = codes.iter().map(|code| *code as f32).collect();
        let tensor = blocks(numbers, self.count(), BLOCK, device).int();
        let context =
            (self.context > 0).then(|| blocks(inputs.to_vec(), self.context, BLOCK, device));
        let logs = model.by_variable(tensor, context.as_ref()).into_data();
        logs.iter().take(codes.len()).collect()
    }

    /// One sample of codes for each of `n` rows of inputs.
    pub(crate) fn sample(
        &self,
        model: &CategoryModel,
        n: usize,
        inputs: &[f32],
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Vec<usize> {
        let noise = &mut Noise::seeded(rng.random());
        let codes = match model {
            CategoryModel::Free(model) => model.sample(n, noise),
            CategoryModel::Given(model) => {
                let context = tensor(inputs.to_vec(), self.context, device);
                model.given(&context).sample(n, noise)
            }
        };
        codes
            .into_data()
            .iter::<i64>()
            .map(|code| code as usize)
            .collect()
    }

    /// The number of inputs.
    pub(crate) fn context(&self) -> usize {
        self.context
    }

    pub(crate) fn levels(&self) -> &[usize] {
        &self.levels
    }
}
