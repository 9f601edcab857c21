//! NICE for images of MNIST's size, with 4 couplings of 5×1000: a training step with Adam on 128 images, the
//! density of 128 images, and 64 samples.

use thalweg::device::from_env;
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, adam, levels, print};

const BATCH: usize = 128;
const SAMPLES: usize = 64;
const WARM_UP: usize = 5;
const ROUNDS: usize = 30;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let mut noise = Noise::seeded(1);
    let levels: Tensor<2> = levels([BATCH, 784], device);
    let mut nice = NiceConfig::paper(784, 256).init(&device.clone().autodiff());
    nice = nice.initialize(levels.clone(), &mut noise)?;
    let mut adam = adam();

    let mut watch = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        nice = watch.training_step(device, nice, &mut adam, 1e-3, |nice| {
            nice.loss(levels.clone(), &mut noise)
        })?;
    }
    let nice = nice.valid();
    let mut use_it = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        use_it.time("log_prob", || {
            nice.log_prob(levels.clone(), &mut noise)
                .map(Tensor::into_data)
        })?;
        use_it.time("sample", || {
            nice.sample(SAMPLES, 1.0, &mut noise).into_data()
        });
    }
    let step = [("step", watch.median_round(WARM_UP))];
    let parts = watch.medians(WARM_UP).into_iter().chain(step);
    print(parts.chain(use_it.medians(WARM_UP)));
    Ok(())
}
