//! Reaches 1.6 nats a row on hourly weather (a full Gaussian: −5.6) in two and a half minutes, mostly on
//! one core.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Columns, Parts, RowSplit, Table, nyc_weather};
use thalweg::flow::Standardize;
use thalweg::models::held_out::{Estimate, RoundingNoise, full_gaussian};
use thalweg::prelude::*;
use thalweg::train::records;
use thalweg_examples::{Common, loss_curve, run};

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
    let table = match &common.data {
        None => nyc_weather(),
        Some(file) => Table::from_csv(file, &Columns::all())?,
    };
    let features = table.columns();
    let widths = table.widths().map_or(vec![0.0; features], <[f64]>::to_vec);
    let rounding = RoundingNoise::new(&widths, &example.device);
    // Rows whose number ends in 8 validate, in 9 test.
    let parts = RowSplit::modulo(table.rows()).parts(|rows| table.select(rows));
    let Parts {
        train,
        validation,
        test,
    } = parts.try_map(|part| part.to_tensor(&example.device))?;

    let (config, epochs) = match options.affine {
        true => (CouplingFlowConfig::realnvp(features), 400),
        false => (CouplingFlowConfig::nsf(features), 140),
    };
    let flow = config.with_seed(common.seed).init(&example.autodiff());
    let flow = flow.initialize(&train)?;
    let batches = Batches::new(train.clone(), 512, common.seed);
    let held_out = Batches::new(validation, 2048, 0);
    let steps = example.steps(options.epochs.unwrap_or(epochs) * batches.len());
    let trainer = Trainer::annealed(steps, 1e-3).seed(common.seed);
    let trained = trainer.fit(
        flow,
        SingleGradient::adam().clip_norm(5.0),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        |flow: &CouplingFlow, rows, seed| flow.loss(rounding.apply(rows, &mut Noise::seeded(seed))),
        &mut (
            ProgressBar::new(),
            records(example.folder(), |flow: &CouplingFlow, path| {
                flow.save(path)
            }),
        ),
    );
    example.trained(&trained);
    let (history, flow) = (trained.history.clone(), trained.finish()?);

    // Published figures are densities of standardized rows. Standardizing adds the same number to each.
    let train = rounding.apply(train, &mut example.noise(0));
    let standardize = Standardize::fit(&train)?.layer;
    let (_, unit) = standardize.forward(train.clone().narrow(0, 0, 1), &());
    let unit: f64 = unit.into_scalar();
    let standardized = |nats: Vec<f64>| {
        let nats: Vec<f64> = nats.into_iter().map(|nats| nats - unit).collect();
        Estimate::of(&nats)
    };
    let test = rounding.apply(test, &mut example.noise(1));
    let nats = standardized(flow.log_probs(&test, 2048)?);
    let baseline = standardized(full_gaussian(&train)?.log_probs(&test, 2048)?);
    println!("held out: {nats:.3} nats a row, standardized");
    println!("full-covariance Gaussian, same rows: {baseline:.3} nats");
    loss_curve(&history, "nats a row", |loss| -loss - unit)
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
