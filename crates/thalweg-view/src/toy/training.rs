//! The thread that trains.

use std::panic::{AssertUnwindSafe, catch_unwind};

use thalweg::burn::tensor::Device;
use thalweg::data::Toy;
use thalweg::prelude::{Callback, Data, Tensor, Trainer};
use thalweg::train::{Outcome, Progress, Signal};

use super::choice::{Choice, PlaneFlow, flow};
use super::shared::Shared;
use super::snapshot::Snapshot;

const BATCH: usize = 256;
const STEPS_PER_EPOCH: usize = 50;
/// 100,000 steps: the record of a run grows by the epoch, and a toy is learned long before.
const EPOCHS: usize = 2000;

/// Trains what is asked for until the page is closed.
pub(super) fn run(shared: &Shared, device: &Device) {
    let mut done = 0;
    while let Some((choice, run)) = shared.next(done) {
        let publish = Publish {
            shared,
            choice,
            run,
        };
        let ended = catch_unwind(AssertUnwindSafe(|| train(publish, device)));
        let panicked = |_| "the training panicked; the terminal has the message".to_owned();
        shared.end(run, ended.unwrap_or_else(panicked));
        done = run;
    }
}

/// One training, and the reason for its end.
fn train(mut publish: Publish<'_>, device: &Device) -> String {
    let Choice { toy, optimizer, .. } = publish.choice;
    let flow = match flow(publish.choice, &device.clone().autodiff()) {
        Ok(flow) => flow,
        Err(problem) => return problem.to_string(),
    };
    let slower = |step: usize| (1.0 + step as f64 / 1000.0).sqrt().recip();
    let trained = Trainer::new(EPOCHS, optimizer.rate()).schedule(slower).fit(
        flow,
        &mut *optimizer.minimizer(),
        &Data::train(|epoch| batches(toy, epoch, device)),
        |flow: &PlaneFlow, x, _| flow.log_prob(x).mean().neg(),
        &mut publish,
    );
    match trained.outcome {
        Outcome::Finished => format!("all {} steps are done", EPOCHS * STEPS_PER_EPOCH),
        outcome => outcome.to_string(),
    }
}

/// New points in each batch: there is nothing to learn by heart.
fn batches(toy: Toy, epoch: usize, device: &Device) -> Vec<Tensor<2>> {
    let seed = |batch: usize| (epoch * STEPS_PER_EPOCH + batch) as u64;
    (0..STEPS_PER_EPOCH)
        .map(|batch| toy.to_tensor(BATCH, seed(batch), device))
        .collect()
}

/// Shows the flow to the page when it asks, and does what the page asks.
struct Publish<'a> {
    shared: &'a Shared,
    choice: Choice,
    run: u64,
}

impl Publish<'_> {
    fn publish(&self, progress: &Progress, flow: &PlaneFlow) {
        let snapshot = Snapshot::new(self.choice, progress.step, flow);
        self.shared.publish(self.run, snapshot);
    }
}

impl Callback<PlaneFlow> for Publish<'_> {
    fn on_train_begin(&mut self, progress: &Progress, flow: &PlaneFlow) -> Signal {
        self.publish(progress, flow);
        Signal::CONTINUE
    }

    fn on_batch_end(&mut self, progress: &Progress, flow: &PlaneFlow) -> Signal {
        if self.shared.wants(self.run) {
            self.publish(progress, flow);
        }
        match self.shared.wait(self.run) {
            true => Signal::CONTINUE,
            false => Signal::stop("another training was asked for"),
        }
    }

    fn on_train_end(&mut self, progress: &Progress, flow: &PlaneFlow) -> Signal {
        self.publish(progress, flow);
        Signal::CONTINUE
    }
}
