//! A classifier with a variational information bottleneck, and the same network without: on the embedded part of Fashion-MNIST in half a minute, or with `--data DIR` on MNIST's files, 2.3 % errors after two epochs.

use std::error::Error;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::Parser;
use thalweg::models::vib::{DualAscent, VibLoss};
use thalweg::optim::{Euler, field::Adam};
use thalweg::prelude::*;
use thalweg::train::Workers;
use thalweg::train::schedule::{cosine, warm_up};
use thalweg_examples::{Common, ImageSet, LabelledRows, Price, labelled_rows, report_classes, run};

/// A bottleneck against the same network without.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Price of a nat that comes through.
    #[arg(long, default_value_t = 1e-3)]
    lambda: f64,
    /// Nats a sample that cost nothing.
    #[arg(long)]
    threshold: Option<f64>,
    /// Nats that are to come through: the price then finds itself.
    #[arg(long)]
    target: Option<f64>,
    /// Samples that probabilities are averaged over.
    #[arg(long, default_value_t = 12)]
    samples: usize,
    /// Passes over the training data [default: 60 on MNIST, 20 otherwise].
    #[arg(long)]
    epochs: Option<usize>,
    /// Images a step.
    #[arg(long, default_value_t = 100)]
    batch: usize,
    /// Learning rate at its highest.
    #[arg(long, default_value_t = 5e-4)]
    rate: f64,
}

/// Trains the network, with a bottleneck if there is a price.
fn learn(
    options: &Options,
    price: Option<&Mutex<Price>>,
    [train, validation]: [LabelledRows; 2],
    config: &VibConfig,
    epochs: usize,
) -> Result<Vib, Box<dyn Error>> {
    let common = &options.common;
    let vib = config.try_init(&common.device()?.device.autodiff())?;
    let batches = Batches::new(train, options.batch, common.seed);
    let held_out = Batches::new(validation, 500, 0);
    let steps = common.steps(epochs * batches.len());
    let loss = |vib: &Vib, (x, labels): LabelledRows, seed| {
        let Some(price) = price else {
            return vib.plain_loss(x, labels);
        };
        let price = price
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .at(vib, &x)?;
        vib.loss(x, labels, &price, &mut Noise::seeded(seed))
    };
    let trained = Trainer::new(epochs, options.rate)
        .schedule(warm_up(200, cosine(steps, 0.0)))
        .seed(common.seed)
        .max_steps(steps)
        .fit_with(
            vib,
            SingleGradient::new(Euler::new(Adam::default()).init()),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
            Workers::new(common.workers, loss),
            &mut ProgressBar::new(),
        );
    // The last weights: the loss of what is held out rises before its errors do.
    let last = trained.model.valid();
    trained.finish()?;
    Ok(last)
}

fn vib(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let selected = common.device()?;
    let mut report = common.report("vib", selected.name)?;
    let (set, epochs) = match &common.data {
        Some(folder) => (ImageSet::mnist(folder)?, 60),
        None => (ImageSet::fashion(), 20),
    };
    let [train, validation, test] = labelled_rows(&set, &selected.device)?;
    let config = VibConfig::new(set.size().numbers(), 10).with_seed(common.seed);
    let (epochs, parts) = (options.epochs.unwrap_or(epochs), [train, validation]);
    let ascent = |target| DualAscent::new(options.lambda, 1e-6, target);
    let (lambda, threshold) = (options.lambda, options.threshold);
    let price = Mutex::new(Price {
        loss: VibLoss { lambda, threshold },
        ascent: options.target.map(ascent),
    });
    let noise = &mut Noise::seeded(common.seed + 1);
    let vib = learn(options, Some(&price), parts.clone(), &config, epochs)?;
    vib.save(common.file("vib", "model.safetensors"))?;
    report.set("vib_seconds", report.seconds());
    report_classes(&vib, &test, options.samples, noise, "vib", &mut report)?;
    let plain = learn(options, None, parts, &config, epochs)?;
    report_classes(&plain, &test, 0, noise, "plain", &mut report)?;
    report.finish(common, "vib");
    Ok(())
}

fn main() -> ExitCode {
    run(|| vib(&Options::parse()))
}
