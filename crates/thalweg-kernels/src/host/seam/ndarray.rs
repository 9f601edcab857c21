//! Tensors of `ndarray`.
//!
//! Its views end with their own numbers, so samples with a stride cannot be read without `unsafe`: they
//! are copied, which beside a network costs little.

use burn::backend::ndarray::NdArrayTensor;
use burn::backend::{BackendTensor, DispatchTensorKind, NdArray};
use burn::tensor::TensorData;

use super::tensor::HostTensor;
use crate::Numbers;

pub(super) type Primitive = NdArrayTensor;

impl HostTensor for NdArrayTensor {
    type Backend = NdArray;

    fn of(kind: DispatchTensorKind) -> Option<BackendTensor<NdArray>> {
        match kind {
            DispatchTensorKind::NdArray(tensor) => Some(tensor),
            _ => None,
        }
    }

    fn into_kind(tensor: BackendTensor<NdArray>) -> DispatchTensorKind {
        DispatchTensorKind::NdArray(tensor)
    }

    fn from_numbers(numbers: Vec<f32>, shape: Vec<usize>) -> Self {
        Self::from_data(TensorData::new(numbers, shape))
    }

    fn numbers(&self) -> Option<Numbers<'_>> {
        match self {
            Self::F32(numbers) => numbers.view().to_slice().map(Numbers::Single),
            Self::F64(numbers) => numbers.view().to_slice().map(Numbers::Double),
            _ => None,
        }
    }

    fn in_any_order(&self) -> Option<Numbers<'_>> {
        match self {
            Self::F32(numbers) => numbers.view().to_slice_memory_order().map(Numbers::Single),
            Self::F64(numbers) => numbers.view().to_slice_memory_order().map(Numbers::Double),
            _ => None,
        }
    }

    fn contiguous(self) -> Self {
        match self.numbers() {
            Some(_) => self,
            None => match self {
                Self::F32(numbers) => {
                    let rows = numbers.view().as_standard_layout().into_owned();
                    rows.into_shared().into()
                }
                Self::F64(numbers) => {
                    let rows = numbers.view().as_standard_layout().into_owned();
                    rows.into_shared().into()
                }
                other => other,
            },
        }
    }
}
