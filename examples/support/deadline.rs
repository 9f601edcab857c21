//! Runs of a given time.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use thalweg::data::Rows;
use thalweg::models::ModelFileError;
use thalweg::prelude::{Callback, Module, Trainer};
use thalweg::train::schedule::{cosine, warm_up};
use thalweg::train::{Divide, History, IntoLoss, Progress, Signal};

use crate::ImageRun;

/// A run that ends after some time, and a rate that has fallen by a cosine until then: for models
/// that are to be trained equally long, whatever a step of each takes.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    start: Instant,
    limit: Duration,
}

impl Deadline {
    /// The share of the time that has passed.
    fn passed(&self) -> f64 {
        self.start.elapsed().as_secs_f64() / self.limit.as_secs_f64()
    }

    /// The factor on the learning rate, down to 0.01.
    fn cosine(self) -> impl Fn(usize) -> f64 + Send + Sync + 'static {
        const PARTS: usize = 10_000;
        let factor = cosine(PARTS, 0.01);
        move |_| factor((self.passed() * PARTS as f64) as usize)
    }
}

impl<M> Callback<M> for Deadline {
    fn on_batch_end(&mut self, _: &Progress, _: &M) -> Signal {
        match self.passed() >= 1.0 {
            true => Signal::stop("the time is up"),
            false => Signal::CONTINUE,
        }
    }
}

/// More than the time will allow.
const EPOCHS: usize = 100_000;

impl ImageRun<'_> {
    /// Trains for so many minutes, or the steps of the command line if they end first: the model of
    /// the best validation, and how the run went.
    pub fn fit_for<M: Module + 'static, R: Rows + Divide + Send + 'static, L: IntoLoss>(
        &self,
        minutes: f64,
        model: M,
        parts: [R; 2],
        loss: impl Fn(&M, R, u64) -> L + Sync,
        save: impl Fn(&M, &Path) -> Result<(), ModelFileError> + Send + 'static,
    ) -> Result<(M, History), Box<dyn Error>> {
        let mut deadline = Deadline {
            start: Instant::now(),
            limit: Duration::from_secs_f64(60.0 * minutes),
        };
        let trainer = Trainer::new(EPOCHS, 1e-3)
            .schedule(warm_up(200, deadline.cosine()))
            .max_steps(self.common.steps(usize::MAX));
        let save = move |model: &M, path: &Path| save(model, path).map_err(Into::into);
        let trained = self.train(trainer, model, parts, loss, save, &mut deadline);
        match trained.outcome.is_success() {
            true => Ok((
                trained.best.ok_or("no epoch was validated")?.model,
                trained.history,
            )),
            false => Err(trained.outcome.to_string().into()),
        }
    }
}
