//! RealNVP on two moons: 8 affine couplings with MLPs of 2×128, batch 512, Adam; then the density of
//! 10,000 points and 10,000 samples.

use thalweg::burn::optim::ModuleOptimizer;
use thalweg::data::Toy;
use thalweg::device::from_env;
use thalweg::flow::base::StandardNormal;
use thalweg::flow::{Mlp, WeightInit};
use thalweg::optim::{Euler, field::Adam};
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, print};

const BATCH: usize = 512;
const POINTS: usize = 10_000;
const WARM_UP: usize = 20;
const ROUNDS: usize = 200;
const LONG_WARM_UP: usize = 3;
const LONG_ROUNDS: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let mut noise = Noise::seeded(0);
    let couplings = (0..8).map(|index| -> Coupling<Affine, Mlp> {
        let net = MlpConfig::new(1, vec![128, 128], 2).with_output_init(WeightInit::Zero);
        let net = net.init(&mut noise, &device.clone().autodiff());
        Coupling::new(Split::half().alternating(index), Affine::new(), net)
    });
    let mut flow = Flow::new(couplings.collect::<Vec<_>>(), StandardNormal::new(2));
    let mut adam: ModuleOptimizer = Euler::new(Adam::default()).init();
    let batch = Toy::TwoMoons.to_tensor(BATCH, 0, device);

    let mut training = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        flow = training.training_step(device, flow, &mut adam, 2e-3, |flow| {
            flow.log_prob(batch.clone()).mean().neg()
        })?;
    }

    let flow = flow.valid();
    let points = Toy::TwoMoons.to_tensor(POINTS, 1, device);
    let mut use_it = Stopwatch::default();
    for _ in 0..LONG_WARM_UP + LONG_ROUNDS {
        use_it.time("log_prob", || flow.log_prob(points.clone()).into_data());
        use_it.time("sample", || {
            flow.sample(POINTS, 1.0, &mut noise).into_data()
        });
    }
    let step = [("step", training.median_round(WARM_UP))];
    let parts = training.medians(WARM_UP).into_iter().chain(step);
    print(parts.chain(use_it.medians(LONG_WARM_UP)));
    Ok(())
}
