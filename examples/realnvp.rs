//! RealNVP on two moons, within 0.01 nats of the exact entropy in 27 seconds on two cores; with `--images` on digits (`--data DIR`: the official MNIST).

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Parts, Toy};
use thalweg::models::held_out::Estimate;
use thalweg::models::{RealNvp, RealNvpConfig};
use thalweg::prelude::*;
use thalweg::train::{CtrlC, DrawSamples, Workers, records};
use thalweg_examples::{Common, Example, bits_curve, density_map, first, run, tiles};

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

fn plane(options: &Options, example: &Example) -> Result<(), Box<dyn Error>> {
    let Options { common, epochs, .. } = options;
    let points = |n: usize| TOY.to_tensor(n, common.seed + n as u64, &example.device);
    let [train, validation, test] = [100 * BATCH, 8 * BATCH, 20_000].map(points);
    let config = CouplingFlowConfig::realnvp(2).with_seed(common.seed);
    let flow = config.try_init(&example.autodiff())?.initialize(&train)?;
    let batches = Batches::new(train, BATCH, common.seed);
    let held_out = Batches::new(validation, BATCH, 0);
    let steps = example.steps(epochs.unwrap_or(30) * batches.len());
    let trainer = Trainer::annealed(steps, 2e-3).seed(common.seed);
    let trained = trainer.fit(
        flow,
        SingleGradient::adam().clip_norm(5.0),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        |flow: &CouplingFlow, x, _| flow.loss(x),
        &mut (
            ProgressBar::new(),
            records(example.folder(), |flow: &CouplingFlow, to| flow.save(to)),
        ),
    );
    example.trained(&trained);
    let flow = trained.finish()?;

    let nats = Estimate::of(&flow.log_probs(&test, 500)?);
    println!("held out: {nats:.4} nats");
    println!("minus the exact entropy: {:.4} nats", -TOY.entropy());
    let samples = flow.sample(2000, 1.0, &mut example.noise(0));
    let picture = example.file("density.png");
    density_map(TOY, |x| flow.log_prob(x), samples, picture)?;
    example.set("nats", nats.mean);
    Ok(())
}

fn images(options: &Options, example: &Example) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let (parts, epochs) = match &common.data {
        Some(folder) => (Parts::mnist(folder, 1000)?, 14),
        None => (Parts::digits(), 60),
    };
    let size = ImageSize::new(parts.train.size()).with_levels(parts.train.levels());
    let images = parts.map(|images| images.to_planes(&example.device));
    let config = RealNvpConfig::paper(size).with_scales(size.scales());
    let config = config.with_blocks(2).with_seed(common.seed);
    let model = config.try_init(&example.autodiff())?;
    let model = model.initialize(first(&images.train, 256), &mut example.noise(0))?;
    let units = model.units();
    let draw = |model: &RealNvp, temperature: f64, path: &Path| {
        let samples = model.sample(100, temperature, &mut example.noise(0));
        tiles(samples, 10, path)
    };
    let batches = Batches::new(images.train, 64, common.seed).drop_last(true);
    let held_out = Batches::new(images.validation, 250, 0);
    let steps = example.steps(options.epochs.unwrap_or(epochs) * batches.len());
    let loss = |model: &RealNvp, x, seed| model.loss(x, &mut Noise::seeded(seed));
    let samples = DrawSamples::new(example.folder(), &draw);
    let trainer = Trainer::annealed(steps, 1e-3).seed(common.seed);
    let trained = trainer.fit_with(
        model,
        SingleGradient::adam().clip_norm(500.0),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        Workers::new(common.workers, loss),
        &mut (
            ProgressBar::new().loss_format(units.loss_format()),
            records(example.folder(), |model: &RealNvp, path| model.save(path)),
            samples.every(10),
            CtrlC::new(),
        ),
    );
    example.trained(&trained);
    let (history, model) = (trained.history.clone(), trained.finish()?);

    let nats = Estimate::of(&model.log_probs(&images.test, 500, &mut example.noise(1))?);
    println!("held out: {:.4} bits/dim", nats.in_bits(&units));
    bits_curve(&history, units).save(example.file("loss.png"))?;
    draw(&model, 1.0, &example.file("samples.png"))?;
    example.set("nats", nats.mean);
    example.set("bits_per_dim", nats.in_bits(&units).mean);
    Ok(())
}

fn main() -> ExitCode {
    run(|| {
        let options = Options::parse();
        let example = options.common.start("realnvp")?;
        let on_images = options.images || options.common.data.is_some();
        (if on_images { images } else { plane })(&options, &example)?;
        example.finish();
        Ok(())
    })
}
