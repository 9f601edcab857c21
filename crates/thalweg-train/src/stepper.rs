use std::fmt;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::seed::{Stream, derive};
use crate::{BatchSize, Evaluate, TrainError, Trainer};
use thalweg_optim::finite::Checks;
use thalweg_optim::{
    EvaluationError, Kept, Loss, Minimizer, Remember, State, StateError, Stateful,
};

/// A minimizer, a loss function, and the count of steps. [`Trainer::fit`] calls it for each batch, and
/// so can your own loop.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::SingleGradient;
/// # #[derive(Module, Debug)]
/// # struct Net { x: Param<Tensor<1>> }
/// # let device = Device::default().autodiff();
/// # let mut net = Net { x: Param::from_data([1.0], &device) };
/// use thalweg_train::{Stepper, Trainer};
///
/// let trainer = Trainer::new(1, 0.1);
/// let mut stepper: Stepper<_, _> = trainer.stepper(
///     SingleGradient::new(SgdConfig::new().init()),
///     |net: &Net, batch: Tensor<1>, _seed| (net.x.val() * batch).square().mean(),
/// );
/// let batch = Tensor::from_data([2.0], &Device::default());
/// let (moved, loss) = stepper.train_step(net, &batch);
/// net = moved;
/// assert_eq!(loss?, Some(4.0));
/// assert_eq!((stepper.step(), stepper.step_size()), (1, 0.1));
/// stepper.scale(0.5);
/// assert_eq!(stepper.step_size(), 0.05);
/// # let _ = net;
/// # Ok::<(), thalweg_train::TrainError>(())
/// ```
pub struct Stepper<'a, Z, L> {
    pub(crate) trainer: &'a Trainer,
    minimizer: Z,
    loss: L,
    step: usize,
    scale: f64,
    /// The share of the time limit that has passed.
    time_used: f64,
    checks: Checks,
}

impl<'a, Z, L> Stepper<'a, Z, L> {
    pub(crate) fn new(trainer: &'a Trainer, minimizer: Z, loss: L) -> Self {
        Self {
            trainer,
            minimizer,
            loss,
            step: 0,
            scale: 1.0,
            time_used: 0.0,
            checks: Checks::default(),
        }
    }

    /// How many steps have been made.
    pub fn step(&self) -> usize {
        self.step
    }

    /// The size of the next step: learning rate × schedule × schedule by time × scale.
    pub fn step_size(&self) -> f64 {
        let by_step = self.trainer.learning_rate * (self.trainer.schedule)(self.step);
        match &self.trainer.by_time {
            Some(by_time) => by_step * by_time(self.time_used) * self.scale,
            None => by_step * self.scale,
        }
    }

    /// Says which share of the [time limit](Trainer::at_most) has passed (from 0 to 1), for the
    /// [schedule by time](Trainer::schedule_by_time); `fit` does so before each step.
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
    /// use thalweg_train::Trainer;
    ///
    /// let trainer = Trainer::for_time(Duration::from_secs(60), 0.5).schedule_by_time(|share| 1.0 - share);
    /// let mut stepper = trainer.stepper(sgd, loss);
    /// stepper.set_time_used(0.75);
    /// assert_eq!(stepper.step_size(), 0.125);
    /// let batch = Tensor::<1>::from_data([1.0, 3.0], &device);
    /// let (model, _) = stepper.train_step(model, &batch);
    /// assert_eq!(model.mean.val().into_scalar::<f64>(), 0.25); // 0.125 · 2
    /// # let _ = data;
    /// ```
    pub fn set_time_used(&mut self, share: f64) {
        self.time_used = share.clamp(0.0, 1.0);
    }

    /// Multiplies all following step sizes.
    pub fn scale(&mut self, factor: f64) {
        self.scale *= factor;
    }

    pub(crate) fn training_seed(&self) -> u64 {
        derive(self.trainer.seed, Stream::Training, self.step)
    }

    pub(crate) fn validation_seed(&self, batch: usize) -> u64 {
        derive(self.trainer.seed, Stream::Validation, batch)
    }

    /// The loss without its gradient.
    pub(crate) fn loss<M, B>(
        &self,
        model: &M,
        batch: B,
        seed: u64,
    ) -> Result<Tensor<1>, EvaluationError>
    where
        L: Evaluate<M, B>,
    {
        self.loss.loss(model, batch, seed)
    }

    pub(crate) fn minimizer(&self) -> &Z {
        &self.minimizer
    }

    /// A copy of the minimizer's memory, for a step that may be undone.
    pub(crate) fn keep(&self) -> Kept
    where
        Z: Stateful,
    {
        self.minimizer.keep()
    }

    pub(crate) fn take_back(&mut self, kept: Kept, devices: Vec<Device>) -> Result<(), StateError>
    where
        Z: Stateful,
    {
        let device = devices.into_iter().next().unwrap_or_default();
        self.minimizer.take_back(kept, &device.without_autodiff())
    }

    /// Whether the last step has spoiled the weights, rather than begun with spoiled ones.
    pub(crate) fn has_spoiled(&self) -> bool {
        self.checks.has_spoiled()
    }

    /// The weights are others than after the last step.
    pub(crate) fn weights_moved(&mut self) {
        self.checks.weights_moved();
    }

    /// Replaces the minimizer's memory.
    pub(crate) fn forget(&mut self, state: &State, devices: Vec<Device>) -> Result<(), StateError>
    where
        Z: Stateful,
    {
        let device = devices.into_iter().next().unwrap_or_default();
        self.minimizer.restore(state, &device.without_autodiff())
    }

    /// The state of a run that goes on: the count of steps, the scale, and the minimizer's state.
    pub(crate) fn state(&self) -> State
    where
        Z: Stateful,
    {
        let mut state = State::default();
        self.trainer.seed.save("seed", &mut state);
        self.step.save("step", &mut state);
        self.scale.save("scale", &mut state);
        self.minimizer.state().save("minimizer", &mut state);
        state
    }

    pub(crate) fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError>
    where
        Z: Stateful,
    {
        let seed = u64::restore("seed", state, device)?;
        if seed != self.trainer.seed {
            let reason = format!("it is {seed}, this trainer's is {}", self.trainer.seed);
            return Err(StateError::unusable("seed", reason));
        }
        let step = Remember::restore("step", state, device)?;
        let scale = Remember::restore("scale", state, device)?;
        let minimizer = State::restore("minimizer", state, device)?;
        self.minimizer.restore(&minimizer, device)?;
        (self.step, self.scale) = (step, scale);
        Ok(())
    }

    /// Whether the loss of the next step will be read.
    pub(crate) fn will_read(&self) -> bool {
        self.step.is_multiple_of(self.trainer.read_loss_every)
    }

    /// One step on one batch. Gives back the moved model and the loss before the step, `None`
    /// where it was not read ([`Trainer::read_loss_every`]).
    ///
    /// # Errors
    /// The model comes back untouched with the error when the loss or its gradient is not finite, when
    /// the loss has no gradient or cannot be read, and when the step size is negative or not finite.
    ///
    /// When the step itself makes a weight infinite or NaN, the model comes back as that has left it,
    /// with [`EvaluationError::NonFiniteUpdate`](thalweg_optim::EvaluationError::NonFiniteUpdate); where weights
    /// do not lie in the host's memory, from the next step whose loss is read.
    ///
    /// # Panics
    /// If the loss has not exactly one element.
    pub fn train_step<M, B>(&mut self, model: M, batch: &B) -> (M, Result<Option<f64>, TrainError>)
    where
        M: Module,
        Z: Minimizer<M>,
        L: Evaluate<M, B>,
    {
        let (step, h) = (self.step, self.step_size());
        if !(h.is_finite() && h >= 0.0) {
            return (model, Err(TrainError::StepSize { step, value: h }));
        }
        let (seed, read, loss) = (self.training_seed(), self.will_read(), &self.loss);
        let mut objective = |model: &M| loss.evaluate(model, batch, seed);
        let step = self
            .checks
            .step(&mut self.minimizer, h, model, read, &mut objective);
        let (model, loss) = match step {
            (model, Ok(loss)) => (model, loss.value()),
            (model, Err(error)) => return (model, Err(error.into())),
        };
        self.step += 1;
        (model, Ok(loss))
    }

    /// The mean loss over validation batches, each weighted by its size, those without samples left
    /// out; `None` without samples.
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
    /// use thalweg_train::{TrainError, Trainer};
    ///
    /// let trainer = Trainer::new(1, 0.1);
    /// let stepper = trainer.stepper(sgd, loss);
    /// let batches = [[2.0, 2.0], [4.0, 4.0]].map(|x| Tensor::<1>::from_data(x, &device));
    /// // The mean of 2²/2 and 4²/2.
    /// assert_eq!(stepper.validate(&model, batches)?, Some(5.0));
    /// # let _ = data;
    /// # Ok::<(), TrainError>(())
    /// ```
    ///
    /// # Errors
    /// When the loss function refuses a batch, a batch has members that
    /// [do not fit](BatchSize::samples), or the device does not hand over the losses. A mean that is
    /// not finite is no error.
    ///
    /// # Panics
    /// If the loss has not exactly one element.
    pub fn validate<M, B>(
        &self,
        model: &M,
        batches: impl IntoIterator<Item = B>,
    ) -> Result<Option<f64>, TrainError>
    where
        M: Module,
        B: BatchSize,
        L: Evaluate<M, B>,
    {
        let model = model.valid();
        let (mut losses, mut sizes) = (Vec::new(), Vec::new());
        for (index, batch) in batches.into_iter().enumerate() {
            // A batch without samples weighs nothing, and its mean would be NaN.
            match batch.samples().map_err(TrainError::from)?.unwrap_or(1) {
                0 => continue,
                samples => sizes.push(samples as f64),
            }
            let loss = Loss::new(self.loss(&model, batch, self.validation_seed(index))?);
            losses.push(loss.tensor().clone());
        }
        let total: f64 = sizes.iter().sum();
        if total == 0.0 {
            return Ok(None);
        }
        // One reading for all batches: the device never waits in between.
        let losses = Tensor::cat(losses, 0).try_into_vec_as::<f64>();
        let losses = losses.map_err(EvaluationError::from)?;
        let weighted = losses.iter().zip(&sizes).map(|(loss, size)| loss * size);
        Ok(Some(weighted.sum::<f64>() / total))
    }
}

impl<Z, L> fmt::Debug for Stepper<'_, Z, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stepper")
            .field("step", &self.step)
            .field("scale", &self.scale)
            .finish_non_exhaustive()
    }
}
