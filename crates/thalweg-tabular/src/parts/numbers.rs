//! The density of numbers, given categories, angles and conditions.

mod fit;
mod latents;
mod mixture;
mod sample;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thalweg_kernels::{HALF_LN_TAU, LogSum};

use super::space::{Places, Units, chosen};
use super::training::{blocks, tensor};
use super::{KernelDensity, KernelPair, KernelPairModel, Likelihood, Network, Space, VectorModel};
use crate::columns::Number;
use crate::rows::Targets;
use mixture::{PARTS, log_mixture};

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

/// Draws times columns: rows of many columns take fewer draws.
const COST: usize = 800;

impl Numbers {
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
    fn kernels<'a>(&self, model: &'a NumberModel) -> [Option<&'a KernelDensity>; 2] {
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
        let flow = model.flow.as_ref().filter(|_| self.weights[3] > 0.0);
        let flow = flow.map_or(none, |flow| {
            let least = flow.least_rows();
            let x = blocks(single(&units.z), self.width, least, &device);
            let context =
                (self.context > 0).then(|| blocks(inputs.to_vec(), self.context, least, &device));
            let logs = flow.log_prob(x, context.as_ref()).into_data();
            let logs = logs.iter::<f64>().take(gaussian.len());
            logs.map(|log| log + whitened).collect()
        });
        [gaussian, plain, white, flow]
    }

    /// `ln p(t | inputs)` of rows.
    fn log_densities(&self, model: &NumberModel, units: &Units, inputs: &[f32]) -> Vec<f64> {
        let logs = self.components(model, units, inputs);
        let row = |row: usize| log_mixture([0, 1, 2, 3].map(|k| logs[k][row]), self.weights);
        (0..logs[0].len()).map(row).collect()
    }

    /// `ln p` of the numbers of rows, or of the probability of rounded ones: means of densities over draws, and where the
    /// cells are narrow, the density in their middles.
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
        let (rows, each) = (0..targets.rows, inputs.len() / targets.rows.max(1));
        let middles = self.space.units(numbers, (targets, inputs), rows, |_| 0.5);
        let is_one = |row: &usize| draws == 1 || middles.is_narrow[*row];
        let (ones, others): (Vec<usize>, Vec<usize>) = (0..targets.rows).partition(is_one);
        let mut found = vec![0.0; targets.rows];
        if !ones.is_empty() {
            let units = middles.select(&ones, self.width);
            let logs = self.log_densities(model, &units, &chosen(inputs, each, &ones));
            for (row, (log, log_det)) in ones.iter().zip(logs.iter().zip(&units.log_det)) {
                found[*row] = log + log_det;
            }
        }
        if !others.is_empty() {
            let inputs = (inputs, &chosen(inputs, each, &others)[..]);
            let logs = self.means(model, numbers, targets, inputs, &others, draws);
            for (row, log) in others.iter().zip(logs) {
                found[*row] = log;
            }
        }
        found
    }

    /// The logarithms of mean densities of some rows over draws. `inputs` are those of all rows and of these.
    fn means(
        &self,
        model: &NumberModel,
        numbers: &[&Number],
        targets: &Targets,
        (all, inputs): (&[f32], &[f32]),
        rows: &[usize],
        draws: usize,
    ) -> Vec<f64> {
        let rng = &mut ChaCha8Rng::seed_from_u64(self.seed ^ PLACES);
        let places = Places::new(self.width, draws, rng);
        let mut sums = vec![LogSum::default(); rows.len()];
        for draw in places.all() {
            let place = |column| places.get(draw, column);
            let rows = rows.iter().copied();
            let units = self.space.units(numbers, (targets, all), rows, place);
            let logs = self.log_densities(model, &units, inputs);
            for (sum, (log, log_det)) in sums.iter_mut().zip(logs.iter().zip(&units.log_det)) {
                sum.add(log + log_det);
            }
        }
        let total = |sum: &LogSum| sum.total() - (draws as f64).ln();
        sums.iter().map(total).collect()
    }

    /// A report on the flow, on rows in the middles of their cells; none without a flow.
    #[cfg(feature = "check")]
    pub(crate) fn check(
        &self,
        model: &NumberModel,
        numbers: &[&Number],
        targets: &Targets,
        inputs: &[f32],
        options: &thalweg_check::Options,
    ) -> Option<Result<thalweg_check::Check, thalweg_check::CheckError>> {
        let (space, rows) = (&self.space, 0..targets.rows);
        let units = space.units(numbers, (targets, inputs), rows, |_| 0.5);
        let device = model.kernels.device();
        let context = self.conditions(inputs, &device);
        let x = tensor(single(&units.z), self.width, &device);
        let flow = model.flow.as_ref()?;
        Some(flow.check(&x, context.as_ref(), options))
    }
}

/// Streams of random numbers that are independent of the training's.
const NOISE: u64 = 0x6e6f_6973_6500_0000;
const PLACES: u64 = 0x706c_6163_6573_0000;

fn single(z: &[f64]) -> Vec<f32> {
    z.iter().map(|z| *z as f32).collect()
}
