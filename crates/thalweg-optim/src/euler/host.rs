//! Updates in one pass, for tensors in the host's memory.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{DType, Device, Tensor, TensorData};

/// Remembers for each device whether its tensors can be read and written without a copy.
#[derive(Debug, Clone, Default)]
pub(super) struct Host {
    known: Arc<Mutex<Vec<(Device, bool)>>>,
}

impl Host {
    /// Whether a tensor gives back the memory that it was made of. A small tensor finds out, once for
    /// each device.
    pub(super) fn shares(&self, device: &Device) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, shares)) = known.iter().find(|(other, _)| other == device) {
            return *shares;
        }
        let shares = probe(device);
        known.push((device.clone(), shares));
        shares
    }
}

fn probe(device: &Device) -> bool {
    let place = |data: &TensorData| data.as_slice::<f32>().ok().map(<[f32]>::as_ptr);
    let data = TensorData::new(vec![1f32; 64], [64]);
    let before = place(&data);
    let tensor = Tensor::<1>::from_data(data, (device, DType::F32));
    let after = tensor.try_into_data().ok();
    before.is_some() && after.is_some_and(|after| place(&after) == before)
}

/// Whether the pass handles this type.
pub(super) fn is_real(dtype: DType) -> bool {
    matches!(dtype, DType::F32 | DType::F64)
}
