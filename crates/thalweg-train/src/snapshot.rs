//! Copies of a model that later training does not touch.
//!
//! A clone shares the running statistics of layers such as batch normalization with its
//! original; `Module::valid` does not, and so serves as the copy.

use burn::module::Module;
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::Bytes;

use crate::TrainError;
use thalweg_optim::StateError;

/// Puts the weights of a `valid()` copy into the model, which keeps its devices and settings.
/// When that fails, the model comes back as it was.
pub(crate) fn restore<M: Module>(model: M, copy: &M) -> (M, Result<(), TrainError>) {
    // Pending running statistics would otherwise land on top of the restored ones.
    let _ = model.valid();
    let before = model.clone();
    match model.try_load_record(copy.clone().into_record()) {
        Ok(model) => (model, Ok(())),
        Err(error) => (before, Err(TrainError::Restore(error.to_string()))),
    }
}

/// The model's record, as bytes.
pub(crate) fn to_bytes<M: Module>(model: &M) -> Bytes {
    let record = model.valid().into_record().into_bytes();
    record.expect("a record in memory is always written")
}

/// Loads a record into a model.
pub(crate) fn from_bytes<M: Module>(model: M, bytes: Bytes) -> Result<M, StateError> {
    let unusable = |error: RecordError| StateError::unusable("the model", error);
    let record = ModuleRecord::from_bytes(bytes).map_err(unusable)?;
    model.try_load_record(record).map_err(unusable)
}
