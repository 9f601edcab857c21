//! What is timed of a flow of rows of numbers as its configuration builds it.

use std::error::Error;
use std::hint::black_box;

use thalweg::flow::CompiledFlow;
use thalweg::flow::compiled::Scratch;
use thalweg::prelude::*;

use crate::{Stopwatch, adam};

const POINTS: usize = 10_000;
const WARM_UP: usize = 3;
const STEPS: usize = 60;
const ROUNDS: usize = 10;
/// Single points in one measurement.
const CALLS: usize = 100;

/// The methods of a model.
#[derive(Debug)]
pub struct Methods<M> {
    /// The training loss of a batch.
    pub loss: fn(&M, Tensor<2>) -> Tensor<1>,
    /// Log-densities of rows.
    pub log_prob: fn(&M, Tensor<2>) -> Tensor<1>,
    /// A number of samples.
    pub sample: fn(&M, usize, f64, &mut Noise) -> Tensor<2>,
    /// The compiled form.
    pub compile: fn(&M) -> CompiledFlow,
}

/// Rows of noise, `[count, features]`.
pub fn normal(count: usize, features: usize, device: &Device) -> Tensor<2> {
    Noise::seeded(1).normal([count, features], device, DType::F32)
}

/// Medians in milliseconds, with the flow's name in front: a training step with Adam, the density of 10,000 points
/// and as many samples, and the density of one point and one sample by the compiled form.
pub fn medians<M: Module>(
    name: &str,
    mut flow: M,
    batch: Tensor<2>,
    methods: Methods<M>,
) -> Result<Vec<(String, f64)>, Box<dyn Error>> {
    let (device, [_, features]) = (batch.device(), batch.dims());
    let (mut noise, points) = (Noise::seeded(0), normal(POINTS, features, &device));
    let (mut adam, mut training) = (adam(), Stopwatch::default());
    for _ in 0..WARM_UP + STEPS {
        let loss = |flow: &M| (methods.loss)(flow, batch.clone());
        flow = training.training_step(&device, flow, &mut adam, 1e-3, loss)?;
    }

    let flow = flow.valid();
    let mut many = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        many.time("log_prob", || {
            (methods.log_prob)(&flow, points.clone()).into_data()
        });
        many.time("sample", || {
            (methods.sample)(&flow, POINTS, 1.0, &mut noise).into_data()
        });
    }

    let (compiled, mut scratch) = ((methods.compile)(&flow), Scratch::default());
    let mut x: Vec<f32> = points.narrow(0, 0, 1).into_data().iter().collect();
    let mut single = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        single.time("compiled log_prob 1", || {
            for _ in 0..CALLS {
                black_box(compiled.log_prob(black_box(&x), &mut scratch));
            }
        });
        single.time("compiled sample 1", || {
            for _ in 0..CALLS {
                compiled.sample(1.0, &mut noise, black_box(&mut x), &mut scratch);
            }
        });
    }
    let single = single.medians(WARM_UP).into_iter();
    let single = single.map(|(part, ms)| (part, ms / CALLS as f64));
    let mut medians = vec![("step", training.median_round(WARM_UP))];
    medians.extend(many.medians(WARM_UP).into_iter().chain(single));
    let named = medians.into_iter();
    Ok(named
        .map(|(part, ms)| (format!("{name} {part}"), ms))
        .collect())
}
