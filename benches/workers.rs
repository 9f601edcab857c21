//! The gradient of a batch with 1, 2 and 4 workers: Glow for images of MNIST's size and colour images of 32 × 32.

use thalweg::device::from_env;
use thalweg::prelude::*;
use thalweg::train::{Evaluate, Workers};
use thalweg_benches::{Stopwatch, levels, print};

const WARM_UP: usize = 2;
const ROUNDS: usize = 9;

/// `[channels, height, width]`; scales, depth, hidden channels and batch size; names by the number of workers.
type Case = ([usize; 3], [usize; 4], [(usize, &'static str); 3]);

const CASES: [Case; 3] = [
    (
        [1, 28, 28],
        [2, 8, 128, 64],
        [(1, "mnist 1"), (2, "mnist 2"), (4, "mnist 4")],
    ),
    (
        [3, 32, 32],
        [3, 8, 128, 16],
        [(1, "k8 1"), (2, "k8 2"), (4, "k8 4")],
    ),
    (
        [3, 32, 32],
        [3, 4, 512, 16],
        [(1, "k4 1"), (2, "k4 2"), (4, "k4 4")],
    ),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let mut noise = Noise::seeded(0);
    let mut medians = vec![];
    for (image, [scales, depth, hidden, batch], workers) in CASES {
        let [channels, height, width] = image;
        let shape = [batch, channels, height, width];
        let levels: Tensor<4> = levels(shape, device);
        let config = GlowConfig::openai(ImageSize::new(image)).with_scales(scales);
        let config = config.with_depth(depth).with_hidden(hidden);
        let glow = config.init(&device.clone().autodiff());
        let glow = glow.initialize(levels.clone(), &mut noise)?;
        let loss = |glow: &Glow, levels, seed| glow.loss(levels, &mut Noise::seeded(seed));
        let mut watch = Stopwatch::default();
        for seed in 0..(WARM_UP + ROUNDS) as u64 {
            for (count, name) in workers {
                let workers = Workers::new(count, loss);
                watch.time(name, || workers.evaluate(&glow, &levels, seed).map(drop))?;
            }
        }
        medians.extend(watch.medians(WARM_UP));
    }
    print(medians);
    Ok(())
}
