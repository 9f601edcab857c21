//! The density of numbers, given categories, angles and conditions.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use thalweg_flow::Noise;
use thalweg_kernels::HALF_LN_TAU;

use super::LogSum;
use super::space::{Places, Units};
use super::training::tensor;
use super::{
    Batch, Fitted, KernelDensity, KernelPair, KernelPairModel, Likelihood, Network, Plan, Sample,
    Space, VectorModel, train,
};
use crate::DensityError;
use crate::columns::Number;
use crate::rows::Targets;

/// The parameters of a density of numbers.
#[derive(Module, Debug)]
pub(crate) struct NumberModel {
    flow: Option<VectorModel>,
    kernels: KernelPairModel,
}

/// A density of numbers: `p(t) = a N(t; μ, Σ) + b k(t) + c k'(t) + d f(t | context)`, a mixture of the Gaussian, two
/// kernel densities, one of them of rows without covariance, and a flow, in the units of its [`Space`].
///
/// The weights are those of greatest likelihood on held-out rows.
///
/// P. Smyth, D. Wolpert: *Linearly combining density estimators via stacking*, 1999.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Numbers {
    pub(crate) width: usize,
    pub(crate) context: usize,
    /// The flow; of wide and short tables there is none.
    pub(crate) network: Option<Network>,
    pub(crate) space: Space,
    /// Of Gaussian, kernels, kernels without covariance, and flow.
    pub(crate) weights: [f64; PARTS],
    kernels: KernelPair,
    pub(crate) seed: u64,
}

/// The number of densities that are mixed.
pub(crate) const PARTS: usize = 4;
/// Draws times columns: rows of many columns take fewer draws.
const COST: usize = 800;

impl Numbers {
    /// Fits space, kernels, flow and weights: to training rows, and the weights to held-out ones.
    pub(crate) fn fit(
        numbers: &[&Number],
        sample: Sample<'_>,
        held_out: Sample<'_>,
        network: Option<&Network>,
        plan: &Plan,
        device: &Device,
    ) -> Result<(Self, NumberModel, Option<Fitted<()>>), DensityError> {
        let (width, rows) = (numbers.len(), sample.targets.rows);
        let context = sample.inputs.len() / rows.max(1);
        let rng = &mut ChaCha8Rng::seed_from_u64(plan.seed);
        let space = Space::fit(numbers, sample.targets, sample.inputs, sample.weights, rng);
        let noisy = |sample: &Sample<'_>, rows: &[usize], seed: u64| -> Units {
            let mut rng = ChaCha8Rng::seed_from_u64(plan.seed ^ NOISE);
            rng.set_stream(seed);
            space.units(
                numbers,
                (sample.targets, sample.inputs),
                rows.iter().copied(),
                |_| rng.random(),
            )
        };
        let all: Vec<usize> = (0..rows).collect();
        let units = noisy(&sample, &all, u64::MAX);
        let fitted =
            [&units.t, &units.z].map(|rows| KernelDensity::fit(rows, width, sample.weights, rng));
        let factors = [0, 1].map(|k| fitted[k].as_ref().map(|(_, factor)| *factor));
        let kernels = fitted.map(|fitted| fitted.map(|(kernels, _)| kernels));

        // Without draws, a row is the same in each step.
        let fixed = (!space.is_random).then(|| single(&units.z));
        let batch = |chosen: &[usize], seed: u64| {
            let x = match &fixed {
                Some(z) => chosen
                    .iter()
                    .flat_map(|row| &z[row * width..][..width])
                    .copied()
                    .collect(),
                None => single(&noisy(&sample, chosen, seed).z),
            };
            Batch {
                x: tensor(x, width, device),
                context: sample.context(chosen, context, device),
                weights: chosen.iter().map(|row| sample.weights[*row]).collect(),
                held_out: false,
            }
        };
        let judged: Vec<usize> = (0..held_out.targets.rows).collect();
        let judge = noisy(&held_out, &judged, u64::MAX - 1);
        let validation = (!judged.is_empty()).then(|| Batch {
            x: tensor(single(&judge.z), width, device),
            context: held_out.context(&judged, context, device),
            weights: held_out.weights.to_vec(),
            held_out: true,
        });
        let (flow, fitted) = match network {
            None => (None, None),
            Some(network) => {
                let flow = network.build(width, context, plan.seed, &device.clone().autodiff());
                let fitted = train("numbers", flow, rows, batch, validation, plan)?;
                let (flow, fitted) = fitted.split();
                (Some(flow), Some(fitted))
            }
        };
        let (pair, kernels) = KernelPair::new(width, kernels, device);
        let mut this = Self {
            width,
            context,
            network: network.cloned(),
            space,
            weights: [1.0 / PARTS as f64; PARTS],
            kernels: pair,
            seed: plan.seed,
        };
        let mut model = NumberModel { flow, kernels };
        let logs = this.components(&model, &judge, held_out.inputs);
        this.weights = stack(&logs, held_out.weights);
        // The held-out rows have done their duty: few kernels, which nothing stops early, gain by them.
        let weights = [sample.weights, held_out.weights].concat();
        if weights.len() <= KernelDensity::CENTRES {
            let all = [(0, units.t, judge.t), (1, units.z, judge.z)].map(|(k, rows, more)| {
                let rows = [rows, more].concat();
                let factor = factors[k].filter(|_| this.weights[1 + k] > 0.0)?;
                KernelDensity::with_factor(&rows, width, &weights, factor, rng)
            });
            (this.kernels, model.kernels) = KernelPair::new(width, all, device);
        }
        Ok((this, model, fitted))
    }

    /// The untrained model that holds this density's parameters.
    pub(crate) fn build(&self, device: &Device) -> NumberModel {
        NumberModel {
            flow: self
                .network
                .as_ref()
                .map(|network| network.build(self.width, self.context, self.seed, device)),
            kernels: self.kernels.build(device),
        }
    }

    /// Whether it is a density of this many numbers.
    pub(crate) fn is_consistent(&self, numbers: usize) -> bool {
        self.width == numbers
            && self.space.is_consistent(self.context, numbers)
            && self.kernels.is_consistent(numbers)
    }

    /// A lower bound on the number of values in all parameters.
    pub(crate) fn parameters(&self) -> u128 {
        let flow = self.network.as_ref();
        self.kernels.parameters()
            + flow.map_or(0, |network| network.parameters(self.width, self.context))
    }

    /// The kernel densities that have a weight, on the host.
    fn kernels(&self, model: &NumberModel) -> [Option<KernelDensity>; 2] {
        let weighty = |k: &usize| self.weights[1 + k] > 0.0;
        [0, 1].map(|k| {
            Some(k)
                .filter(weighty)
                .and_then(|k| self.kernels.density(&model.kernels, k))
        })
    }

    /// The conditions of rows as a tensor, `None` where there are none.
    fn conditions(&self, inputs: &[f32], device: &Device) -> Option<Tensor<2>> {
        (self.context > 0).then(|| tensor(inputs.to_vec(), self.context, device))
    }

    /// The log-densities of the parts at `t`.
    fn components(&self, model: &NumberModel, units: &Units, inputs: &[f32]) -> [Vec<f64>; PARTS] {
        let whitened = self.space.whitening.log_det();
        let normal = |row: &[f64]| {
            let square: f64 = row.iter().map(|z| z * z).sum();
            whitened - 0.5 * square - self.width as f64 * HALF_LN_TAU
        };
        let gaussian: Vec<f64> = units.z.chunks_exact(self.width).map(normal).collect();
        let none = vec![f64::NEG_INFINITY; gaussian.len()];
        let [plain, white] = self.kernels(model);
        let plain = plain.map_or(none.clone(), |kernels| kernels.log_densities(&units.t));
        let white = white.map_or(none.clone(), |kernels| {
            let logs = kernels.log_densities(&units.z).into_iter();
            logs.map(|log| log + whitened).collect()
        });
        let device = model.kernels.device();
        let context = self.conditions(inputs, &device);
        let flow = model.flow.as_ref().filter(|_| self.weights[3] > 0.0);
        let flow = flow.map_or(none, |flow| {
            let x = tensor(single(&units.z), self.width, &device);
            let logs = flow.log_prob(x, context.as_ref()).into_data();
            logs.iter::<f64>().map(|log| log + whitened).collect()
        });
        [gaussian, plain, white, flow]
    }

    /// `ln p(t | inputs)` of rows.
    fn log_densities(&self, model: &NumberModel, units: &Units, inputs: &[f32]) -> Vec<f64> {
        let logs = self.components(model, units, inputs);
        let row = |row: usize| log_mixture([0, 1, 2, 3].map(|k| logs[k][row]), self.weights);
        (0..logs[0].len()).map(row).collect()
    }

    /// `ln p` of the numbers of rows, or of the probability of rounded ones, means of densities over
    /// draws.
    pub(crate) fn log_probs(
        &self,
        model: &NumberModel,
        numbers: &[&Number],
        targets: &Targets,
        inputs: &[f32],
        draws: usize,
    ) -> Vec<f64> {
        let draws = match self.space.is_random {
            // The cells of a few columns are all of the row: draws are cheap there, and the error is not averaged out.
            true => (draws * (4 / self.width).max(1))
                .min(COST / self.width)
                .max(1),
            false => 1,
        };
        let rng = &mut ChaCha8Rng::seed_from_u64(self.seed ^ PLACES);
        let places = Places::new(self.width, draws, rng);
        let mut sums = vec![LogSum::default(); targets.rows];
        for draw in places.all() {
            let place = |column| places.get(draw, column);
            let units = self
                .space
                .units(numbers, (targets, inputs), 0..targets.rows, place);
            let logs = self.log_densities(model, &units, inputs);
            for (sum, (log, log_det)) in sums.iter_mut().zip(logs.iter().zip(&units.log_det)) {
                sum.add(log + log_det);
            }
        }
        let total = |sum: &LogSum| sum.total() - (draws as f64).ln();
        sums.iter().map(total).collect()
    }

    /// One sample of numbers for each row of inputs, `n` rows.
    pub(crate) fn sample(
        &self,
        model: &NumberModel,
        numbers: &[&Number],
        n: usize,
        inputs: &[f32],
        rng: &mut ChaCha8Rng,
    ) -> Vec<f64> {
        let device = model.kernels.device();
        let context = self.conditions(inputs, &device);
        let noise = &mut Noise::seeded(rng.random());
        let mut z: Vec<f64> = match &model.flow {
            Some(flow) => {
                let drawn = flow.sample(n, context.as_ref(), noise);
                drawn.into_data().iter().collect()
            }
            None => vec![0.0; n * self.width],
        };
        let [plain, white] = self.kernels(model);
        let [gaussian, of_plain, of_white, _] = self.weights;
        for (place, row) in z.chunks_exact_mut(self.width).enumerate() {
            let u: f64 = rng.random();
            let is_plain = (gaussian..gaussian + of_plain).contains(&u);
            match (&plain, &white) {
                _ if u < gaussian => {
                    row.fill_with(|| rng.sample::<f64, _>(rand_distr::StandardNormal))
                }
                (Some(plain), _) if is_plain => {
                    row.copy_from_slice(&plain.sample(rng));
                }
                (_, Some(white)) if u < gaussian + of_plain + of_white => {
                    row.copy_from_slice(&white.sample(rng));
                }
                _ => {}
            }
            if !is_plain {
                self.space.whitening.inverse(row);
            }
            self.space
                .add(row, &inputs[place * self.context..][..self.context]);
            for (t, number) in row.iter_mut().zip(numbers) {
                *t = number.inverse(*t);
            }
        }
        z
    }

    /// The flow's latents of the numbers of rows; without a flow, standard units without covariance.
    pub(crate) fn encode(
        &self,
        model: &NumberModel,
        numbers: &[&Number],
        targets: &Targets,
        inputs: &[f32],
    ) -> Vec<f64> {
        let units = self
            .space
            .units(numbers, (targets, inputs), 0..targets.rows, |_| 0.5);
        let device = model.kernels.device();
        let context = self.conditions(inputs, &device);
        match &model.flow {
            Some(flow) => {
                let x = tensor(single(&units.z), self.width, &device);
                flow.encode(x, context.as_ref())
                    .into_data()
                    .iter()
                    .collect()
            }
            None => units.z,
        }
    }
}

/// Streams of random numbers that are independent of the training's.
const NOISE: u64 = 0x6e6f_6973_6500_0000;
const PLACES: u64 = 0x706c_6163_6573_0000;

fn single(z: &[f64]) -> Vec<f32> {
    z.iter().map(|z| *z as f32).collect()
}

/// `ln Σ wₖ exp(lₖ)`.
fn log_mixture(logs: [f64; PARTS], weights: [f64; PARTS]) -> f64 {
    let mut sum = LogSum::default();
    for (log, weight) in logs.into_iter().zip(weights) {
        if weight > 0.0 {
            sum.add(log + weight.ln());
        }
    }
    sum.total()
}

/// The weights of a mixture of greatest likelihood, by expectation and maximization. A prior of one row for each
/// component keeps all of them in: held-out rows are few.
fn stack(logs: &[Vec<f64>; PARTS], weights: &[f64]) -> [f64; PARTS] {
    let mut shares = [1.0 / PARTS as f64; PARTS];
    if weights.is_empty() {
        return shares;
    }
    let total: f64 = weights.iter().sum();
    for _ in 0..100 {
        let mut sums = [1.0; PARTS];
        for (row, weight) in weights.iter().enumerate() {
            let of = [0, 1, 2, 3].map(|k| logs[k][row]);
            let whole = log_mixture(of, shares);
            for k in 0..PARTS {
                let part = (of[k] + shares[k].ln() - whole).exp();
                if part.is_finite() {
                    sums[k] += weight / total * weights.len() as f64 * part;
                }
            }
        }
        let all: f64 = sums.iter().sum();
        shares = sums.map(|sum| sum / all);
    }
    // What adds little costs a distance to each kernel, or a pass of the flow, at every row. The Gaussian costs nothing, and
    // bounds what a row far from all others takes away.
    let kept = |k: usize, share: f64| match k {
        0 => share.max(1e-3),
        _ if share < LITTLE => 0.0,
        _ => share,
    };
    let kept = [0, 1, 2, 3].map(|k| kept(k, shares[k]));
    let all: f64 = kept.iter().sum();
    kept.map(|share| share / all)
}

/// A weight below which a density is left out of a mixture.
const LITTLE: f64 = 0.02;
