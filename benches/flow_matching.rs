//! Flow matching of 2 and of 6 features, two moons in each pair of them: networks of 3×128, batch 512, Adam. After
//! the training steps: 10,000 samples by 8 steps of order 4 and by Dormand and Prince's method at tolerance
//! 1e-5, and 1,000 exact densities by the latter. Lines before the last have the evaluations of the field.

use std::error::Error;

use thalweg::data::Toy;
use thalweg::device::from_env;
use thalweg::flow::{Integration, Scheme};
use thalweg::models::{ContinuousFlow, ContinuousFlowConfig};
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, adam, print};

const BATCH: usize = 512;
const SAMPLES: usize = 10_000;
const POINTS: usize = 1000;
const WARM_UP: usize = 20;
const STEPS: usize = 200;
const LONG_WARM_UP: usize = 2;
const ROUNDS: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let device = from_env()?.device;
    let two = ["fm2 step", "fm2 sample rk4", "fm2 sample", "fm2 log_prob"];
    let six = ["fm6 step", "fm6 sample rk4", "fm6 sample", "fm6 log_prob"];
    let mut medians = rows(2, two, &device)?;
    medians.extend(rows(6, six, &device)?);
    print(medians);
    Ok(())
}

/// The four figures of one number of features.
fn rows(
    features: usize,
    [step, fixed, adaptive, log_prob]: [&'static str; 4],
    device: &Device,
) -> Result<Vec<(&'static str, f64)>, Box<dyn Error>> {
    let mut noise = Noise::seeded(0);
    let moons = |count| {
        let pairs =
            (0..features as u64 / 2).map(|seed| Toy::TwoMoons.to_tensor(count, seed, device));
        Tensor::cat(pairs.collect(), 1)
    };
    let (batch, points): (Tensor<2>, Tensor<2>) = (moons(BATCH), moons(POINTS));
    // Not standardized, as the peers.
    let config = ContinuousFlowConfig::flow_matching(features).with_hidden(vec![128; 3]);
    let mut flow = config.try_init(&device.clone().autodiff())?;
    let (mut adam, mut training) = (adam(), Stopwatch::default());
    for _ in 0..WARM_UP + STEPS {
        let loss = |flow: &ContinuousFlow| flow.loss(batch.clone(), &mut noise);
        flow = training.training_step(device, flow, &mut adam, 1e-3, loss)?;
    }

    let flow = flow.valid();
    let eight = Integration::fixed(Scheme::Rk4, 8);
    let mut watch = Stopwatch::default();
    let mut evaluations = 0;
    for _ in 0..LONG_WARM_UP + ROUNDS {
        watch.time(fixed, || {
            let samples = flow.sample_with(SAMPLES, eight, 1.0, &mut noise);
            samples.map(|x| x.into_data())
        })?;
        watch.time(adaptive, || {
            let samples = flow.sample(SAMPLES, 1.0, &mut noise);
            samples.map(|x| x.into_data())
        })?;
        watch.time(log_prob, || {
            let found = flow.evaluate(points.clone())?;
            evaluations = found.report.evaluations;
            found.log_prob.into_data();
            Ok::<_, Box<dyn Error>>(())
        })?;
    }
    println!("evaluations of a density, {features} features: {evaluations}");
    let mut medians = vec![(step, training.median_round(WARM_UP))];
    medians.extend(watch.medians(LONG_WARM_UP));
    Ok(medians)
}
