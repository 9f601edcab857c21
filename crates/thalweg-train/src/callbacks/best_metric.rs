use std::fmt;
use std::path::{Path, PathBuf};

use burn::module::Module;

use super::checkpoint::Checkpoint;
use crate::measure::{Measuring, boxed};
use crate::{Callback, Measurement, Progress, Signal, TrainError};
use thalweg_optim::BoxError;

/// Your measure at the end of each epoch, such as an accuracy, and the best weights by it.
///
/// The number is a metric, so the history lists it. The weights are saved when it is at least as good
/// as all before: of equal ones the later counts, which has seen more data. The closure gets
/// the model in validation mode. A number that is not finite is never best.
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
/// use thalweg_train::{BestMetric, Trainer};
///
/// let closeness = |model: &Mean| -(model.mean.val() - 2.0).abs().into_scalar::<f64>();
/// let mut best = BestMetric::highest("closeness", closeness);
/// let trained = Trainer::new(20, 0.5).fit(model, sgd, &data, loss, &mut best);
/// assert_eq!(trained.history.metric("closeness").len(), 20);
/// assert!(best.best().unwrap() > -1e-4);
/// ```
///
/// Source: Su Jianlin, kexue.fm/archives/5765 (2018): `if acc >= self.highest`.
pub struct BestMetric<'a, M> {
    name: String,
    measure: Measuring<'a, M>,
    highest: bool,
    best: Option<f64>,
    checkpoint: Option<Checkpoint<M>>,
}

impl<'a, M: Module> BestMetric<'a, M> {
    /// A number of which higher is better.
    pub fn highest<R: Measurement>(
        name: impl Into<String>,
        measure: impl FnMut(&M) -> R + 'a,
    ) -> Self {
        Self {
            name: name.into(),
            measure: boxed(measure),
            highest: true,
            best: None,
            checkpoint: None,
        }
    }

    /// A number of which lower is better.
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
    /// use thalweg_train::{BestMetric, Trainer};
    ///
    /// let mut error = BestMetric::lowest("error", |model: &Mean| {
    ///     (model.mean.val() - 2.0).abs().into_scalar::<f64>()
    /// });
    /// Trainer::new(20, 0.5).fit(model, sgd, &data, loss, &mut error).finish()?;
    /// assert!(error.best().unwrap() < 1e-4);
    /// # Ok::<(), thalweg_train::TrainError>(())
    /// ```
    pub fn lowest<R: Measurement>(
        name: impl Into<String>,
        measure: impl FnMut(&M) -> R + 'a,
    ) -> Self {
        Self {
            highest: false,
            ..Self::highest(name, measure)
        }
    }

    /// Saves the best model's record, as [`BestCheckpoint::new`](crate::BestCheckpoint::new) does.
    pub fn save(mut self, path: impl Into<PathBuf>) -> Self {
        self.checkpoint = Some(Checkpoint::record(path));
        self
    }

    /// Saves the best model with a closure, as [`BestCheckpoint::with`](crate::BestCheckpoint::with)
    /// does.
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
    /// use std::path::Path;
    /// use thalweg_train::{BestMetric, Trainer};
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-save-with-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("best.txt");
    /// let error = |model: &Mean| (model.mean.val() - 2.0).abs().into_scalar::<f64>();
    /// let write = |model: &Mean, path: &Path| {
    ///     std::fs::write(path, model.mean.val().into_scalar::<f32>().to_string())
    /// };
    /// let mut best = BestMetric::lowest("error", error).save_with(&path, write);
    /// Trainer::new(20, 0.5).fit(model, sgd, &data, loss, &mut best).finish()?;
    /// let saved: f64 = std::fs::read_to_string(&path)?.parse()?;
    /// # std::fs::remove_dir_all(folder).ok();
    /// assert!(((saved - 2.0).abs() - best.best().unwrap()).abs() < 1e-6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_with<F, E>(mut self, path: impl Into<PathBuf>, save: F) -> Self
    where
        F: FnMut(&M, &Path) -> Result<(), E> + Send + 'static,
        E: Into<BoxError>,
    {
        self.checkpoint = Some(Checkpoint::with(path, save));
        self
    }

    /// The best number so far.
    pub fn best(&self) -> Option<f64> {
        self.best
    }

    fn is_best(&self, value: f64) -> bool {
        match (self.best, self.highest) {
            _ if !value.is_finite() => false,
            (None, _) => true,
            (Some(best), true) => value >= best,
            (Some(best), false) => value <= best,
        }
    }
}

impl<M: Module> Callback<M> for BestMetric<'_, M> {
    fn on_train_begin(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.best = None;
        Signal::CONTINUE
    }

    fn on_epoch_end(&mut self, _progress: &Progress, model: &M) -> Signal {
        let value = match (self.measure)(model) {
            Ok(value) => value,
            Err(error) => return Signal::fail(TrainError::Callback(error)),
        };
        let metric = Signal::metric(&self.name, value);
        if !self.is_best(value) {
            return metric;
        }
        self.best = Some(value);
        match &mut self.checkpoint {
            Some(checkpoint) => metric.and(checkpoint.write(model)),
            None => metric,
        }
    }

    fn name(&self) -> String {
        let best = if self.highest { "highest" } else { "lowest" };
        format!("BestMetric of the {best} {}", self.name)
    }

    remembers!("best": best);
}

impl<M> fmt::Debug for BestMetric<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BestMetric")
            .field("name", &self.name)
            .field("best", &self.best)
            .field("checkpoint", &self.checkpoint)
            .finish_non_exhaustive()
    }
}
