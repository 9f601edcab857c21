//! The fit of a density of numbers.

use burn::tensor::Device;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::mixture::{PARTS, stack};
use super::{NOISE, NumberModel, Numbers, single};
use crate::DensityError;
use crate::columns::Number;
use crate::parts::space::Units;
use crate::parts::training::tensor;
use crate::parts::{Batch, Fitted, KernelDensity, KernelPair, Network, Plan, Sample, Space, train};

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
}
