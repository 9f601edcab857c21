//! Runs of a given time.

use std::time::{Duration, Instant};

use thalweg::train::schedule::cosine;
use thalweg::train::{Callback, Progress, Signal};

/// A run that ends after some time, and a rate that has fallen by a cosine until then: for models
/// that are to be trained equally long, whatever a step of each takes.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    start: Instant,
    limit: Duration,
}

impl Deadline {
    /// So many minutes from now.
    pub fn minutes(minutes: f64) -> Self {
        Self {
            start: Instant::now(),
            limit: Duration::from_secs_f64(60.0 * minutes),
        }
    }

    /// The share of the time that has passed.
    fn passed(&self) -> f64 {
        self.start.elapsed().as_secs_f64() / self.limit.as_secs_f64()
    }

    /// The factor on the learning rate, down to 0.01.
    pub fn cosine(self) -> impl Fn(usize) -> f64 + Send + Sync + 'static {
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
