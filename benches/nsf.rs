//! Neural spline coupling flows as their configuration builds them, on 6 features (batch 512) and on 43 (batch
//! 1024): 8 couplings with networks of 2×128 and splines of 8 bins, Adam; then the density of 10,000 points, 10,000
//! samples, and the density of one point and one sample by the compiled form. The data are noise.

use std::error::Error;
use std::hint::black_box;

use thalweg::device::from_env;
use thalweg::flow::compiled::Scratch;
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, adam, print};

const POINTS: usize = 10_000;
const WARM_UP: usize = 3;
const STEPS: usize = 60;
const ROUNDS: usize = 10;
/// Single points in one measurement.
const CALLS: usize = 100;

/// Medians under the names of one flow.
type Medians = Vec<(&'static str, f64)>;

fn main() -> Result<(), Box<dyn Error>> {
    let device = from_env()?.device;
    let mut medians = rows(
        6,
        512,
        [
            "nsf6 step",
            "nsf6 log_prob",
            "nsf6 sample",
            "nsf6 compiled log_prob 1",
            "nsf6 compiled sample 1",
        ],
        &device,
    )?;
    medians.extend(rows(
        43,
        1024,
        [
            "nsf43 step",
            "nsf43 log_prob",
            "nsf43 sample",
            "nsf43 compiled log_prob 1",
            "nsf43 compiled sample 1",
        ],
        &device,
    )?);
    print(medians);
    Ok(())
}

/// The five figures of one flow.
fn rows(
    features: usize,
    batch: usize,
    [step, log_prob, sample, log_prob_1, sample_1]: [&'static str; 5],
    device: &Device,
) -> Result<Medians, Box<dyn Error>> {
    let config = CouplingFlowConfig::nsf(features)
        .with_couplings(8)
        .with_hidden(vec![128, 128]);
    let mut noise = Noise::seeded(0);
    let normal =
        |count| -> Tensor<2> { Noise::seeded(1).normal([count, features], device, DType::F32) };
    let (batch, points) = (normal(batch), normal(POINTS));
    let flow = config.try_init(&device.clone().autodiff())?;
    let mut flow = flow.initialize(&batch)?;
    let (mut adam, mut training) = (adam(), Stopwatch::default());
    for _ in 0..WARM_UP + STEPS {
        let loss = |flow: &CouplingFlow| flow.loss(batch.clone());
        flow = training.training_step(device, flow, &mut adam, 1e-3, loss)?;
    }

    let flow = flow.valid();
    let mut many = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        many.time(log_prob, || flow.log_prob(points.clone()).into_data());
        many.time(sample, || flow.sample(POINTS, 1.0, &mut noise).into_data());
    }

    let (compiled, mut scratch) = (flow.compile(), Scratch::default());
    let mut x: Vec<f32> = points.narrow(0, 0, 1).into_data().iter().collect();
    let mut single = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        single.time(log_prob_1, || {
            for _ in 0..CALLS {
                black_box(compiled.log_prob(black_box(&x), &mut scratch));
            }
        });
        single.time(sample_1, || {
            for _ in 0..CALLS {
                compiled.sample(1.0, &mut noise, black_box(&mut x), &mut scratch);
            }
        });
    }
    let mut medians = vec![(step, training.median_round(WARM_UP))];
    medians.extend(many.medians(WARM_UP));
    let single = single.medians(WARM_UP);
    medians.extend(
        single
            .into_iter()
            .map(|(part, ms)| (part, ms / CALLS as f64)),
    );
    Ok(medians)
}
