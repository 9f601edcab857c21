//! RealNVP on two moons, within 0.01 nats of the exact entropy in 27 seconds on two cores; with `--images` on digits (`--data DIR`: the official MNIST).

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::Toy;
use thalweg::models::{RealNvp, RealNvpConfig};
use thalweg::optim::{Euler, field::Adam};
use thalweg::prelude::*;
use thalweg::train::schedule::{cosine, warm_up};
use thalweg::train::{BestCheckpoint, CsvLog};
use thalweg_examples::{
    Common, ImageRun, ImageSet, Report, density_map, mean_log_prob, run, tiles,
};

/// RealNVP learns a density of the plane, or images.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Images in place of two moons.
    #[arg(long)]
    images: bool,
    /// Passes over the training data [default: 30 on two moons, 60 on digits, 14 on MNIST].
    #[arg(long)]
    epochs: Option<usize>,
}

const TOY: Toy = Toy::TwoMoons;
const BATCH: usize = 512;

fn plane(options: &Options, device: &Device, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let file = |name: &str| common.file("realnvp", name);
    let [train, validation, test] =
        [100 * BATCH, 8 * BATCH, 20_000].map(|n| TOY.to_tensor(n, common.seed + n as u64, device));
    let config = CouplingFlowConfig::realnvp(2).with_seed(common.seed);
    let flow = config
        .try_init(&device.clone().autodiff())?
        .initialize(&train)?;
    let (batches, held_out) = (
        Batches::new(train, BATCH, common.seed),
        Batches::new(validation, BATCH, 0),
    );
    let epochs = options.epochs.unwrap_or(30);
    let steps = common.steps(epochs * batches.len());
    let trained = Trainer::new(epochs, 2e-3)
        .schedule(warm_up(100, cosine(steps, 0.001)))
        .seed(common.seed)
        .max_steps(steps)
        .fit(
            flow,
            SingleGradient::new(Euler::new(Adam::default()).init()).clip_norm(5.0),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
            |flow: &CouplingFlow, x, _| flow.loss(x),
            &mut (
                ProgressBar::new().loss_format(|loss| format!("{:.4} nats", -loss)),
                CsvLog::new(file("log.csv")),
                BestCheckpoint::with(file("model.safetensors"), |flow: &CouplingFlow, path| {
                    flow.save(path)
                }),
            ),
        );
    report.set("train_seconds", report.seconds());
    report.outcome(&trained.outcome);
    let flow = trained.finish()?;

    let (nats, error) = mean_log_prob(test, |x| flow.log_prob(x))?;
    println!(
        "held out: {nats:.4} ± {error:.4} nats; minus the exact entropy: {:.4}",
        -TOY.entropy()
    );
    let samples = flow.sample(2000, 1.0, &mut Noise::seeded(common.seed));
    density_map(TOY, |x| flow.log_prob(x), samples, file("density.png"))?;
    report.set("steps", steps);
    report.set("nats", nats);
    Ok(())
}

fn images(options: &Options, device: &Device, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let set = match &common.data {
        Some(folder) => ImageSet::mnist(folder)?,
        None => ImageSet::digits(),
    };
    let [train, validation, test] = set.planes(device);
    let config = RealNvpConfig::paper(set.size())
        .with_scales(set.scales)
        .with_blocks(2);
    let model = config
        .with_seed(common.seed)
        .try_init(&device.clone().autodiff())?;
    let model = model.initialize(ImageRun::first(&train), &mut Noise::seeded(common.seed))?;
    let units = model.units();
    let sketch = |model: &RealNvp, temperature: f64, path: &Path| {
        let samples = model.sample(100, temperature, &mut Noise::seeded(common.seed));
        tiles(samples, 10, path)
    };
    let mut run = ImageRun::new(common, "realnvp", &set, units);
    run.epochs = options.epochs;
    let trained = run.fit(
        model,
        [train, validation],
        |model, levels, seed| model.loss(levels, &mut Noise::seeded(seed)),
        |model, path| Ok(model.save(path)?),
        sketch,
    );
    report.set("train_seconds", report.seconds());
    report.outcome(&trained.outcome);
    let (history, model) = (trained.history.clone(), trained.finish()?);

    let mut noise = Noise::seeded(common.seed + 1);
    let (nats, _) = mean_log_prob(test, |x| model.log_prob(x, &mut noise))?;
    let bits = run.report(&history, nats, report)?;
    println!("held out: {bits:.4} bits/dim");
    sketch(&model, 1.0, &common.file("realnvp", "samples.png"))?;
    Ok(())
}

fn realnvp(options: &Options) -> Result<(), Box<dyn Error>> {
    let selected = options.common.device()?;
    let mut report = options.common.report("realnvp", selected.name)?;
    match options.images || options.common.data.is_some() {
        true => images(options, &selected.device, &mut report)?,
        false => plane(options, &selected.device, &mut report)?,
    }
    report.finish(&options.common, "realnvp");
    Ok(())
}

fn main() -> ExitCode {
    run(|| realnvp(&Options::parse()))
}
