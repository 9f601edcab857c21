//! How long a run goes.

use std::time::{Duration, Instant};

use crate::Trainer;
use crate::schedule::{constant, cosine, cosine_by_time, warm_up};

impl Trainer {
    /// A loop over this many steps of this size, in as many epochs as that takes.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::optim::SgdConfig;
    /// # use burn::tensor::{Device, Tensor};
    /// # use thalweg_optim::SingleGradient;
    /// # use thalweg_train::Data;
    /// # #[derive(Module, Debug)]
    /// # struct Mean { mean: Param<Tensor<1>> }
    /// # let device = Device::default();
    /// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
    /// # let sgd = SingleGradient::new(SgdConfig::new().init());
    /// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
    /// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
    /// use thalweg_train::Trainer;
    /// use thalweg_train::schedule::cosine;
    ///
    /// let trainer = Trainer::for_steps(100, 0.5).schedule(cosine(100, 0.01));
    /// let trained = trainer.fit(model, sgd, &data, loss, &mut ());
    /// assert_eq!(trained.history.epochs().last().unwrap().step, 100);
    /// ```
    pub fn for_steps(steps: usize, learning_rate: f64) -> Self {
        Self::new(usize::MAX, learning_rate).max_steps(steps)
    }

    /// A loop over this many steps whose rate rises to `learning_rate` over the first 200 steps, at
    /// most a tenth of the run, and then falls by a [cosine](crate::schedule::cosine) to one percent
    /// of it: the schedule to begin with.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::optim::SgdConfig;
    /// # use burn::tensor::{Device, Tensor};
    /// # use thalweg_optim::SingleGradient;
    /// # use thalweg_train::Data;
    /// # #[derive(Module, Debug)]
    /// # struct Mean { mean: Param<Tensor<1>> }
    /// # let device = Device::default();
    /// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
    /// # let sgd = SingleGradient::new(SgdConfig::new().init());
    /// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
    /// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
    /// use thalweg_train::Trainer;
    ///
    /// let trained = Trainer::annealed(400, 0.5).fit(model, sgd, &data, loss, &mut ());
    /// let epochs = trained.history.epochs();
    /// assert_eq!(epochs.len(), 400); // of one batch each
    /// let size = |step: usize| epochs[step].step_size;
    /// assert!(size(0) < size(40) && size(40) > size(200) && size(399) < 0.01);
    /// ```
    pub fn annealed(steps: usize, learning_rate: f64) -> Self {
        let rise = 200.min(steps / 10);
        let fall = cosine(steps - rise, 0.01);
        Self::for_steps(steps, learning_rate).schedule(warm_up(rise, fall))
    }

    /// A loop of this duration, with steps of this size; see [`at_most`](Self::at_most).
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::optim::SgdConfig;
    /// # use burn::tensor::{Device, Tensor};
    /// # use thalweg_optim::SingleGradient;
    /// # use thalweg_train::Data;
    /// # #[derive(Module, Debug)]
    /// # struct Mean { mean: Param<Tensor<1>> }
    /// # let device = Device::default();
    /// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
    /// # let sgd = SingleGradient::new(SgdConfig::new().init());
    /// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
    /// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
    /// use std::time::Duration;
    /// use thalweg_train::schedule::cosine_by_time;
    /// use thalweg_train::{Outcome, Trainer};
    ///
    /// let moment = Duration::from_millis(50); // or three minutes
    /// let trainer = Trainer::for_time(moment, 0.5).schedule_by_time(cosine_by_time(0.01));
    /// let trained = trainer.fit(model, sgd, &data, loss, &mut ());
    /// assert!(matches!(trained.outcome, Outcome::TimeUp));
    /// ```
    pub fn for_time(limit: Duration, learning_rate: f64) -> Self {
        Self::new(usize::MAX, learning_rate).at_most(limit)
    }

    /// As [`annealed`](Self::annealed), for this long in place of a number of steps: the rate rises over
    /// 200 steps, and falls by the share of the time that has passed.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::optim::SgdConfig;
    /// # use burn::tensor::{Device, Tensor};
    /// # use thalweg_optim::SingleGradient;
    /// # use thalweg_train::Data;
    /// # #[derive(Module, Debug)]
    /// # struct Mean { mean: Param<Tensor<1>> }
    /// # let device = Device::default();
    /// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
    /// # let sgd = SingleGradient::new(SgdConfig::new().init());
    /// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
    /// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::time::Duration;
    /// use thalweg_train::{Outcome, Trainer};
    ///
    /// // A clock that goes on by a millisecond whenever it is read.
    /// let now = AtomicU64::new(0);
    /// let clock = move || Duration::from_millis(now.fetch_add(1, Ordering::Relaxed));
    /// let trainer = Trainer::annealed_for_time(Duration::from_secs(4), 0.5).clock(clock);
    /// let trained = trainer.fit(model, sgd, &data, loss, &mut ());
    /// assert!(matches!(trained.outcome, Outcome::TimeUp));
    /// let epochs = trained.history.epochs(); // of one batch each
    /// let size = |step: usize| epochs[step].step_size;
    /// assert!(size(0) < size(150) && size(200) > size(epochs.len() - 1));
    /// ```
    pub fn annealed_for_time(limit: Duration, learning_rate: f64) -> Self {
        Self::for_time(limit, learning_rate)
            .schedule(warm_up(200, constant()))
            .schedule_by_time(cosine_by_time(0.01))
    }

    /// Ends the run after this many steps, even within an epoch.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::optim::SgdConfig;
    /// # use burn::tensor::{Device, Tensor};
    /// # use thalweg_optim::SingleGradient;
    /// # use thalweg_train::Data;
    /// # #[derive(Module, Debug)]
    /// # struct Mean { mean: Param<Tensor<1>> }
    /// # let device = Device::default();
    /// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
    /// # let sgd = SingleGradient::new(SgdConfig::new().init());
    /// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
    /// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
    /// use thalweg_train::{Outcome, Trainer};
    ///
    /// let trained = Trainer::new(100, 0.1).max_steps(5).fit(model, sgd, &data, loss, &mut ());
    /// assert!(matches!(trained.outcome, Outcome::MaxSteps));
    /// assert_eq!(trained.history.epochs().len(), 5);
    /// ```
    pub fn max_steps(mut self, steps: usize) -> Self {
        self.max_steps = Some(steps);
        self
    }

    /// Ends the run after the step in which this much time has passed, with
    /// [`Outcome::TimeUp`](crate::Outcome::TimeUp). The last validation, and the callbacks at the end of
    /// the epoch, come after it.
    ///
    /// The time of all parts of a run that [goes on](Self::resume) counts together. How many steps
    /// fit depends on the machine, so two such runs do not give the same weights.
    pub fn at_most(mut self, limit: Duration) -> Self {
        self.at_most = Some(limit);
        self
    }

    /// Multiplies the learning rate by a function of the share of the [time](Self::at_most) that has
    /// passed before the step, from 0 to 1: for a rate that has fallen when the time is up. It
    /// comes in addition to the [`schedule`](Self::schedule) by steps. A run without a time limit is
    /// then an error.
    pub fn schedule_by_time(mut self, factor: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Self {
        self.by_time = Some(Box::new(factor));
        self
    }

    /// Another clock than the system's: a function that tells the time since some moment. With one
    /// that a test moves by hand, runs with a time limit are repeatable.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::optim::SgdConfig;
    /// # use burn::tensor::{Device, Tensor};
    /// # use thalweg_optim::SingleGradient;
    /// # use thalweg_train::Data;
    /// # #[derive(Module, Debug)]
    /// # struct Mean { mean: Param<Tensor<1>> }
    /// # let device = Device::default();
    /// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
    /// # let sgd = SingleGradient::new(SgdConfig::new().init());
    /// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
    /// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::time::Duration;
    /// use thalweg_train::{Outcome, Trainer};
    ///
    /// // A clock that goes on by a second whenever it is read.
    /// let now = AtomicU64::new(0);
    /// let clock = move || Duration::from_secs(now.fetch_add(1, Ordering::Relaxed));
    /// let trainer = Trainer::new(1000, 0.1).at_most(Duration::from_secs(60)).clock(clock);
    /// let trained = trainer.fit(model, sgd, &data, loss, &mut ());
    /// assert!(matches!(trained.outcome, Outcome::TimeUp));
    /// ```
    pub fn clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }
}

/// Tells the time since some moment.
pub(crate) struct Clock(Box<dyn Fn() -> Duration + Send + Sync>);

impl Clock {
    pub(crate) fn new(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Box::new(now))
    }

    pub(crate) fn now(&self) -> Duration {
        (self.0)()
    }
}

/// The system's, which never goes back.
impl Default for Clock {
    fn default() -> Self {
        let start = Instant::now();
        Self::new(move || start.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annealed_rate_rises_and_falls_within_its_steps() {
        for (steps, rise) in [(10_000, 200), (100, 10), (5, 0), (0, 0)] {
            let trainer = Trainer::annealed(steps, 1e-3);
            assert_eq!(trainer.max_steps, Some(steps));
            assert_eq!(
                (trainer.schedule)(rise),
                if steps == 0 { 0.01 } else { 1.0 }
            );
            assert!(rise == 0 || (trainer.schedule)(0) == 1.0 / rise as f64);
            assert!(((trainer.schedule)(steps) - 0.01).abs() < 1e-12);
        }
    }
}
