//! Files with a model's weights.

use std::fmt;
use std::path::{Path, PathBuf};

use burn::module::Module;

use crate::{Callback, Progress, Signal, TrainError};
use thalweg_file::write_with;
use thalweg_optim::BoxError;
use thalweg_optim::finite::bad_parameter;

type Saver<M> = Box<dyn FnMut(&M, &Path) -> Result<(), BoxError> + Send>;

/// A file, and how a model is written to it.
pub(super) struct Checkpoint<M> {
    path: PathBuf,
    save: Saver<M>,
}

impl<M: Module> Checkpoint<M> {
    pub(super) fn record(path: impl Into<PathBuf>) -> Self {
        let mut path = path.into();
        if path.extension().is_none() {
            path.set_extension("bpk");
        }
        Self::with(path, |model: &M, path| {
            model.valid().into_record().save(path)
        })
    }
}

impl<M> Checkpoint<M> {
    pub(super) fn with<F, E>(path: impl Into<PathBuf>, mut save: F) -> Self
    where
        F: FnMut(&M, &Path) -> Result<(), E> + Send + 'static,
        E: Into<BoxError>,
    {
        Self {
            path: path.into(),
            save: Box::new(move |model, path| save(model, path).map_err(Into::into)),
        }
    }

    pub(super) fn write(&mut self, model: &M) -> Signal {
        match write_with(&self.path, |path| (self.save)(model, path)) {
            Ok(()) => Signal::CONTINUE,
            Err(source) => Signal::fail(TrainError::Checkpoint {
                path: self.path.clone(),
                source,
            }),
        }
    }
}

impl<M> fmt::Debug for Checkpoint<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

macro_rules! checkpoint {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<M>(Checkpoint<M>);

        impl<M: Module> $name<M> {
            /// Saves the module's record in Burn's own format, which `Module::try_load_file` reads.
            /// A path without an extension gets Burn's, `.bpk`.
            pub fn new(path: impl Into<PathBuf>) -> Self {
                Self(Checkpoint::record(path))
            }
        }

        impl<M> $name<M> {
            /// Saves with a closure, which writes the model to the path it is given (a temporary
            /// one with the same ending).
            pub fn with<F, E>(path: impl Into<PathBuf>, save: F) -> Self
            where
                F: FnMut(&M, &Path) -> Result<(), E> + Send + 'static,
                E: Into<BoxError>,
            {
                Self(Checkpoint::with(path, save))
            }

            /// The file.
            pub fn path(&self) -> &Path {
                &self.0.path
            }
        }
    };
}

checkpoint! {
    /// Saves the model at the end of each epoch that is better than all before.
    ///
    /// The file appears whole or not at all: it is written beside its place and renamed. An error
    /// ends the run as [`TrainError::Checkpoint`].
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
    /// use thalweg_train::{BestCheckpoint, Trainer};
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-best-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("best.txt");
    /// // With steps of 3 the loss only grows after the first epoch.
    /// let save = |model: &Mean, path: &std::path::Path| {
    ///     std::fs::write(path, model.mean.val().into_scalar::<f32>().to_string())
    /// };
    /// let mut best = BestCheckpoint::with(&path, save);
    /// Trainer::new(4, 3.0).fit(model, sgd, &data, loss, &mut best);
    /// assert_eq!(std::fs::read_to_string(&path)?, "6");
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    BestCheckpoint
}

checkpoint! {
    /// Saves the model at the end of each epoch, the last one of a run that ends early included.
    ///
    /// For programs that want the newest weights; a run goes on from the file of
    /// [`Trainer::resume`](crate::Trainer::resume). Weights that are not finite are not saved, so
    /// that the file before them stays. Files and errors are as with [`BestCheckpoint`].
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
    /// use thalweg_train::{LastCheckpoint, Trainer};
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-last-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("last");
    /// let mut last = LastCheckpoint::new(&path);
    /// let trained = Trainer::new(4, 0.5).fit(model.clone(), sgd, &data, loss, &mut last);
    /// assert!(trained.outcome.is_success());
    /// assert!(path.with_extension("bpk").exists());
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    LastCheckpoint
}

impl<M> Callback<M> for BestCheckpoint<M> {
    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        match progress.improved {
            true => self.0.write(model),
            false => Signal::CONTINUE,
        }
    }
}

impl<M: Module> Callback<M> for LastCheckpoint<M> {
    fn on_epoch_end(&mut self, _progress: &Progress, model: &M) -> Signal {
        match bad_parameter(model).is_none() {
            true => self.0.write(model),
            false => Signal::CONTINUE,
        }
    }
}
