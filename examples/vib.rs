//! A classifier with a variational information bottleneck, and the same network without: on the embedded part of Fashion-MNIST in half a minute, or with `--data DIR` on MNIST's files, 2.3 % errors after two epochs.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::burn::tensor::Int;
use thalweg::data::Parts;
use thalweg::models::vib::{Classification, DualAscent, Price, VibLoss};
use thalweg::plot::CurveChart;
use thalweg::prelude::*;
use thalweg::train::Workers;
use thalweg_examples::{Common, Example, run};

/// A bottleneck against the same network without.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Price of a nat through the bottleneck.
    #[arg(long, default_value_t = 1e-3)]
    lambda: f64,
    /// Nats a sample that cost nothing.
    #[arg(long)]
    threshold: Option<f64>,
    /// Nats that are to come through; the price then moves until they do.
    #[arg(long)]
    target: Option<f64>,
    /// Samples of the noise for each probability.
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

/// Rows in `[−1, 1]`, and their labels.
type Labelled = (Tensor<2>, Tensor<1, Int>);

/// A trained network, the nats that come through, and how well it classifies the test data.
type Learned = (Vib, f64, Classification);

/// Trains the network, with a bottleneck if there is a price, and prints its figures on the test data.
fn learn(
    (options, example, name): (&Options, &Example, &str),
    price: Option<&Price>,
    parts: Parts<Labelled>,
    epochs: usize,
) -> Result<Learned, Box<dyn Error>> {
    let common = &options.common;
    let vib = VibConfig::new(parts.train.0.dims()[1], 10).with_seed(common.seed);
    let vib = vib.try_init(&example.autodiff())?;
    let batches = Batches::new(parts.train, options.batch, common.seed);
    let held_out = Batches::new(parts.validation, 500, 0);
    let steps = example.steps(epochs * batches.len());
    let loss = |vib: &Vib, (x, labels): Labelled, seed| match price {
        None => vib.plain_loss(x, labels),
        Some(price) => {
            let price = price.at(vib, &x)?;
            vib.loss(x, labels, &price, &mut Noise::seeded(seed))
        }
    };
    let trainer = Trainer::annealed(steps, options.rate).seed(common.seed);
    let trained = trainer.fit_with(
        vib,
        SingleGradient::adam(),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        Workers::new(common.workers, loss),
        &mut ProgressBar::new(),
    );
    // The last weights: the held-out loss rises before the number of errors does.
    let vib = trained.model.valid();
    trained.finish()?;

    let samples = if price.is_some() { options.samples } else { 0 };
    let (x, labels) = &parts.test;
    let (found, rate) = vib.evaluate((x, labels), samples, 500, &mut example.noise(1))?;
    println!("{name}, {samples} samples of the noise for each probability:");
    for (figure, value) in [
        ("error", found.error()),
        ("calibration_error", found.calibration_error()),
        ("cross_entropy", found.cross_entropy()),
        ("nats", rate),
    ] {
        println!("  {figure} {value:.4}");
        example.set(&format!("{name}_{figure}"), value);
    }
    Ok((vib, rate, found))
}

fn vib(options: &Options) -> Result<(), Box<dyn Error>> {
    let example = options.common.start("vib")?;
    let (parts, epochs) = match &options.common.data {
        Some(folder) => (Parts::mnist(folder, 1000)?, 60),
        None => (Parts::fashion(), 20),
    };
    let epochs = options.epochs.unwrap_or(epochs);
    let white = f64::from(parts.train.levels() - 1);
    let parts = parts.try_map(|images| images.to_labelled(&example.device))?;
    let parts = parts.map(|(x, labels)| (x.flatten(1, 3) * (2.0 / white) - 1.0, labels));
    let (lambda, threshold) = (options.lambda, options.threshold);
    let price = match options.target {
        Some(target) => Price::moving(DualAscent::new(lambda, 1e-6, target), threshold),
        None => Price::fixed(VibLoss { lambda, threshold }),
    };
    let run = (options, &example, "vib");
    let (vib, nats, bottleneck) = learn(run, Some(&price), parts.clone(), epochs)?;
    vib.save(example.file("model.safetensors"))?;
    let (.., plain) = learn((options, &example, "plain"), None, parts, epochs)?;
    // A mean over fewer samples than 20 is mostly noise.
    CurveChart::reliability()
        .series("with the bottleneck", bottleneck.reliability(20))
        .series("without", plain.reliability(20))
        .save(example.file("reliability.png"))?;
    example.set("nats", nats);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| vib(&Options::parse()))
}
