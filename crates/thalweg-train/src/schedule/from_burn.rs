use std::sync::{Mutex, PoisonError};

use burn::lr_scheduler::LrSchedulerConfig;
use burn::lr_scheduler::module_lr_scheduler::{ModuleLrScheduler, ModuleLrSchedulerConfig};

/// A scheduler that Burn does not build.
///
/// See [`from_burn`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Burn does not build this scheduler: {0}")]
pub struct SchedulerError(String);

/// One of Burn's schedulers, by its configuration. It gives rates, not factors: the trainer's own
/// rate is then 1.
///
/// Burn's schedulers count their own steps, and where they are is all that they remember. So the
/// rate of a step is a function of that step: it is found by counting up to it, on from the last one
/// that was asked for. A run that goes on needs nothing but its step, as with the other schedules.
/// Rates by groups of parameters have no place in one number a step, and no configuration of them is
/// accepted here.
///
/// ```
/// use burn::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
/// use thalweg_train::Trainer;
/// use thalweg_train::schedule::from_burn;
///
/// let rate = from_burn(ExponentialLrSchedulerConfig::new(1e-2, 0.9))?;
/// assert!((rate(2) / rate(1) - 0.9).abs() < 1e-12);
///
/// let trainer = Trainer::new(10, 1.0).schedule(rate);
/// # let _ = trainer;
/// # Ok::<(), thalweg_train::schedule::SchedulerError>(())
/// ```
///
/// # Errors
/// [`SchedulerError`], with Burn's message.
pub fn from_burn(
    config: impl Into<LrSchedulerConfig>,
) -> Result<impl Fn(usize) -> f64 + Send + Sync + 'static, SchedulerError> {
    let start = ModuleLrSchedulerConfig::new(config.into());
    let start = start.init().map_err(SchedulerError)?;
    let counter = Mutex::new(Counter::new(start.clone()));
    Ok(move |step| {
        let mut counter = counter.lock().unwrap_or_else(PoisonError::into_inner);
        if step < counter.step {
            *counter = Counter::new(start.clone());
        }
        while counter.step < step {
            counter.rate = counter.scheduler.step().base();
            counter.step += 1;
        }
        counter.rate
    })
}

/// A scheduler that has given the rate of `step`.
struct Counter {
    scheduler: ModuleLrScheduler,
    step: usize,
    rate: f64,
}

impl Counter {
    fn new(mut scheduler: ModuleLrScheduler) -> Self {
        let rate = scheduler.step().base();
        Self {
            scheduler,
            step: 0,
            rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
    use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
    use burn::lr_scheduler::noam::NoamLrSchedulerConfig;

    fn equals_the_scheduler(config: impl Into<LrSchedulerConfig> + Clone) {
        let mut own = ModuleLrSchedulerConfig::new(config.clone().into())
            .init()
            .unwrap();
        let rates: Vec<f64> = (0..50).map(|_| own.step().base()).collect();
        let rate = from_burn(config).unwrap();
        assert_eq!((0..50).map(&rate).collect::<Vec<_>>(), rates);
        // Asked twice, backwards and with gaps, as a run that goes on does.
        for step in [49, 49, 7, 8, 30, 0] {
            assert_eq!(rate(step), rates[step]);
        }
    }

    #[test]
    fn a_rate_is_a_function_of_the_step() {
        equals_the_scheduler(LinearLrSchedulerConfig::new(1e-2, 1e-4, 20));
        equals_the_scheduler(NoamLrSchedulerConfig::new(0.1).with_warmup_steps(10));
        equals_the_scheduler(CosineAnnealingLrSchedulerConfig::new(0.1, 15));
    }

    #[test]
    fn what_burn_refuses_is_an_error() {
        let refused = from_burn(LinearLrSchedulerConfig::new(-1.0, 0.5, 20));
        assert!(refused.is_err());
    }
}
