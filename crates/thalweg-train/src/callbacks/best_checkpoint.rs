use std::fmt;
use std::path::{Path, PathBuf};

use burn::module::Module;

use crate::whole_file::whole_file;
use crate::{BoxError, Callback, Progress, Signal, TrainError};

type Saver<M> = Box<dyn FnMut(&M, &Path) -> Result<(), BoxError> + Send>;

/// Saves the model at the end of each epoch that is better than all before.
///
/// The file appears whole or not at all: it is written beside its place and renamed. An error
/// ends the run as [`TrainError::Checkpoint`].
pub struct BestCheckpoint<M> {
    path: PathBuf,
    save: Saver<M>,
}

impl<M: Module> BestCheckpoint<M> {
    /// Saves the module's record in Burn's own format, which `Module::try_load_file` reads.
    /// A path without an extension gets Burn's, `.bpk`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let mut path = path.into();
        if path.extension().is_none() {
            path.set_extension("bpk");
        }
        Self::with(path, |model: &M, path| {
            model.valid().into_record().save(path)
        })
    }
}

impl<M> BestCheckpoint<M> {
    /// Saves with a closure, which writes the model to the path it is given (a temporary one
    /// with the same ending).
    pub fn with<F, E>(path: impl Into<PathBuf>, mut save: F) -> Self
    where
        F: FnMut(&M, &Path) -> Result<(), E> + Send + 'static,
        E: Into<BoxError>,
    {
        Self {
            path: path.into(),
            save: Box::new(move |model, path| save(model, path).map_err(Into::into)),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, model: &M) -> Result<(), BoxError> {
        whole_file(&self.path, |path| (self.save)(model, path))
    }
}

impl<M> Callback<M> for BestCheckpoint<M> {
    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        if !progress.improved {
            return Signal::CONTINUE;
        }
        match self.write(model) {
            Ok(()) => Signal::CONTINUE,
            Err(source) => Signal::fail(TrainError::Checkpoint {
                path: self.path.clone(),
                source,
            }),
        }
    }
}

impl<M> fmt::Debug for BestCheckpoint<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BestCheckpoint")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
