//! Reaches 2.72 bits/dim on the embedded 8×8 digits (a full Gaussian: 2.92) in 13 seconds on two cores;
//! with `--data DIR` (the official MNIST files) 2079 nats in 30 epochs of 65 seconds (the paper: 1980).

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::Parts;
use thalweg::flow::Dequantize;
use thalweg::models::held_out::{Estimate, full_gaussian};
use thalweg::prelude::*;
use thalweg::train::{CtrlC, DrawSamples, TensorBoard, records};
use thalweg_examples::{Common, loss_curve, run, tiles};

/// NICE learns handwritten digits and draws new ones.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Su Jianlin's NICE in place of the paper's.
    #[arg(long)]
    blog: bool,
    /// Passes over the training data [default: 30 on MNIST, 60 on the embedded digits].
    #[arg(long)]
    epochs: Option<usize>,
}

fn nice(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("nice")?;

    let (parts, hidden, batch, epochs) = match &common.data {
        Some(folder) => (Parts::mnist(folder, 5000)?, 1000, 128, 30),
        None => (Parts::digits(), 256, 64, 60),
    };
    let ([channels, height, width], levels) = (parts.train.size(), parts.train.levels());
    let images = parts.map(|images| images.to_tensor(&example.device));

    let config = match options.blog {
        true => NiceConfig::blog(height * width, levels),
        false => NiceConfig::paper(height * width, levels),
    };
    let config = config.with_hidden(hidden).with_seed(common.seed);
    let nice = config.init(&example.autodiff());
    let nice = match options.blog {
        true => nice, // the blog's code starts without the statistics of the data
        false => nice.initialize(images.train.clone(), &mut example.noise(0))?,
    };
    let units = nice.units();

    let draw = |nice: &Nice, temperature: f64, path: &Path| {
        let samples = nice.sample(225, temperature, &mut example.noise(0));
        let pixels = nice.quantize(samples) / f64::from(levels - 1);
        tiles(pixels.reshape([225, channels, height, width]), 15, path)
    };
    let batches = Batches::new(images.train.clone(), batch, common.seed);
    let held_out = Batches::new(images.validation, 500, 0);
    let epochs = options.epochs.unwrap_or(epochs);
    let steps = example.steps(epochs * batches.len());
    let samples = DrawSamples::new(example.folder(), &draw);
    let trainer = Trainer::annealed(steps, 1e-3).seed(common.seed);
    let trained = trainer.fit(
        nice,
        SingleGradient::adam(),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        |nice: &Nice, levels, seed| nice.loss(levels, &mut Noise::seeded(seed)),
        &mut (
            ProgressBar::new().loss_format(units.loss_format()),
            records(example.folder(), |nice: &Nice, path| nice.save(path)),
            samples.temperatures([1.0, 0.75]).every(10),
            TensorBoard::new(example.file("events")),
            CtrlC::new(),
        ),
    );
    example.trained(&trained);
    let (history, nice) = (trained.history.clone(), trained.finish()?);

    let nats = Estimate::of(&nice.log_probs(&images.test, 500, &mut example.noise(1))?);
    let bits = nats.in_bits(&units);
    println!("held out: {nats:.2} nats a digit = {bits:.4} bits/dim");

    // The baseline on the same noisy pixels.
    let noise = &mut example.noise(1);
    let dequantize = Dequantize::uniform(levels);
    let (train, _) = dequantize.apply(images.train, noise)?;
    let (test, _) = dequantize.apply(images.test, noise)?;
    let gaussian = Estimate::of(&full_gaussian(&train)?.log_probs(&test, 500)?);
    let baseline = gaussian.in_bits(&units).mean;
    println!("full-covariance Gaussian, same rows: {baseline:.4} bits/dim");

    draw(&nice, 1.0, &example.file("samples_t1.png"))?;
    draw(&nice, 0.75, &example.file("samples_t0.75.png"))?;
    loss_curve(&history, "bits/dim", |loss| units.from_nats(-loss))
        .reference("full Gaussian", baseline)
        .save(example.file("loss.png"))?;

    example.set("nats", nats.mean);
    example.set("bits_per_dim", bits.mean);
    example.set("gaussian_bits_per_dim", baseline);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| nice(&Options::parse()))
}
