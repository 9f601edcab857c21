//! The masks of a network as tensors.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_kernels::Degrees;

/// The masks of a network, on each device and in each dtype that asked for them.
///
/// They follow from the degrees, so that they are neither parameters nor in a record. Made once: a step of
/// training makes none. Copies of a network share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Masks(Arc<Mutex<Vec<Known>>>);

#[derive(Debug)]
struct Known {
    device: Device,
    dtype: DType,
    masks: Vec<Tensor<2>>,
}

impl Masks {
    /// One mask a layer, for weights like this one.
    pub(super) fn like(&self, weight: &Tensor<2>, degrees: &Degrees) -> Vec<Tensor<2>> {
        let (device, dtype) = (weight.device().without_autodiff(), weight.dtype());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = known.iter();
        if let Some(found) = found.find(|known| known.device == device && known.dtype == dtype) {
            return found.masks.clone();
        }
        let levels = degrees.levels();
        let mask = |(layer, pair): (usize, &[Vec<usize>])| {
            let shape = [pair[0].len(), pair[1].len()];
            let data = TensorData::new(degrees.mask(layer), shape);
            Tensor::from_data(data, (&device, dtype))
        };
        let masks: Vec<Tensor<2>> = levels.windows(2).enumerate().map(mask).collect();
        known.push(Known {
            device: device.clone(),
            dtype,
            masks: masks.clone(),
        });
        masks
    }
}
