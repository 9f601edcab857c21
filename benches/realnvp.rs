//! RealNVP of a given size: a training step with Adam, densities and samples.

use std::error::Error;

use thalweg::flow::base::StandardNormal;
use thalweg::flow::{Mlp, Split, WeightInit};
use thalweg::prelude::*;

use crate::{Stopwatch, adam};

const POINTS: usize = 10_000;
const LONG_WARM_UP: usize = 3;
const LONG_ROUNDS: usize = 20;

/// Affine couplings with alternating halves.
pub type RealNvp = Flow<Vec<Coupling<Affine, Mlp>>, StandardNormal>;

/// The flow on two moons.
pub const TWO_MOONS: Case = Case {
    features: 2,
    couplings: 8,
    hidden: 128,
    batch: 512,
    warm_up: 20,
    rounds: 200,
};

/// The flow on 43 features.
pub const TABULAR: Case = Case {
    features: 43,
    couplings: 10,
    hidden: 100,
    batch: 1024,
    warm_up: 10,
    rounds: 100,
};

/// Sizes of a flow, of its batch and of the measurement.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Numbers in a point.
    pub features: usize,
    /// Affine couplings.
    pub couplings: usize,
    /// Width of the two hidden layers of each network.
    pub hidden: usize,
    /// Points in a training step.
    pub batch: usize,
    /// Training steps before the timed ones.
    pub warm_up: usize,
    /// Timed training steps.
    pub rounds: usize,
}

impl Case {
    /// The untrained flow.
    pub fn init(&self, last: WeightInit, noise: &mut Noise, device: &Device) -> RealNvp {
        let couplings = (0..self.couplings).map(|index| {
            let split = Split::half().alternating(index);
            let (kept, transformed) = split.sizes(self.features);
            let net = MlpConfig::new(kept, vec![self.hidden; 2], 2 * transformed);
            let net = net.with_output_init(last).init(noise, device);
            Coupling::new(split, Affine::new(), net)
        });
        let base = StandardNormal::new(self.features);
        Flow::new(couplings.collect(), base)
    }

    /// Medians of a training step by hand, of its parts, of a step of the trainer, of the density of 10,000
    /// points, and of 10,000 samples. `data` makes a given number of points.
    pub fn medians(
        &self,
        device: &Device,
        mut data: impl FnMut(usize) -> Tensor<2>,
    ) -> Result<Vec<(&'static str, f64)>, Box<dyn Error>> {
        let mut noise = Noise::seeded(0);
        let mut flow = self.init(WeightInit::Zero, &mut noise, &device.clone().autodiff());
        let mut optimizer = adam();
        let batch = data(self.batch);
        let mut training = Stopwatch::default();
        for _ in 0..self.warm_up + self.rounds {
            flow = training.training_step(device, flow, &mut optimizer, 1e-3, |flow| {
                flow.log_prob(batch.clone()).mean().neg()
            })?;
        }

        let trainer = Trainer::new(1, 1e-3);
        let mut stepper = trainer.stepper(
            SingleGradient::adam(),
            |flow: &RealNvp, x: Tensor<2>, _seed| flow.log_prob(x).mean().neg(),
        );
        let mut whole = Stopwatch::default();
        for _ in 0..self.warm_up + self.rounds {
            flow = whole.trainer_step(device, flow, &mut stepper, &batch)?;
        }

        let flow = flow.valid();
        let points = data(POINTS);
        let mut use_it = Stopwatch::default();
        for _ in 0..LONG_WARM_UP + LONG_ROUNDS {
            use_it.time("log_prob", || flow.log_prob(points.clone()).into_data());
            use_it.time("sample", || {
                flow.sample(POINTS, 1.0, &mut noise).into_data()
            });
        }
        let mut medians = training.medians(self.warm_up);
        medians.push(("step", training.median_round(self.warm_up)));
        medians.extend(whole.medians(self.warm_up));
        medians.extend(use_it.medians(LONG_WARM_UP));
        Ok(medians)
    }
}
