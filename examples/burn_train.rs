//! RealNVP on two moons in Burn's own training loop, on two devices.
//!
//! The device is given twice here; with two GPUs, or a GPU and a CPU, the list has both.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use burn_train::metric::LossMetric;
use burn_train::{ExecutionStrategy, Learner, MultiDeviceOptim, SupervisedTraining};
use clap::Parser;
use thalweg::burn::optim::ModuleOptimizer;
use thalweg::data::Toy;
use thalweg::models::burn_train::Loader;
use thalweg::optim::{Euler, field::Adam};
use thalweg::prelude::*;
use thalweg_examples::{Common, mean_log_prob, run};

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
}

const TOY: Toy = Toy::TwoMoons;
/// Rows of a batch on each device.
const BATCH: usize = 256;

fn burn_train(Options { common }: &Options) -> Result<(), Box<dyn Error>> {
    let selected = common.device()?;
    let (device, mut report) = (
        &selected.device,
        common.report("burn_train", selected.name)?,
    );
    let devices = vec![device.clone().autodiff(); 2];

    let steps = common.steps(2000);
    let epochs = steps.div_ceil(200);
    let rows = steps / epochs * BATCH * devices.len();
    let train = Loader::new(TOY.to_tensor(rows, common.seed, device), BATCH, common.seed);
    let held_out = TOY.to_tensor(5000, common.seed + 1, device);
    let flow = CouplingFlowConfig::realnvp(2).with_seed(common.seed);
    let adam: ModuleOptimizer = Euler::new(Adam::default()).init();

    let folder = common.file("burn_train", "log");
    let validation = Arc::new(Loader::new(held_out.clone(), 1000, common.seed));
    let trained = SupervisedTraining::new(folder, Arc::new(train), validation)
        .metrics((LossMetric::new(),))
        .with_application_logger(None)
        .num_epochs(epochs)
        .with_training_strategy(
            ExecutionStrategy::multi(devices, MultiDeviceOptim::OptimMainDevice).into(),
        )
        .launch(Learner::new(
            flow.init(&device.clone().autodiff()),
            adam,
            1e-3,
        ));

    let (nats, error) = mean_log_prob(held_out, |x| trained.model.log_prob(x))?;
    println!("held out: {nats:.4} ± {error:.4} nats after {steps} steps");
    println!("exact entropy: {:.4} nats", TOY.entropy());
    report.set("steps", steps);
    report.set("nats", nats);
    report.finish(common, "burn_train");
    Ok(())
}

fn main() -> ExitCode {
    run(|| burn_train(&Options::parse()))
}
