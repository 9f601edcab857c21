//! What an Euler step remembers of a parameter between two steps.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burn::optim::{RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor};

use crate::Memory;

/// The [`Memory`] of a parameter in a place that Burn's optimizer and a [list](super::list) of steps
/// both hold: Burn stores it when it has visited the parameter, the list fills it when it has run.
#[derive(Debug)]
pub struct Slot<const D: usize>(Arc<Mutex<Memory<D>>>);

impl<const D: usize> Slot<D> {
    fn new(memory: Memory<D>) -> Self {
        Self(Arc::new(Mutex::new(memory)))
    }

    fn memory(&self) -> MutexGuard<'_, Memory<D>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The memory, which leaves an empty one behind.
    pub(super) fn take(&self) -> Memory<D> {
        std::mem::take(&mut *self.memory())
    }

    pub(super) fn put(&self, memory: Memory<D>) {
        *self.memory() = memory;
    }

    /// The same place.
    pub(super) fn share(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<const D: usize> Default for Slot<D> {
    fn default() -> Self {
        Self::new(Memory::default())
    }
}

/// A place of its own: a clone of an optimizer is one that goes on by itself.
impl<const D: usize> Clone for Slot<D> {
    fn clone(&self) -> Self {
        Self::new(self.memory().clone())
    }
}

impl<const D: usize> RecordState for Slot<D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        let memory = self.memory();
        for (index, average) in memory.averages.iter().enumerate() {
            out.push_tensor(prefix, &index.to_string(), average.to_data());
        }
        out.push_scalar(prefix, "averages", (memory.averages.len() as u64).into());
        out.push_scalar(prefix, "steps", memory.steps.into());
    }

    fn state_unflatten(prefix: &str, src: &mut StateSource, device: &Device) -> Option<Self> {
        let count = u64::try_from(src.take_scalar(prefix, "averages")?).ok()?;
        let averages = (0..count).map(|index| {
            let data = src.take_tensor(prefix, &index.to_string())?;
            let dtype = data.dtype();
            Some(Tensor::from_data(data, (device, dtype)))
        });
        Some(Self::new(Memory {
            averages: averages.collect::<Option<_>>()?,
            steps: u64::try_from(src.take_scalar(prefix, "steps")?).ok()?,
        }))
    }
}
