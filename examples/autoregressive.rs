//! X
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use thalweg::models::held_out::Estimate;
use thalweg::prelude::*;
use thalweg::train::{CsvLog, Ema, IntoLoss};
use thalweg_examples::{Common, Example, Measurements, run};

/// Densities of measurements by flows of several kinds, trained for the same time.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Minutes to train each model for.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// The model to train.
    #[arg(long, value_enum, default_value_t = Kind::All)]
    model: Kind,
    #[arg(long)]
    rate: Option<f64>,
    #[arg(long, default_value_t = 0.999)]
    ema: f64,
    #[arg(long, default_value_t = 512)]
    batch: usize,
    #[arg(long)]
    width: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Kind {
    NsfAr,
    Maf,
    Coupling,
    FlowMatching,
    All,
}

/// Trains a model for the given time and returns the nats of each test row.
fn fit<M: Module + Sync, L: IntoLoss>(
    options: &Options,
    (name, rate): (&str, f64),
    (example, rows): (&Example<'_>, &Measurements),
    model: M,
    loss: impl Fn(&M, Tensor<2>, u64) -> L,
) -> Result<M, Box<dyn Error>> {
    let rate = options.rate.unwrap_or(rate);
    let limit = Duration::try_from_secs_f64(60.0 * options.minutes)?;
    let batches = Batches::new(rows.train.clone(), options.batch, example.seed());
    let held_out = Batches::new(rows.validation.clone(), 2048, 0);
    let mut ema = Ema::new(options.ema);
    let trainer = Trainer::annealed_for_time(limit, rate).max_steps(example.steps(usize::MAX));
    let trained = trainer.seed(example.seed()).validate_every(4).fit(
        model,
        SingleGradient::adam().clip_norm(5.0),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        loss,
        &mut (
            &mut ema,
            CsvLog::new(example.file(&format!("{name}.csv"))),
        ),
    );
    example.trained(&trained);
    Ok(trained.finish()?)
}

fn autoregressive(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("autoregressive")?;
    let rows = Measurements::open(&example)?;
    let device = example.autodiff();
    let features = rows.features();
    println!("gaussian {:.3}", rows.gaussian()?);
    let mut config = CouplingFlowConfig::nsf(features).with_seed(common.seed);
    if let Some(width) = options.width { config.hidden = vec![width; 2]; }
    let model = config
        .try_init(&device)?
        .initialize(&rows.train)?;
    let flow = fit(
        options,
        ("coupling", 1e-3),
        (&example, &rows),
        model,
        |flow: &CouplingFlow, batch, seed| flow.loss(rows.noisy(batch, seed)),
    )?;
    println!("coupling {:.3}", rows.estimate(flow.log_probs(&rows.test, 2048)?));
    let _ = Estimate::of(&[]);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| autoregressive(&Options::parse()))
}
