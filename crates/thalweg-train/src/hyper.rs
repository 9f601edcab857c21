use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use burn::tensor::Device;

use crate::{Callback, Progress, Signal};
use thalweg_optim::{Remember, State, StateError};

/// A number that the loss reads and that moves while the model trains: β of a VAE, λ of a penalty, ε
/// of smoothed labels.
///
/// Clones share the number. As a callback it notes the number as a metric at the end of each epoch
/// and is saved with the run. [`by_epoch`](Self::by_epoch) and [`by_step`](Self::by_step) make
/// callbacks that move it as well. Your callback may [`set`](Self::set) it.
///
/// It is the program's own number, so it keeps its last value after a run, also for a second one:
/// [`set`](Self::set) it before that. A schedule sets it when the run begins.
///
/// It moves between batches only, so that all evaluations of a step see one function. The
/// validation loss has the number in it as well: where it moves, losses of different epochs do not
/// compare, and the best weights are better picked by a metric ([`BestMetric`](crate::BestMetric)).
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
/// use thalweg_train::schedule::linear;
/// use thalweg_train::{Hyper, HyperSchedule, Trainer};
///
/// // A weight that rises from 0 to 1 within ten steps, which the loss reads.
/// let beta = Hyper::new("beta", 0.0);
/// let mut annealing: HyperSchedule<_> = beta.by_step(linear(10, 0.0, 1.0));
/// let weighted = |model: &Mean, x, seed| loss(model, x, seed) * beta.get();
/// let trained = Trainer::new(20, 0.1).fit(model, sgd, &data, weighted, &mut annealing);
/// assert_eq!(beta.get(), 1.0);
/// # assert!(trained.outcome.is_success());
///
/// // 0.1, and 0.01 from epoch 100 on.
/// let smoothing = Hyper::new("smoothing", 0.1);
/// let sharpening = smoothing.by_epoch(|epoch| if epoch < 100 { 0.1 } else { 0.01 });
/// # let _ = sharpening;
/// ```
///
/// Source: Su Jianlin, kexue.fm/archives/5765 (2018), where a callback assigns to a variable of the
/// backend.
#[derive(Clone)]
pub struct Hyper {
    name: Arc<str>,
    bits: Arc<AtomicU64>,
}

impl Hyper {
    /// A number under a name, which its metric has too.
    pub fn new(name: &str, value: f64) -> Self {
        Self {
            name: name.into(),
            bits: Arc::new(AtomicU64::new(value.to_bits())),
        }
    }

    /// The number.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.bits.load(Ordering::Relaxed))
    }

    /// Another number, for everyone who shares it.
    ///
    /// ```
    /// use thalweg_train::Hyper;
    ///
    /// let beta = Hyper::new("beta", 0.0);
    /// let shared = beta.clone();
    /// beta.set(0.5);
    /// assert_eq!(shared.get(), 0.5);
    /// ```
    pub fn set(&self, value: f64) {
        self.bits.store(value.to_bits(), Ordering::Relaxed);
    }

    /// A callback that sets it to a function of the epoch (counted from 0) when the epoch begins.
    pub fn by_epoch<F: Fn(usize) -> f64>(&self, value: F) -> HyperSchedule<F> {
        self.by(Unit::Epoch, value)
    }

    /// A callback that sets it to a function of the step (counted from 0) before the step.
    pub fn by_step<F: Fn(usize) -> f64>(&self, value: F) -> HyperSchedule<F> {
        self.by(Unit::Step, value)
    }

    fn by<F>(&self, unit: Unit, value: F) -> HyperSchedule<F> {
        HyperSchedule {
            hyper: self.clone(),
            unit,
            value,
        }
    }
}

impl<M> Callback<M> for Hyper {
    fn on_epoch_end(&mut self, _progress: &Progress, _model: &M) -> Signal {
        Signal::metric(&*self.name, self.get())
    }

    fn state(&self) -> State {
        let mut state = State::default();
        self.get().save("value", &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        self.set(Remember::restore("value", state, device)?);
        Ok(())
    }
}

impl fmt::Debug for Hyper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hyper({} = {})", self.name, self.get())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Epoch,
    Step,
}

/// Moves a [`Hyper`] by a schedule.
///
/// See [`Hyper`] for an example.
#[derive(Clone)]
pub struct HyperSchedule<F> {
    hyper: Hyper,
    unit: Unit,
    value: F,
}

impl<F: Fn(usize) -> f64> HyperSchedule<F> {
    fn set(&self, unit: Unit, progress: &Progress) -> Signal {
        if unit == self.unit {
            self.hyper.set((self.value)(match unit {
                Unit::Epoch => progress.epoch,
                Unit::Step => progress.step,
            }));
        }
        Signal::CONTINUE
    }
}

impl<M, F: Fn(usize) -> f64> Callback<M> for HyperSchedule<F> {
    // Callbacks before the first step see the number of this run, not the last of another.
    fn on_train_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        self.set(self.unit, progress)
    }

    fn on_epoch_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        self.set(Unit::Epoch, progress)
    }

    fn on_batch_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        self.set(Unit::Step, progress)
    }

    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        self.hyper.on_epoch_end(progress, model)
    }

    fn state(&self) -> State {
        Callback::<M>::state(&self.hyper)
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        Callback::<M>::restore(&mut self.hyper, state, device)
    }
}

impl<F> fmt::Debug for HyperSchedule<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperSchedule")
            .field("hyper", &self.hyper)
            .field("unit", &self.unit)
            .finish_non_exhaustive()
    }
}
