use std::fmt;

use burn::module::Module;
use tracing::warn;

use crate::measure::{Measuring, boxed};
use crate::{Callback, Measurement, Progress, Signal, TrainError};

/// Measures the model at the end of each epoch, and warns or stops when the number is above a bound.
///
/// It measures numbers that a loss does not show: the distance of `decode(encode(x))` from `x`, the
/// largest scale of a coupling, the [largest weight](crate::largest_weight). The number is a metric;
/// NaN is above every bound. The closure gets the model in validation mode.
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
/// use thalweg_train::{Outcome, Trainer, Watch, largest_weight};
///
/// // The mean moves from 0 towards 2.
/// let mut size = Watch::new("size", largest_weight::<Mean>).warn_above(1.2).stop_above(1.7);
/// let trained = Trainer::new(50, 0.5).fit(model, sgd, &data, loss, &mut size);
/// assert!(matches!(trained.outcome, Outcome::Stopped(_)));
/// assert_eq!(trained.history.metric("size"), [1.0, 1.5, 1.75]);
/// ```
pub struct Watch<'a, M> {
    name: String,
    measure: Measuring<'a, M>,
    warn: f64,
    stop: f64,
    /// The number that has stopped the run.
    stopped_at: Option<f64>,
}

impl<'a, M: Module> Watch<'a, M> {
    /// Notes a number under a name.
    pub fn new<R: Measurement>(name: impl Into<String>, measure: impl FnMut(&M) -> R + 'a) -> Self {
        Self {
            name: name.into(),
            measure: boxed(measure),
            warn: f64::INFINITY,
            stop: f64::INFINITY,
            stopped_at: None,
        }
    }

    /// Warns where the number is not at most this: on the [progress line](crate::ProgressBar) and
    /// through `tracing`.
    pub fn warn_above(mut self, bound: f64) -> Self {
        self.warn = bound;
        self
    }

    /// Stops the run where the number is not at most this. A run that is
    /// [resumed](crate::Trainer::resume) with a higher bound goes on.
    pub fn stop_above(mut self, bound: f64) -> Self {
        self.stop = bound;
        self
    }
}

/// NaN is above.
fn is_above(value: f64, bound: f64) -> bool {
    value.is_nan() || value > bound
}

impl<M> Callback<M> for Watch<'_, M> {
    fn on_train_begin(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.stopped_at = None;
        Signal::CONTINUE
    }

    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        let value = match (self.measure)(model) {
            Ok(value) => value,
            Err(error) => return Signal::fail(TrainError::Callback(error)),
        };
        let (name, epoch) = (&self.name, progress.epoch);
        let metric = Signal::metric(name, value);
        if self.stop < f64::INFINITY && is_above(value, self.stop) {
            let bound = self.stop;
            self.stopped_at = Some(value);
            return metric.and(Signal::stop(format!(
                "{name} is {value} in epoch {epoch}, which is above {bound}"
            )));
        }
        if self.warn < f64::INFINITY && is_above(value, self.warn) {
            let text = format!(
                "{name} is {value} in epoch {epoch}, which is above {}",
                self.warn
            );
            warn!("{text}");
            return metric.and(Signal::warning(text));
        }
        metric
    }

    remembers!("stopped_at": stopped_at);

    fn review_stop(&mut self) -> Option<Signal> {
        let (value, bound) = (self.stopped_at?, self.stop);
        if bound == f64::INFINITY || !is_above(value, bound) {
            self.stopped_at = None;
            return Some(Signal::CONTINUE);
        }
        let name = &self.name;
        Some(Signal::stop(format!(
            "{name} is {value}, which is above {bound}; to go on, give `Watch` a higher bound"
        )))
    }
}

impl<M> fmt::Debug for Watch<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("name", &self.name)
            .field("warn", &self.warn)
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}
