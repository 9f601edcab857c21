//! The training of one part of a density.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use thalweg_metrics::winsorized_mean;
use thalweg_train::{
    BatchSize, CtrlC, Data, History, OneThread, Progress, ProgressBar, Recipe, Signal, TrainError,
};

use crate::DensityError;
use crate::rows::Targets;
use crate::split::shuffled;

/// A density whose parameters are trained by maximum likelihood.
pub(crate) trait Likelihood: Module {
    /// `log p(x | context)` of each row.
    fn log_prob(&self, x: Tensor<2>, context: Option<&Tensor<2>>) -> Tensor<1>;
}

/// Rows in the terms of one part, with what they are conditional on.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// `[rows, width]`.
    pub(crate) x: Tensor<2>,
    /// `[rows, inputs]`, where the part has conditions.
    pub(crate) context: Option<Tensor<2>>,
    /// Of each row.
    pub(crate) weights: Vec<f64>,
    /// Whether it is held out.
    pub(crate) held_out: bool,
}

impl BatchSize for Batch {
    fn batch_size(&self) -> usize {
        self.weights.len()
    }
}

/// Rows on the host, `rows × width`, as a tensor.
pub(crate) fn tensor(values: Vec<f32>, width: usize, device: &Device) -> Tensor<2> {
    let shape = [values.len() / width.max(1), width];
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Rows that networks compute together. A product of fewer goes other ways, which add in another order.
pub(crate) const BLOCK: usize = 16;

/// Rows from which an autoregressive layer goes the way on which it stays.
pub(crate) const MASKED: usize = 256;

/// Rows on the host as a tensor of whole blocks, `least` rows or more, filled up by copies of the last row: then a row has the same
/// bits in a batch of any size. The results of the copies are to be left out.
pub(crate) fn blocks(
    mut values: Vec<f32>,
    width: usize,
    least: usize,
    device: &Device,
) -> Tensor<2> {
    let rows = values.len() / width.max(1);
    if let Some(last) = rows.checked_sub(1) {
        for _ in rows..rows.next_multiple_of(BLOCK).max(least) {
            values.extend_from_within(last * width..rows * width);
        }
    }
    tensor(values, width, device)
}

/// Rows of one table: their modelled columns, the inputs of networks, their weights.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample<'a> {
    pub(crate) targets: &'a Targets,
    /// `rows × context`.
    pub(crate) inputs: &'a [f32],
    pub(crate) weights: &'a [f64],
}

impl Sample<'_> {
    /// The inputs of some rows, `None` where there are none.
    pub(super) fn context(
        &self,
        rows: &[usize],
        width: usize,
        device: &Device,
    ) -> Option<Tensor<2>> {
        if width == 0 {
            return None;
        }
        let inputs = rows
            .iter()
            .flat_map(|row| &self.inputs[row * width..][..width]);
        Some(tensor(inputs.copied().collect(), width, device))
    }
}

/// How long and how to train.
#[derive(Clone)]
pub(crate) struct Plan {
    /// The largest number of steps, if there is no limit.
    pub(crate) steps: usize,
    pub(crate) batch: usize,
    pub(crate) rate: f64,
    /// The time, in place of a number of steps.
    pub(crate) limit: Option<Duration>,
    /// Validations in a row without a better one after which the run ends.
    pub(crate) patience: usize,
    pub(crate) seed: u64,
    pub(crate) progress: bool,
    /// Where the run is kept, to go on with it: a path without the part's name.
    pub(crate) resume: Option<PathBuf>,
    /// What is told of each epoch.
    pub(crate) watch: Option<Watch>,
    /// Whether the training is in vain, as another one failed or was interrupted.
    pub(crate) given_up: Arc<AtomicBool>,
}

/// A function that sees each epoch of each training, with the part's name, and may end it.
pub(crate) type Watch = Arc<dyn Fn(&str, &Progress) -> Signal + Send + Sync>;

/// The result of a training.
#[derive(Debug)]
pub(crate) struct Fitted<M> {
    pub(crate) model: M,
    pub(crate) history: History,
    pub(crate) outcome: String,
}

impl<M> Fitted<M> {
    /// The model, and the rest.
    pub(super) fn split(self) -> (M, Fitted<()>) {
        let fitted = Fitted {
            model: (),
            history: self.history,
            outcome: self.outcome,
        };
        (self.model, fitted)
    }
}

/// Trains a model on `rows` rows, which `batch` gives by their numbers and a seed.
///
/// The weights with the best held-out mean stay. That mean is winsorized: the lowest 1 % of log-densities count as
/// the 1 % quantile, so that no single row decides.
pub(crate) fn train<M>(
    part: &str,
    model: M,
    rows: usize,
    batch: impl Fn(&[usize], u64) -> Batch,
    held_out: Option<Batch>,
    plan: &Plan,
) -> Result<Fitted<M>, DensityError>
where
    M: Likelihood,
{
    let size = plan.batch.min(rows);
    let each = rows.div_ceil(size);
    let seed = plan.seed;
    let batch = &batch;
    let epoch = |epoch: usize| {
        let order = permutation(rows, seed, epoch);
        let parts: Vec<Vec<usize>> = order.chunks(size).map(<[usize]>::to_vec).collect();
        let first = (epoch * each) as u64;
        parts
            .into_iter()
            .enumerate()
            .map(move |(index, rows)| batch(&rows, first + index as u64))
    };
    let data = Data::train(epoch).validate(|_| held_out.clone());
    let progress = plan.progress.then(|| ProgressBar::new().label(part));
    let watch = plan.watch.clone().map(|watch| {
        let part = part.to_owned();
        Arc::new(move |progress: &Progress| watch(&part, progress)) as _
    });
    let recipe = Recipe {
        limit: plan.limit,
        patience: plan.patience,
        seed,
        resume: plan.resume.as_ref().map(|path| path.with_extension(part)),
        watch,
        given_up: Some(plan.given_up.clone()),
        ..Recipe::new(plan.steps, plan.rate)
    };
    // Without a file to go on from, an interrupt ends the program as it always does.
    let interrupt = plan.resume.is_some().then(CtrlC::new);
    let loss = OneThread(|model: &M, batch: Batch, _| loss(model, batch));
    let trained = recipe.fit(model, each, &data, loss, &mut (interrupt, progress));
    let trained = trained.map_err(|error| match error {
        TrainError::Interrupted => DensityError::Interrupted,
        error => DensityError::Training {
            part: part.to_owned(),
            problem: error.to_string(),
        },
    })?;
    Ok(Fitted {
        history: trained.history.clone(),
        outcome: trained.outcome.to_string(),
        model: trained.into_best(),
    })
}

/// The share of held-out rows whose log-densities count as the quantile there.
const WINSORIZED: f64 = 0.01;

fn loss<M: Likelihood>(model: &M, batch: Batch) -> Tensor<1> {
    let device = batch.x.device();
    let log_prob = model.log_prob(batch.x, batch.context.as_ref());
    let total: f64 = batch.weights.iter().sum();
    if batch.held_out {
        let values: Vec<f64> = log_prob.into_data().iter().collect();
        let mean = winsorized_mean(&values, &batch.weights, WINSORIZED).unwrap_or(f64::NAN);
        return Tensor::from_floats([-mean as f32], &device);
    }
    let weights: Vec<f32> = batch
        .weights
        .iter()
        .map(|weight| (weight / total) as f32)
        .collect();
    let rows = weights.len();
    let weights = Tensor::<1>::from_data(TensorData::new(weights, [rows]), &device);
    (log_prob * weights).sum().neg()
}

/// The numbers below `rows` in an order of the seed and the epoch.
fn permutation(rows: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch as u64 + 1);
    shuffled(rows, &mut rng)
}
