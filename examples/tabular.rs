//! Reaches 1.6 nats a row on hourly weather (a full Gaussian: −5.6) in two and a half minutes, mostly on
//! one core.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Columns, RowSplit, Table, nyc_weather};
use thalweg::flow::base::StandardNormal;
use thalweg::flow::{Standardize, Whiten};
use thalweg::optim::{Euler, field::Adam};
use thalweg::prelude::*;
use thalweg::train::schedule::{cosine, warm_up};
use thalweg::train::{BestCheckpoint, CsvLog};
use thalweg_examples::{Common, loss_curve, mean_log_prob, run};

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

/// Rows by their numbers, 0–7 to train, 8 to validate, 9 to test, and the steps they are rounded to.
fn load(common: &Common) -> Result<([Table; 3], Vec<f64>), Box<dyn Error>> {
    let table = match &common.data {
        None => nyc_weather(),
        Some(file) => Table::from_csv(file, &Columns::all())?,
    };
    let widths = table
        .widths()
        .map_or(vec![0.0; table.columns()], <[f64]>::to_vec);
    let split = RowSplit::modulo(table.rows());
    let parts = [&split.train, &split.validation, &split.test].map(|rows| table.select(rows));
    Ok((parts, widths))
}

fn tabular(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let selected = common.device()?;
    let (device, mut report) = (&selected.device, common.report("tabular", selected.name)?);
    let (parts, widths) = load(common)?;
    let [train, validation, test] = parts.map(|part| part.to_tensor(device));
    let (train, validation, test) = (train?, validation?, test?);
    let widths = Tensor::<1>::from_floats(widths.as_slice(), device).unsqueeze::<2>();
    // Fresh noise at each step, so that no row is seen twice.
    let dequantize = |rows: Tensor<2>, seed: u64| {
        let noise = Noise::seeded(seed).uniform(rows.dims(), device, rows.dtype());
        rows + (noise - 0.5) * widths.clone()
    };

    let features = train.dims()[1];
    let (config, epochs) = match options.affine {
        true => (CouplingFlowConfig::realnvp(features), 400),
        false => (CouplingFlowConfig::nsf(features), 140),
    };
    let (config, epochs) = (
        config.with_seed(common.seed),
        options.epochs.unwrap_or(epochs),
    );
    let flow = config.init(&device.clone().autodiff()).initialize(&train)?;
    let batches = Batches::new(train.clone(), 512, common.seed);
    let held_out = Batches::new(validation, 2048, 0);
    let steps = common.steps(epochs * batches.len());
    let best = common.file("tabular", "model.safetensors");
    let trained = Trainer::new(epochs, 1e-3)
        .schedule(warm_up(100, cosine(steps, 0.001)))
        .seed(common.seed)
        .max_steps(steps)
        .fit(
            flow,
            SingleGradient::new(Euler::new(Adam::default()).init()).clip_norm(5.0),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
            |flow: &CouplingFlow, rows, seed| flow.loss(dequantize(rows, seed)),
            &mut (
                ProgressBar::new().loss_format(|loss| format!("{:.4} nats", -loss)),
                CsvLog::new(common.file("tabular", "log.csv")),
                BestCheckpoint::with(best, |flow: &CouplingFlow, path| flow.save(path)),
            ),
        );
    report.set("train_seconds", report.seconds());
    report.outcome(&trained.outcome);
    let (history, flow) = (trained.history.clone(), trained.finish()?);

    // Densities of the standardized rows, as tables of such figures give them.
    let train = dequantize(train, common.seed);
    let (_, unit) = Standardize::fit(&train)?
        .layer
        .forward(train.clone().narrow(0, 0, 1), &());
    let unit: f64 = unit.into_scalar();
    let test = dequantize(test, common.seed + 1);
    let (nats, error) = mean_log_prob(test.clone(), |rows| flow.log_prob(rows) - unit)?;
    let gaussian = Flow::new(Whiten::fit(&train, 0.0)?, StandardNormal::new(features));
    let (baseline, _) = mean_log_prob(test, |rows| gaussian.log_prob(rows) - unit)?;
    println!("held out: {nats:.3} ± {error:.3} nats a row, standardized");
    println!("full-covariance Gaussian, same rows: {baseline:.3} nats");
    loss_curve(&history, "nats a row", |loss| -loss - unit)
        .reference("full Gaussian", baseline)
        .save(common.file("tabular", "loss.png"))?;

    report.set("steps", steps);
    report.set("nats", nats);
    report.set("gaussian_nats", baseline);
    report.finish(common, "tabular");
    Ok(())
}

fn main() -> ExitCode {
    run(|| tabular(&Options::parse()))
}
