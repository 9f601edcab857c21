//! Distributed data parallel training, where Burn has it.

use burn::tensor::Device;
use burn::tensor::distributed::{DistributedConfig, ReduceOperation};
use burn_train::ExecutionStrategy;
use thiserror::Error;

/// Why devices cannot train together.
///
/// See [`distributed`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DistributedError {
    /// Burn has no collective operations there.
    #[error(
        "distributed training needs collective operations, which Burn 0.22 has for CUDA alone, not \
         for {device}; use `ExecutionStrategy::MultiDevice` or `thalweg_train::Workers::on`"
    )]
    NoCollectives {
        /// The first device without them.
        device: String,
    },
    /// No device was given.
    #[error("distributed training needs at least one device")]
    NoDevices,
}

/// Distributed data parallel training on these devices: each has the model, and their gradients are
/// averaged by a collective operation.
///
/// ```
/// use thalweg_models::burn_train::{DistributedError, distributed};
///
/// assert!(matches!(distributed(vec![]), Err(DistributedError::NoDevices)));
/// ```
///
/// # Errors
///
/// [`DistributedError`], instead of the panic that Burn 0.22.1 ends with on a backend that has no
/// collective operations.
pub fn distributed(devices: Vec<Device>) -> Result<ExecutionStrategy, DistributedError> {
    if devices.is_empty() {
        return Err(DistributedError::NoDevices);
    }
    // Burn has no question to ask a device; its name tells the backend.
    let names = devices.iter().map(|device| format!("{device:?}"));
    if let Some(device) = { names }.find(|name| !name.contains("Cuda")) {
        return Err(DistributedError::NoCollectives { device });
    }
    let config = DistributedConfig {
        all_reduce_op: ReduceOperation::Mean,
    };
    Ok(ExecutionStrategy::ddp(devices, config))
}
