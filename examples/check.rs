//! How far the numbers of a flow of two moons can be trusted, before and after a minute of training.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::check::{self, check};
use thalweg::data::Toy;
use thalweg::prelude::*;
use thalweg_examples::{Common, run};

/// Checks a spline flow: round trips, log-determinants, condition numbers, splines, the integral of its density.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
}

const BATCH: usize = 512;

fn checked(Options { common }: &Options) -> Result<(), Box<dyn Error>> {
    let example = common.start("check")?;
    let train = Toy::TwoMoons.to_tensor(100 * BATCH, common.seed, &example.device);
    let config = CouplingFlowConfig::nsf(2).with_seed(common.seed);
    let flow = config.try_init(&example.autodiff())?.initialize(&train)?;
    let options = check::Options::default();
    println!("{}\n", check(&flow, &train, &options)?);

    let batches = Batches::new(train.clone(), BATCH, common.seed);
    let trained = Trainer::annealed(example.steps(1000), 1e-3)
        .seed(common.seed)
        .fit(
            flow,
            SingleGradient::adam().clip_norm(5.0),
            &Data::train(|epoch| batches.epoch(epoch)),
            |flow: &CouplingFlow, x, _| flow.loss(x),
            &mut ProgressBar::new(),
        );
    example.trained(&trained);
    let report = check(&trained.finish()?, &train, &options)?;
    println!("{report}");
    for ending in ["txt", "json", "png"] {
        report.save(example.file(&format!("check.{ending}")))?;
    }
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| checked(&Options::parse()))
}
