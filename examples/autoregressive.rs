//! Four kinds of flows on hourly weather, each trained for the same time: autoregressive splines beside the others.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use thalweg::flow::{Activation, FlowError};
use thalweg::prelude::*;
use thalweg::train::{CsvLog, Ema, IntoLoss};
use thalweg_examples::{Common, Example, Measurements, run};

/// Densities of measurements by four kinds of flows.
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Kind {
    /// Splines, one feature after another.
    NsfAr,
    /// Affine maps, one feature after another.
    Maf,
    /// Splines, half of the features after the other half.
    Coupling,
    /// A vector field; exact densities by integration, tolerance 1e-5.
    FlowMatching,
    /// Each of them.
    All,
}

/// Trains a model, averages its weights, and of the averages takes the best on the validation rows. Returns the
/// nats of each test row.
fn nats<M: Module + Sync, L: IntoLoss>(
    (options, example, rows): (&Options, &Example, &Measurements),
    rate: f64,
    model: M,
    loss: impl Fn(&M, Tensor<2>, &mut Noise) -> L,
    log_probs: impl FnOnce(&M, &Tensor<2>) -> Result<Vec<f64>, FlowError>,
) -> Result<Vec<f64>, Box<dyn Error>> {
    let limit = Duration::try_from_secs_f64(60.0 * options.minutes)?;
    let batches = Batches::new(rows.train.clone(), 512, example.seed());
    let held_out = Batches::new(rows.validation.clone(), 2048, 0);
    let log = CsvLog::new(example.file(&format!("{:?}.csv", options.model)));
    let trained = Trainer::annealed_for_time(limit, rate)
        .max_steps(example.steps(usize::MAX))
        .seed(example.seed())
        .validate_every(4)
        .fit(
            model,
            SingleGradient::adam().clip_norm(5.0),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
            |model: &M, batch, seed| {
                let mut noise = Noise::seeded(seed);
                loss(model, rows.noisy(batch, &mut noise), &mut noise)
            },
            &mut (Ema::new(0.999), ProgressBar::new(), log),
        );
    example.trained(&trained);
    Ok(log_probs(&trained.finish()?, &rows.test)?)
}

fn autoregressive(options: &Options) -> Result<(), Box<dyn Error>> {
    let (common, device) = (&options.common, options.common.device()?.device.autodiff());
    let example = common.start("autoregressive")?;
    let rows = Measurements::open(&example)?;
    let (features, seed, data) = (rows.features(), common.seed, &rows.train);
    let run = (options, &example, &rows);
    let mut found = vec![];
    let kinds = Kind::value_variants().iter();
    for kind in kinds.filter(|kind| [**kind, Kind::All].contains(&options.model)) {
        let nats = match kind {
            Kind::All => continue,
            Kind::Coupling => {
                let config = CouplingFlowConfig::nsf(features).with_seed(seed);
                let flow = config.try_init(&device)?.initialize(data)?;
                let loss = |flow: &CouplingFlow, x, _: &mut Noise| flow.loss(x);
                nats(run, 1e-3, flow, loss, |flow, x| flow.log_probs(x, 2048))?
            }
            Kind::FlowMatching => {
                let config = ContinuousFlowConfig::flow_matching(features);
                let config = config.with_hidden(vec![128; 3]).with_seed(seed);
                let flow = config.try_init(&device)?.initialize(data)?;
                let loss = |flow: &ContinuousFlow, x, noise: &mut Noise| flow.loss(x, noise);
                nats(run, 5e-3, flow, loss, |flow, x| flow.log_probs(x, 2048))?
            }
            Kind::Maf | Kind::NsfAr => {
                let preset = match kind {
                    Kind::Maf => AutoregressiveFlowConfig::maf(features),
                    _ => AutoregressiveFlowConfig::nsf_ar(features),
                };
                // Chosen for the splines by the validation rows: wide networks learn the noise of 18,400 training rows by
                // heart, and those with kinks generalize worse.
                let config = preset.with_transforms(8).with_hidden(vec![32; 2]);
                let config = config.with_activation(Activation::Silu).with_seed(seed);
                let flow = config.try_init(&device)?.initialize(data)?;
                let loss = |flow: &AutoregressiveFlow, x, _: &mut Noise| flow.loss(x);
                nats(run, 3e-3, flow, loss, |flow, x| flow.log_probs(x, 2048))?
            }
        };
        let name = kind.to_possible_value().ok_or("a kind without a name")?;
        found.push((name.get_name().to_owned(), nats));
    }
    rows.compare(&example, &found)?;
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| autoregressive(&Options::parse()))
}
