//! TODO

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use thalweg::flow::FlowError;
use thalweg::models::held_out::Estimate;
use thalweg::models::{
    AutoregressiveFlow, AutoregressiveFlowConfig, ContinuousFlow, ContinuousFlowConfig,
};
use thalweg::prelude::*;
use thalweg::train::{Ema, IntoLoss, records};
use thalweg_examples::{Common, Example, Measurements, run};

/// Densities of measurements by four kinds of flows, each trained for the same time.
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
    /// Splines, one feature after another.
    NsfAr,
    /// Affine maps, one feature after another.
    Maf,
    /// Splines, half of the features after the other half.
    Coupling,
    /// A vector field, with exact densities by integration.
    FlowMatching,
    /// One after another.
    All,
}

/// Models trained for one time on one table.
struct Contest<'a> {
    options: &'a Options,
    example: Example<'a>,
    rows: Measurements,
    results: Vec<(&'static str, Vec<f64>)>,
}

impl Contest<'_> {
    /// Trains a model, if it is asked for, and keeps the nats of each test row.
    ///
    /// Training averages the weights; of the averages it keeps the best on the validation rows.
    fn enter<M: Module + Sync, L: IntoLoss>(
        &mut self,
        (kind, name): (Kind, &'static str),
        rate: f64,
        init: impl FnOnce(&Device, &Tensor<2>) -> Result<M, Box<dyn Error>>,
        loss: impl Fn(&M, Tensor<2>, &mut Noise) -> L,
        log_probs: impl FnOnce(&M, &Tensor<2>) -> Result<Vec<f64>, FlowError>,
    ) -> Result<(), Box<dyn Error>> {
        let Self { options, example, rows, .. } = self;
        if ![kind, Kind::All].contains(&options.model) {
            return Ok(());
        }
        let rate = options.rate.unwrap_or(rate);
        let limit = Duration::try_from_secs_f64(60.0 * options.minutes)?;
        let batches = Batches::new(rows.train.clone(), options.batch, example.seed());
        let held_out = Batches::new(rows.validation.clone(), 2048, 0);
        let trained = Trainer::annealed_for_time(limit, rate)
            .max_steps(example.steps(usize::MAX))
            .seed(example.seed())
            .validate_every(4)
            .fit(
                init(&example.autodiff(), &rows.train)?,
                SingleGradient::adam().clip_norm(5.0),
                &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
                |model: &M, batch, seed| {
                    let mut noise = Noise::seeded(seed);
                    loss(model, rows.noisy(batch, &mut noise), &mut noise)
                },
                &mut (
                    Ema::new(options.ema),
                    ProgressBar::new(),
                    thalweg::train::CsvLog::new(example.file(&format!("{name}.csv"))),
                ),
            );
        example.trained(&trained);
        let nats = log_probs(&trained.finish()?, &rows.test)?;
        let nats: Vec<f64> = nats.into_iter().map(|nats| rows.standardized(nats)).collect();
        println!("{name}: held out {:.3} nats a row", Estimate::of(&nats));
        example.set(name, Estimate::of(&nats).mean);
        self.results.push((name, nats));
        Ok(())
    }
}

fn autoregressive(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("autoregressive")?;
    let rows = Measurements::open(&example)?;
    let (features, seed) = (rows.features(), common.seed);
    let mut contest = Contest { options, example, rows, results: vec![] };
    let w = |d: Vec<usize>| options.width.map_or(d.clone(), |w| vec![w; d.len()]);
    contest.enter(
        (Kind::NsfAr, "nsf_ar"),
        1e-3,
        |device, rows| {
            let config = AutoregressiveFlowConfig::nsf_ar(features).with_seed(seed).with_hidden(w(vec![128; 2]));
            Ok(config.try_init(device)?.initialize(rows)?)
        },
        |flow: &AutoregressiveFlow, rows, _| flow.loss(rows),
        |flow, rows| flow.log_probs(rows, 2048),
    )?;
    contest.enter(
        (Kind::Maf, "maf"),
        1e-3,
        |device, rows| {
            let config = AutoregressiveFlowConfig::maf(features).with_seed(seed).with_hidden(w(vec![128; 2]));
            Ok(config.try_init(device)?.initialize(rows)?)
        },
        |flow: &AutoregressiveFlow, rows, _| flow.loss(rows),
        |flow, rows| flow.log_probs(rows, 2048),
    )?;
    contest.enter(
        (Kind::Coupling, "coupling"),
        1e-3,
        |device, rows| {
            let config = CouplingFlowConfig::nsf(features).with_seed(seed).with_hidden(w(vec![128; 2]));
            Ok(config.try_init(device)?.initialize(rows)?)
        },
        |flow: &CouplingFlow, rows, _| flow.loss(rows),
        |flow, rows| flow.log_probs(rows, 2048),
    )?;
    contest.enter(
        (Kind::FlowMatching, "flow_matching"),
        5e-3,
        |device, rows| {
            let config = ContinuousFlowConfig::flow_matching(features).with_hidden(w(vec![128; 3]));
            Ok(config.with_seed(seed).try_init(device)?.initialize(rows)?)
        },
        |flow: &ContinuousFlow, rows, noise| flow.loss(rows, noise),
        |flow, rows| flow.log_probs(rows, 2048),
    )?;
    let gaussian = contest.rows.gaussian()?;
    println!("full-covariance Gaussian, same rows: {gaussian:.3} nats");
    contest.example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| autoregressive(&Options::parse()))
}
