//! The models as their configurations build them, on noise: a training step with Adam, the density of a batch
//! and samples.
//!
//! RealNVP on 43 features (batch 1024) and a spline flow on 6 (batch 512), with densities of 10,000 points and
//! 10,000 samples; Glow (3 scales of 8 steps, 128 hidden channels) and RealNVP on 16 colour images of 32 × 32.

use std::error::Error;

use thalweg::device::from_env;
use thalweg::models::RealNvpConfig;
use thalweg::prelude::*;
use thalweg::train::IntoLoss;
use thalweg_benches::{Stopwatch, adam, levels, print};

const POINTS: usize = 10_000;
const IMAGES: usize = 16;
const WARM_UP: usize = 3;

type Medians = Vec<(&'static str, f64)>;

fn main() -> Result<(), Box<dyn Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let realnvp = CouplingFlowConfig::realnvp(43);
    let nsf = CouplingFlowConfig::nsf(6);
    let mut medians = rows(
        ["realnvp43 step", "realnvp43 log_prob", "realnvp43 sample"],
        &realnvp,
        1024,
        device,
    )?;
    let parts = ["nsf6 step", "nsf6 log_prob", "nsf6 sample"];
    medians.extend(rows(parts, &nsf, 512, device)?);

    let [mut noise, mut density_noise, mut sample_noise] = [0, 1, 2].map(Noise::seeded);
    let image = ImageSize::new([3, 32, 32]);
    let levels: Tensor<4> = levels([IMAGES, 3, 32, 32], device);
    let training = device.clone().autodiff();

    let glow = GlowConfig::openai(image).with_depth(8).with_hidden(128);
    let glow = glow.init(&training);
    let glow = glow.initialize(levels.clone(), &mut noise)?;
    medians.extend(timed(
        ["glow step", "glow log_prob", "glow sample"],
        12,
        device,
        glow,
        |glow| glow.loss(levels.clone(), &mut noise),
        |glow| {
            let log_prob = glow.log_prob(levels.clone(), &mut density_noise);
            log_prob.map(drop_data)
        },
        |glow| drop_data(glow.sample(IMAGES, 0.7, &mut sample_noise)),
    )?);

    let realnvp = RealNvpConfig::paper(image).init(&training);
    let realnvp = realnvp.initialize(levels.clone(), &mut noise)?;
    medians.extend(timed(
        ["realnvp32 step", "realnvp32 log_prob", "realnvp32 sample"],
        12,
        device,
        realnvp,
        |realnvp| realnvp.loss(levels.clone(), &mut noise),
        |realnvp| {
            let log_prob = realnvp.log_prob(levels.clone(), &mut density_noise);
            log_prob.map(drop_data)
        },
        |realnvp| drop_data(realnvp.sample(IMAGES, 0.7, &mut sample_noise)),
    )?);
    print(medians);
    Ok(())
}

/// The medians of a flow on rows of numbers.
fn rows(
    parts: [&'static str; 3],
    config: &CouplingFlowConfig,
    batch: usize,
    device: &Device,
) -> Result<Medians, Box<dyn Error>> {
    let mut noise = Noise::seeded(0);
    let mut normal = |count| -> Tensor<2> {
        let shape = [count, config.features];
        noise.normal(shape, device, DType::F32)
    };
    let (batch, points) = (normal(batch), normal(POINTS));
    let flow = config.init(&device.clone().autodiff());
    let flow = flow.initialize(&batch)?;
    timed(
        parts,
        40,
        device,
        flow,
        |flow| flow.loss(batch.clone()),
        |flow| {
            drop_data(flow.log_prob(points.clone()));
            Ok::<_, Box<dyn Error>>(())
        },
        |flow| drop_data(flow.sample(POINTS, 1.0, &mut noise)),
    )
}

/// The medians of a training step, of `log_prob` and of `sample`.
fn timed<M: Module, L: IntoLoss, E: Into<Box<dyn Error>>>(
    parts: [&'static str; 3],
    rounds: usize,
    device: &Device,
    mut model: M,
    mut loss: impl FnMut(&M) -> L,
    mut log_prob: impl FnMut(&M) -> Result<(), E>,
    mut sample: impl FnMut(&M),
) -> Result<Medians, Box<dyn Error>> {
    let mut adam = adam();
    let mut watch = Stopwatch::default();
    for _ in 0..WARM_UP + rounds {
        model = watch.training_step(device, model, &mut adam, 1e-3, &mut loss)?;
    }
    let mut medians = vec![(parts[0], watch.median_round(WARM_UP))];
    let model = model.valid();
    let mut watch = Stopwatch::default();
    for _ in 0..WARM_UP + rounds / 2 {
        watch
            .time(parts[1], || log_prob(&model))
            .map_err(Into::into)?;
        watch.time(parts[2], || sample(&model));
    }
    medians.extend(watch.medians(WARM_UP));
    Ok(medians)
}

/// Waits for the numbers of a tensor.
fn drop_data<const D: usize>(tensor: Tensor<D>) {
    drop(tensor.into_data());
}
