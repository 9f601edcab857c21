//! RealNVP as `CouplingFlowConfig::realnvp` ships it, on 8 to 2048 features: what grows with the width. `init`, `load`
//! from a file, the first sample of a loaded model, which meets its matrices for the first time, a training step
//! with Adam (batch 256), the density of 256 points, and 1 and 256 samples. The data are noise.
//!
//! Other widths can be named: `wide 64 1024`.

use std::error::Error;
use std::time::{Duration, Instant};

use thalweg::device::from_env;
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, adam, print};

const WIDTHS: [usize; 6] = [8, 32, 128, 512, 1024, 2048];
const BATCH: usize = 256;
const WARM_UP: usize = 2;
/// Rounds of a part, and the time after which no further one begins.
const ROUNDS: usize = 30;
const PATIENCE: Duration = Duration::from_secs(4);

fn main() -> Result<(), Box<dyn Error>> {
    let device = from_env()?.device;
    let widths: Result<Vec<usize>, _> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .map(|argument| argument.parse())
        .collect();
    let widths = match widths? {
        none if none.is_empty() => WIDTHS.to_vec(),
        named => named,
    };
    let mut medians = vec![];
    for features in widths {
        let of_width = of_width(features, &device)?;
        let named = |(part, ms)| (format!("{features} {part}"), ms);
        medians.extend(of_width.into_iter().map(named));
    }
    print(medians);
    Ok(())
}

fn of_width(features: usize, device: &Device) -> Result<Vec<(&'static str, f64)>, Box<dyn Error>> {
    let config = CouplingFlowConfig::realnvp(features);
    let mut noise = Noise::seeded(0);
    let batch: Tensor<2> = noise.normal([BATCH, features], device, DType::F32);

    let mut start = Stopwatch::default();
    let folder = std::env::temp_dir().join(format!("thalweg-wide-{}", std::process::id()));
    let path = folder.join("flow.safetensors");
    config.init(device).save(&path)?;
    repeat(0, || {
        start.time("init", || config.init(device));
        let flow = start.time("load", || CouplingFlow::load(&path, device))?;
        start.time("first sample", || {
            drop_data(flow.sample(1, 1.0, &mut noise))
        });
        Ok(())
    })?;
    std::fs::remove_dir_all(folder)?;

    let flow = config.init(&device.clone().autodiff());
    let mut flow = Some(flow.initialize(&batch)?);
    let (mut adam, mut training) = (adam(), Stopwatch::default());
    repeat(WARM_UP, || {
        let model = flow.take().ok_or("a step that failed took the model")?;
        let loss = |flow: &CouplingFlow| flow.loss(batch.clone());
        flow = Some(training.training_step(device, model, &mut adam, 1e-3, loss)?);
        Ok(())
    })?;

    let flow = flow.ok_or("a step that failed took the model")?.valid();
    let mut use_it = Stopwatch::default();
    repeat(WARM_UP, || {
        use_it.time("log_prob", || drop_data(flow.log_prob(batch.clone())));
        use_it.time("sample 1", || drop_data(flow.sample(1, 1.0, &mut noise)));
        use_it.time("sample", || drop_data(flow.sample(BATCH, 1.0, &mut noise)));
        Ok(())
    })?;

    let mut medians = start.medians(0);
    medians.push(("step", training.median_round(WARM_UP)));
    medians.extend(training.medians(WARM_UP));
    medians.extend(use_it.medians(WARM_UP));
    Ok(medians)
}

/// Does work at least once after the rounds that warm up.
fn repeat(
    warm_up: usize,
    mut work: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    for round in 0..warm_up + ROUNDS {
        if round > warm_up && started.elapsed() > PATIENCE {
            break;
        }
        work()?;
    }
    Ok(())
}

/// Waits for the numbers of a tensor.
fn drop_data<const D: usize>(tensor: Tensor<D>) {
    drop(tensor.into_data());
}
