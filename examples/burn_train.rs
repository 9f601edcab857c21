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
use thalweg::models::held_out::Estimate;
use thalweg::optim::{Euler, field::Adam};
use thalweg::prelude::*;
use thalweg_examples::{Common, run};

const TOY: Toy = Toy::TwoMoons;
/// Rows of a batch on each device.
const BATCH: usize = 256;

fn burn_train(common: &Common) -> Result<(), Box<dyn Error>> {
    let example = common.start("burn_train")?;
    let device = &example.device;
    let devices = vec![example.autodiff(); 2];

    let steps = example.steps(2000);
    let epochs = steps.div_ceil(200);
    let rows = steps / epochs * BATCH * devices.len();
    let train = Loader::new(TOY.to_tensor(rows, common.seed, device), BATCH, common.seed);
    let held_out = TOY.to_tensor(5000, common.seed + 1, device);
    let flow = CouplingFlowConfig::realnvp(2).with_seed(common.seed);
    let adam: ModuleOptimizer = Euler::new(Adam::default()).init();

    let folder = example.file("log");
    let validation = Arc::new(Loader::new(held_out.clone(), 1000, common.seed));
    let trained = SupervisedTraining::new(folder, Arc::new(train), validation)
        .metrics((LossMetric::new(),))
        .with_application_logger(None)
        .num_epochs(epochs)
        .with_training_strategy(
            ExecutionStrategy::multi(devices, MultiDeviceOptim::OptimMainDevice).into(),
        )
        .launch(Learner::new(flow.init(&example.autodiff()), adam, 1e-3));

    let nats = Estimate::of(&trained.model.log_probs(&held_out, 1000)?);
    println!("held out: {nats:.4} nats after {steps} steps");
    println!("exact entropy: {:.4} nats", TOY.entropy());
    example.set("steps", steps);
    example.set("nats", nats.mean);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| burn_train(&Common::parse()))
}
