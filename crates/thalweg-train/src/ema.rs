use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::{Callback, Progress, Signal};
use thalweg_kernels::wide;
use thalweg_optim::finite::{self, Finite};
use thalweg_optim::{Parameters, Remember, State, StateError};

/// An exponential moving average of the weights: a ← a + (1 − d)·(θ − a) after each step.
///
/// At the end of an epoch the average takes the place of the weights: it is validated, compared with
/// the best, and shown to the callbacks, so checkpoints and samples are of it. The weights themselves
/// train on. At the end [`Trained::best`](crate::Trained::best) has the best
/// average and [`Ema::average`] the last.
///
/// The decay of step t (from 0) is min(d, (1 + t)/(10 + t)), so that the first weights, which are
/// random, are soon forgotten; see [`without_warm_up`](Self::without_warm_up). Averages are kept in
/// 32 bits where the model has 16: there a step of one thousandth would be rounded away. Only
/// trained parameters are averaged; frozen parameters and running statistics are the model's. It costs one
/// copy of the weights, and one pass over them a step.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_train::Data;
/// # use thalweg_optim::SingleGradient;
/// use burn::optim::SgdConfig;
/// use thalweg_train::{Ema, ProgressBar, Trainer};
///
/// # #[derive(Module, Debug)]
/// # struct Net { x: Param<Tensor<1>> }
/// # let net = Net { x: Param::from_data([1.0], &Device::default().autodiff()) };
/// # let batches = [Tensor::<1>::from_data([1.0], &Device::default())];
/// let mut ema = Ema::new(0.999);
/// let trained = Trainer::new(2, 0.1).fit(
///     net,
///     SingleGradient::new(SgdConfig::new().init()),
///     &Data::train(|_| batches.clone()),
///     |net: &Net, x: Tensor<1>, _| (x * net.x.val()).square().mean(),
///     &mut (&mut ema, ProgressBar::new()),
/// );
/// let average: Option<Net> = ema.average(&trained.model);
/// # assert!(average.is_some());
/// ```
///
/// Source: Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the
/// warm-up is that of TensorFlow's `ExponentialMovingAverage` with `num_updates`.
#[derive(Debug, Clone)]
pub struct Ema {
    decay: f64,
    warm_up: bool,
    /// Steps that are in the average.
    updates: usize,
    /// The run's step of the last of them.
    step: usize,
    /// One vector for each trained parameter, in the order of a visit.
    average: Vec<Tensor<1>>,
    /// How many numbers each trained parameter of the run's model has.
    sizes: Vec<usize>,
}

impl Ema {
    /// An average with this decay.
    ///
    /// # Panics
    /// Unless the decay is at least 0 and less than 1.
    pub fn new(decay: f64) -> Self {
        assert!(
            (0.0..1.0).contains(&decay),
            "the decay of an average is at least 0 and less than 1, got {decay}"
        );
        Self {
            decay,
            warm_up: true,
            updates: 0,
            step: 0,
            average: Vec::new(),
            sizes: Vec::new(),
        }
    }

    /// The same decay from the first step on.
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
    /// use thalweg_train::{Ema, Trainer};
    ///
    /// let mut ema = Ema::new(0.5).without_warm_up();
    /// let trained = Trainer::new(2, 0.5).fit(model, sgd, &data, loss, &mut ema);
    /// // The weight is 1 after the first step, and 1.5 after the second: 1 + (1 − 0.5)·(1.5 − 1).
    /// let average = ema.average(&trained.model).unwrap();
    /// assert!((average.mean.val().into_scalar::<f64>() - 1.25).abs() < 1e-6);
    /// ```
    pub fn without_warm_up(mut self) -> Self {
        self.warm_up = false;
        self
    }

    /// The model with the average in place of its trained weights, in validation mode; `None` before
    /// the first step, and where the average is not finite.
    ///
    /// # Panics
    /// If the average is of another model.
    pub fn average<M: Module>(&self, model: &M) -> Option<M> {
        if self.updates == 0 || !self.is_finite() {
            return None;
        }
        let own = Parameters::of(model);
        let (count, averages) = (own.tensors().len(), self.average.len());
        assert!(
            count == averages,
            "an average of {averages} parameters does not fit a model of {count}"
        );
        let average = Parameters::from_tensors(self.average.clone());
        let average = average.zip(own, |average, own| {
            average.to_device(&own.device()).cast(own.dtype())
        });
        // `valid` makes a copy, where a clone alone would share running statistics.
        Some(average.write(model.clone()).valid())
    }

    fn is_finite(&self) -> bool {
        finite::tensors(&self.average).read().unwrap_or(false)
    }

    fn decay(&self) -> f64 {
        let updates = self.updates as f64;
        match self.warm_up {
            true => self.decay.min((1.0 + updates) / (10.0 + updates)),
            false => self.decay,
        }
    }

    fn update<M: Module>(&mut self, model: &M) {
        let weights = Parameters::of(model).into_tensors().into_iter();
        let weights = weights.map(|weights| {
            let dtype = wide(weights.dtype());
            weights.cast(dtype)
        });
        let rate = 1.0 - self.decay();
        let updated: Vec<Tensor<1>> = match self.updates {
            0 => weights.collect(),
            _ => {
                let pairs = self.average.iter().zip(weights);
                let updated = pairs.map(|(average, weights)| {
                    let change = weights.to_device(&average.device()) - average.clone();
                    average.clone() + change.mul_scalar(rate)
                });
                updated.collect()
            }
        };
        // Weights that a step has spoiled do not reach the average, also where that shows later.
        match finite::tensors(&updated) {
            Finite::Known(false) => return,
            Finite::Asked(flag) if self.updates > 0 => {
                for (average, updated) in self.average.iter_mut().zip(updated) {
                    let spoiled = flag.clone().to_device(&updated.device()).equal_elem(0.0);
                    let spoiled = spoiled.expand(updated.shape());
                    *average = updated.mask_where(spoiled, average.clone());
                }
            }
            _ => self.average = updated,
        }
        self.updates += 1;
    }
}

impl<M: Module> Callback<M> for Ema {
    fn on_train_begin(&mut self, _progress: &Progress, model: &M) -> Signal {
        (self.updates, self.step) = (0, 0);
        self.average.clear();
        let weights = Parameters::of(model);
        self.sizes = weights.tensors().iter().map(|own| own.dims()[0]).collect();
        Signal::CONTINUE
    }

    fn on_batch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        // A step that could not be made does not count.
        if progress.step > self.step {
            self.step = progress.step;
            self.update(model);
        }
        Signal::CONTINUE
    }

    fn stand_in(&self, model: &M) -> Option<M> {
        self.average(model)
    }

    /// Where the first weights were spoiled already, it begins anew.
    fn on_epoch_end(&mut self, _progress: &Progress, _model: &M) -> Signal {
        if !self.is_finite() {
            self.updates = 0;
            self.average.clear();
        }
        Signal::CONTINUE
    }

    fn name(&self) -> String {
        match self.warm_up {
            true => format!("Ema with decay {} after a warm-up", self.decay),
            false => format!("Ema with decay {}", self.decay),
        }
    }

    fn state(&self) -> State {
        let mut state = State::default();
        self.updates.save("updates", &mut state);
        self.step.save("step", &mut state);
        self.average.save("average", &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        let updates = Remember::restore("updates", state, device)?;
        let step = Remember::restore("step", state, device)?;
        let average: Vec<Tensor<1>> = Remember::restore("average", state, device)?;
        let sizes: Vec<usize> = average.iter().map(|average| average.dims()[0]).collect();
        if updates > 0 && sizes != self.sizes {
            let own = &self.sizes;
            let reason = format!(
                "it is of parameters with {sizes:?} numbers, those that the model trains have {own:?}"
            );
            return Err(StateError::unusable("average", reason));
        }
        self.average = average;
        (self.updates, self.step) = (updates, step);
        Ok(())
    }
}
