//! The thread that trains.

use std::sync::Arc;
use std::time::{Duration, Instant};

use thalweg::burn::tensor::Device;
use thalweg::data::Toy;
use thalweg::prelude::{Callback, Data, Tensor, Trainer};
use thalweg::train::{Outcome, Progress, Signal};

use super::choice::{Choice, PlaneFlow, flow};
use super::shared::{Control, Seen, Shared};
use super::snapshot::Snapshot;

/// The time between two snapshots: the page draws no more frames a second.
const EVERY: Duration = Duration::from_millis(80);
const BATCH: usize = 256;
const STEPS_PER_EPOCH: usize = 50;
/// 100,000 steps: the record of a run grows by the epoch, and a toy is learned long before.
const EPOCHS: usize = 2000;

/// Trains what is asked for until the page is closed.
pub(super) fn run(shared: &Shared, device: &Device) {
    let mut done = 0;
    loop {
        let control = shared.wait(|control| control.run == done && !control.closed);
        if control.closed {
            return;
        }
        let (choice, run) = (control.choice, control.run);
        drop(control);
        let publish = Publish {
            shared,
            choice,
            run,
            last: Instant::now(),
        };
        let ended = train(publish, device);
        // One that made way for another has not ended by itself, and the page waits for the other.
        if shared.control().run == run {
            shared.show(|seen| seen.ended = Some(ended));
        }
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

/// Shows the flow to the page now and then, and does what the page asks.
struct Publish<'a> {
    shared: &'a Shared,
    choice: Choice,
    run: u64,
    last: Instant,
}

impl Publish<'_> {
    fn publish(&mut self, step: usize, flow: &PlaneFlow) {
        let snapshot = Some(Arc::new(Snapshot::new(self.choice, step, flow)));
        let run = self.run;
        self.shared.show(|seen| {
            *seen = Seen {
                run,
                snapshot,
                ended: None,
            }
        });
        self.last = Instant::now();
    }
}

impl Callback<PlaneFlow> for Publish<'_> {
    fn on_train_begin(&mut self, progress: &Progress, flow: &PlaneFlow) -> Signal {
        self.publish(progress.step, flow);
        Signal::CONTINUE
    }

    fn on_batch_end(&mut self, progress: &Progress, flow: &PlaneFlow) -> Signal {
        let run = self.run;
        let pauses =
            move |control: &Control| !control.playing && !control.closed && control.run == run;
        // One who pauses looks at the newest step.
        let paused = pauses(&self.shared.control());
        if paused || self.last.elapsed() >= EVERY {
            self.publish(progress.step, flow);
        }
        let control = self.shared.wait(pauses);
        match control.closed || control.run != run {
            true => Signal::stop("another training was asked for"),
            false => Signal::CONTINUE,
        }
    }

    fn on_train_end(&mut self, progress: &Progress, flow: &PlaneFlow) -> Signal {
        self.publish(progress.step, flow);
        Signal::CONTINUE
    }
}
