//! Glow on 16 colour images of 32 × 32, with 3 scales of 8 steps and 128 hidden channels, and of 4 steps and 512
//! hidden channels. A training step with Adam; the density of 16 images, 16 samples and one sample, each also
//! compiled.

use thalweg::device::from_env;
use thalweg::flow::compiled::Scratch;
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, adam, levels, print};

const BATCH: usize = 16;
const WARM_UP: usize = 3;
const ROUNDS: usize = 15;

/// Steps a scale, hidden channels, and the names of the parts.
const SIZES: [(usize, usize, [&str; 9]); 2] = [
    (
        8,
        128,
        [
            "k8 step",
            "k8 trainer step",
            "k8 forward",
            "k8 log_prob",
            "k8 sample",
            "k8 sample 1",
            "k8 compiled log_prob",
            "k8 compiled sample",
            "k8 compiled sample 1",
        ],
    ),
    (
        4,
        512,
        [
            "k4 step",
            "k4 trainer step",
            "k4 forward",
            "k4 log_prob",
            "k4 sample",
            "k4 sample 1",
            "k4 compiled log_prob",
            "k4 compiled sample",
            "k4 compiled sample 1",
        ],
    ),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let mut noise = Noise::seeded(1);
    let levels: Tensor<4> = levels([BATCH, 3, 32, 32], device);
    let mut medians = vec![];
    for (depth, hidden, names) in SIZES {
        let [
            step,
            trainer_step,
            forward,
            log_prob,
            sample,
            sample_one,
            compiled @ ..,
        ] = names;
        let mut config = GlowConfig::openai(ImageSize::new([3, 32, 32]));
        config.normalized_networks = false; // biases, as in the peer
        let config = config.with_depth(depth).with_hidden(hidden);
        let mut glow = config.init(&device.clone().autodiff());
        glow = glow.initialize(levels.clone(), &mut noise)?;
        let mut adam = adam();
        let mut training = Stopwatch::default();
        for _ in 0..WARM_UP + ROUNDS {
            glow = training.training_step(device, glow, &mut adam, 1e-3, |glow| {
                glow.loss(levels.clone(), &mut noise)
            })?;
        }
        let trainer = Trainer::new(1, 1e-3);
        let mut stepper = trainer.stepper(
            SingleGradient::adam(),
            |glow: &Glow, levels: Tensor<4>, seed| glow.loss(levels, &mut Noise::seeded(seed)),
        );
        let mut whole = Stopwatch::default();
        for _ in 0..WARM_UP + ROUNDS {
            glow = whole.trainer_step(device, glow, &mut stepper, &levels)?;
        }
        let glow = glow.valid();
        let mut use_it = Stopwatch::default();
        for _ in 0..WARM_UP + ROUNDS {
            use_it.time(log_prob, || {
                glow.log_prob(levels.clone(), &mut noise)
                    .map(Tensor::into_data)
            })?;
            use_it.time(sample, || glow.sample(BATCH, 0.7, &mut noise).into_data());
            use_it.time(sample_one, || glow.sample(1, 0.7, &mut noise).into_data());
        }
        let [log_prob, sample, sample_one] = compiled;
        let [many, one] = [BATCH, 1].map(|images| glow.compile(images));
        let images: Vec<f32> = levels.to_data().iter::<f32>().collect();
        let (mut samples, mut scratch) = (images.clone(), Scratch::default());
        for _ in 0..WARM_UP + ROUNDS {
            use_it.time(log_prob, || {
                many.log_probs(&images, &(), &mut noise, &mut scratch)
            })?;
            use_it.time(sample, || {
                many.flow
                    .sample(0.7, &mut noise, &mut samples, &mut scratch);
            });
            use_it.time(sample_one, || {
                let image = &mut samples[..images.len() / BATCH];
                one.flow.sample(0.7, &mut noise, image, &mut scratch);
            });
        }
        medians.push((step, training.median_round(WARM_UP)));
        let whole = whole.medians(WARM_UP).into_iter();
        medians.extend(whole.map(|(_, ms)| (trainer_step, ms)));
        let parts = training.medians(WARM_UP).into_iter();
        medians.extend(
            parts
                .filter(|(name, _)| *name == "forward")
                .map(|(_, ms)| (forward, ms)),
        );
        medians.extend(use_it.medians(WARM_UP));
    }
    print(medians);
    Ok(())
}
