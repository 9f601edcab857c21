//! A training step of a VAE for images of MNIST's size: 784-512-20-512-784 with ReLU, a Bernoulli likelihood of
//! pixels that are binarized afresh at each step, the analytic divergence, batch 128, Adam.

use thalweg::device::from_env;
use thalweg::flow::Activation;
use thalweg::models::vae::VaeNetwork;
use thalweg::models::variational::ElboLoss;
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, adam, levels, print};

const BATCH: usize = 128;
const LATENTS: usize = 20;
const WARM_UP: usize = 20;
const ROUNDS: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let mut noise = Noise::seeded(1);
    let levels: Tensor<2> = levels([BATCH, 784], device);
    let network = VaeNetwork::Mlp {
        hidden: vec![512],
        activation: Activation::Relu,
    };
    let config = VaeConfig::bernoulli(ImageSize::new([1, 28, 28]), LATENTS).with_network(network);
    let mut vae = config.try_init(&device.clone().autodiff())?;
    let mut adam = adam();
    let loss = ElboLoss::default();

    let mut watch = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        vae = watch.training_step(device, vae, &mut adam, 1e-3, |vae| {
            vae.loss(levels.clone(), &(), &loss, &mut noise)
        })?;
    }
    let step = [("step", watch.median_round(WARM_UP))];
    print(watch.medians(WARM_UP).into_iter().chain(step));
    Ok(())
}
