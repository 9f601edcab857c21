//! The training loop and a loop written by hand, on the smallest model: RealNVP on two moons.

use std::time::Instant;

use thalweg::burn::optim::GradientsParams;
use thalweg::data::Toy;
use thalweg::device::from_env;
use thalweg::models::{CouplingFlow, CouplingFlowConfig};
use thalweg::prelude::*;
use thalweg_benches::{adam, median, print};

const BATCH: usize = 256;
const ROWS: usize = 8 * BATCH;
const EPOCHS: usize = 40;
const ROUNDS: usize = 7;
const RATE: f64 = 1e-3;

fn loss(flow: &CouplingFlow, x: Tensor<2>, _seed: u64) -> Tensor<1> {
    flow.loss(x)
}

fn by_hand(mut flow: CouplingFlow, batches: &Batches<Tensor<2>>) -> f64 {
    let (mut optimizer, mut last) = (adam(), f64::NAN);
    for epoch in 0..EPOCHS {
        for x in batches.epoch(epoch) {
            let loss = loss(&flow, x, 0);
            let gradients = GradientsParams::from_grads(loss.backward(), &flow);
            last = loss.into_scalar::<f64>();
            flow = optimizer.step(RATE, flow, gradients);
        }
    }
    last
}

fn trainer(flow: CouplingFlow, batches: &Batches<Tensor<2>>) -> f64 {
    let data = Data::train(|epoch| batches.epoch(epoch));
    let adam = SingleGradient::adam();
    let trained = Trainer::new(EPOCHS, RATE).fit(flow, adam, &data, loss, &mut ());
    trained.history.losses()[EPOCHS - 1]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let points = Toy::TwoMoons.to_tensor(ROWS, 0, device);
    let batches = Batches::new(points, BATCH, 0);
    let config = CouplingFlowConfig::realnvp(2)
        .with_couplings(4)
        .with_hidden(vec![16]);
    let start = config.init(&device.clone().autodiff());
    let steps = (EPOCHS * batches.len()) as f64;
    let time = |run: &dyn Fn() -> f64| {
        let started = Instant::now();
        assert!(run().is_finite());
        started.elapsed().as_secs_f64() * 1e3 / steps
    };
    let (mut hand, mut ours, mut ratios) = (vec![], vec![], vec![]);
    for _ in 0..=ROUNDS {
        hand.push(time(&|| by_hand(start.clone(), &batches)));
        ours.push(time(&|| trainer(start.clone(), &batches)));
        ratios.push(ours[ours.len() - 1] / hand[hand.len() - 1]);
    }
    // The first round warms up.
    let median = |values: Vec<f64>| median(values[1..].to_vec());
    print(vec![
        ("by hand", median(hand)),
        ("trainer", median(ours)),
        ("ratio", median(ratios)),
    ]);
    Ok(())
}
