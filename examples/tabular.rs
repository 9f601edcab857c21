//! Reaches 1.6 nats a row on hourly weather (a full Gaussian: −5.6) in two and a half minutes, mostly on
//! one core.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::prelude::*;
use thalweg::train::records;
use thalweg_examples::{Common, Measurements, loss_curve, run};

/// A density of measurements: RealNVP or a neural spline flow on rows of numbers.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// RealNVP in place of the neural spline flow.
    #[arg(long)]
    affine: bool,
    /// Passes over the training data [default: 140, or 400 with --affine, whose steps are faster].
    #[arg(long)]
    epochs: Option<usize>,
}

fn tabular(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("tabular")?;
    let rows = Measurements::open(&example)?;
    let (config, epochs) = match options.affine {
        true => (CouplingFlowConfig::realnvp(rows.features()), 400),
        false => (CouplingFlowConfig::nsf(rows.features()), 140),
    };
    let flow = config.with_seed(common.seed).init(&example.autodiff());
    let flow = flow.initialize(&rows.train)?;
    let batches = Batches::new(rows.train.clone(), 512, common.seed);
    let held_out = Batches::new(rows.validation.clone(), 2048, 0);
    let steps = example.steps(options.epochs.unwrap_or(epochs) * batches.len());
    let trainer = Trainer::annealed(steps, 1e-3).seed(common.seed);
    let trained = trainer.fit(
        flow,
        SingleGradient::adam().clip_norm(5.0),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        |flow: &CouplingFlow, batch, seed| flow.loss(rows.noisy(batch, &mut Noise::seeded(seed))),
        &mut (
            ProgressBar::new(),
            records(example.folder(), |flow: &CouplingFlow, path| {
                flow.save(path)
            }),
        ),
    );
    example.trained(&trained);
    let (history, flow) = (trained.history.clone(), trained.finish()?);

    let nats = rows.estimate(flow.log_probs(&rows.test, 2048)?);
    let baseline = rows.gaussian()?;
    println!("held out: {nats:.3} nats a row, standardized");
    println!("full-covariance Gaussian, same rows: {baseline:.3} nats");
    loss_curve(&history, "nats a row", |loss| rows.standardized(-loss))
        .reference("full Gaussian", baseline.mean)
        .save(example.file("loss.png"))?;

    example.set("nats", nats.mean);
    example.set("gaussian_nats", baseline.mean);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| tabular(&Options::parse()))
}
