use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use crate::squares::{layers, squares};
use crate::{Callback, Progress, Signal, TrainError};
use thalweg_optim::{
    EvaluationError, Kept, Loss, Minimizer, Objective, Remember, State, StateError, Stateful,
};

/// The norms of gradients: a wrapper of a minimizer measures them, and a callback makes metrics of
/// them at the end of each epoch.
///
/// | metric | |
/// |---|---|
/// | `gradient_norm` | ‖g‖ over all parameters, the root of its mean square over the epoch |
/// | `gradient_norm_max` | the largest ‖g‖ of the epoch |
/// | `gradient/LAYER` | ‖g‖ over the parameters of a layer, with [`by_layer`](Self::by_layer) |
///
/// Norms are those before clipping, and of the gradient at which a step begins where it takes
/// several. They are summed on the device, which is waited for once an epoch.
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
/// use thalweg_train::{GradientNorms, Measured, Trainer};
///
/// let mut norms = GradientNorms::new();
/// let minimizer: Measured<_> = norms.of(sgd);
/// let trained = Trainer::new(3, 0.5).fit(model, minimizer, &data, loss, &mut norms);
/// // |m − 2| at the means m = 0, 1 and 1.5.
/// assert_eq!(trained.history.metric("gradient_norm"), [2.0, 1.0, 0.5]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct GradientNorms {
    every: Option<usize>,
    by_layer: bool,
    sums: Arc<Mutex<Sums>>,
}

/// The sums of an epoch.
#[derive(Debug, Default)]
struct Sums {
    steps: usize,
    measured: usize,
    /// The layer of each parameter.
    layers: Vec<String>,
    /// The squared norm of each parameter, summed over steps.
    squares: Option<Tensor<1>>,
    /// The largest squared norm over all parameters.
    largest: Option<Tensor<1>>,
}

impl Sums {
    fn add<M: Module>(&mut self, model: &M, grads: &GradientsParams) {
        let squares = squares(model, grads);
        if squares.is_empty() {
            return;
        }
        let squares = Tensor::cat(squares, 0);
        let total = squares.clone().sum();
        if self.squares.as_ref().map(|sum| sum.dims()) != Some(squares.dims()) {
            self.layers = layers(model, grads);
            (self.squares, self.largest, self.measured) = (None, None, 0);
        }
        self.measured += 1;
        self.largest = Some(match self.largest.take() {
            None => total,
            Some(largest) => largest.max_pair(total),
        });
        self.squares = Some(match self.squares.take() {
            None => squares,
            Some(sum) => sum + squares,
        });
    }

    /// The metrics of the sums, which then begin anew.
    fn take(&mut self, by_layer: bool) -> Result<BTreeMap<String, f64>, EvaluationError> {
        let (Some(squares), Some(largest)) = (self.squares.take(), self.largest.take()) else {
            return Ok(BTreeMap::new());
        };
        // One reading for all.
        let values = Tensor::cat(vec![largest, squares], 0).try_into_vec_as::<f64>()?;
        let (largest, squares) = (values[0], &values[1..]);
        let count = std::mem::take(&mut self.measured) as f64;
        let total: f64 = squares.iter().sum();
        let mut metrics = BTreeMap::from([
            ("gradient_norm".to_owned(), (total / count).sqrt()),
            ("gradient_norm_max".to_owned(), largest.sqrt()),
        ]);
        if by_layer {
            let mut sums = BTreeMap::<String, f64>::new();
            for (layer, square) in self.layers.iter().zip(squares) {
                *sums.entry(format!("gradient/{layer}")).or_default() += square;
            }
            let norms = sums.into_iter();
            metrics.extend(norms.map(|(layer, sum)| (layer, (sum / count).sqrt())));
        }
        Ok(metrics)
    }
}

impl GradientNorms {
    /// Of each step, over all parameters together.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of each n-th step only.
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
    /// use thalweg_train::{GradientNorms, Trainer};
    ///
    /// let mut norms = GradientNorms::new().every_steps(2).by_layer();
    /// let minimizer = norms.of(sgd);
    /// let trained = Trainer::new(3, 0.5).fit(model, minimizer, &data, loss, &mut norms);
    /// // |m − 2| at the first mean and the third, m = 0 and 1.5.
    /// assert_eq!(trained.history.metric("gradient_norm"), [2.0, 0.5]);
    /// assert_eq!(trained.history.metric("gradient/mean"), [2.0, 0.5]);
    /// ```
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn every_steps(mut self, steps: usize) -> Self {
        assert!(
            steps > 0,
            "gradients cannot be measured every 0 steps; use 1 or more"
        );
        self.every = Some(steps);
        self
    }

    /// A norm for each layer too, that is each module that holds parameters.
    ///
    /// See [`every_steps`](Self::every_steps) for an example.
    pub fn by_layer(mut self) -> Self {
        self.by_layer = true;
        self
    }

    /// A minimizer whose gradients are measured.
    pub fn of<Z>(&self, minimizer: Z) -> Measured<Z> {
        Measured {
            minimizer,
            norms: self.clone(),
        }
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the step that begins is one to measure.
    fn is_due(&self) -> bool {
        let mut sums = self.sums();
        let due = sums.steps.is_multiple_of(self.every.unwrap_or(1));
        sums.steps += 1;
        due
    }
}

impl<M> Callback<M> for GradientNorms {
    fn on_train_begin(&mut self, _progress: &Progress, _model: &M) -> Signal {
        *self.sums() = Sums::default();
        Signal::CONTINUE
    }

    fn on_epoch_end(&mut self, _progress: &Progress, _model: &M) -> Signal {
        let metrics = self.sums().take(self.by_layer);
        match metrics {
            Ok(metrics) => Signal {
                metrics,
                ..Signal::CONTINUE
            },
            Err(error) => Signal::fail(TrainError::Evaluation(error)),
        }
    }

    fn state(&self) -> State {
        let (mut state, sums) = (State::default(), self.sums());
        sums.steps.save("steps", &mut state);
        sums.measured.save("measured", &mut state);
        sums.layers.save("layers", &mut state);
        sums.squares.save("squares", &mut state);
        sums.largest.save("largest", &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        let restored = Sums {
            steps: Remember::restore("steps", state, device)?,
            measured: Remember::restore("measured", state, device)?,
            layers: Remember::restore("layers", state, device)?,
            squares: Remember::restore("squares", state, device)?,
            largest: Remember::restore("largest", state, device)?,
        };
        *self.sums() = restored;
        Ok(())
    }
}

/// A minimizer whose gradients are measured; see [`GradientNorms::of`].
///
/// Its state is the minimizer's alone.
///
/// See [`GradientNorms`] for an example.
#[derive(Debug, Clone)]
pub struct Measured<Z> {
    minimizer: Z,
    norms: GradientNorms,
}

impl<M: Module, Z: Minimizer<M>> Minimizer<M> for Measured<Z> {
    fn step(
        &mut self,
        h: f64,
        model: M,
        objective: &mut Objective<'_, M>,
    ) -> (M, Result<Loss, EvaluationError>) {
        let mut due = self.norms.is_due();
        let norms = &self.norms;
        let mut measured = |model: &M| {
            let evaluation = objective(model)?;
            if std::mem::take(&mut due) {
                norms.sums().add(model, &evaluation.grads);
            }
            Ok(evaluation)
        };
        self.minimizer.step(h, model, &mut measured)
    }

    fn squares(&self) -> bool {
        self.minimizer.squares()
    }

    fn check_memory(&self, model: &M) -> Result<(), StateError> {
        self.minimizer.check_memory(model)
    }
}

impl<Z: Stateful> Stateful for Measured<Z> {
    fn state(&self) -> State {
        self.minimizer.state()
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        self.minimizer.restore(state, device)
    }

    fn keep(&self) -> Kept {
        self.minimizer.keep()
    }

    fn take_back(&mut self, kept: Kept, device: &Device) -> Result<(), StateError> {
        self.minimizer.take_back(kept, device)
    }
}
