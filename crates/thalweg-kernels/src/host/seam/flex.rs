//! Tensors of `flex`.

use std::ops::Range;

use burn::backend::flex::FlexTensor;
use burn::backend::{BackendTensor, DispatchTensorKind, Flex};
use burn::tensor::{DType, Element, TensorData};

use super::tensor::HostTensor;
use crate::Numbers;

pub(super) type Primitive = FlexTensor;

impl HostTensor for FlexTensor {
    type Backend = Flex;

    fn of(kind: DispatchTensorKind) -> Option<BackendTensor<Flex>> {
        match kind {
            DispatchTensorKind::Flex(tensor) => Some(tensor),
            _ => None,
        }
    }

    fn into_kind(tensor: BackendTensor<Flex>) -> DispatchTensorKind {
        DispatchTensorKind::Flex(tensor)
    }

    fn from_numbers(numbers: Vec<f32>, shape: Vec<usize>) -> Self {
        Self::from_data(TensorData::new(numbers, shape))
    }

    fn numbers(&self) -> Option<Numbers<'_>> {
        match self.dtype() {
            DType::F32 => self.as_slice().map(Numbers::Single),
            DType::F64 => self.as_slice().map(Numbers::Double),
            _ => None,
        }
    }

    fn in_any_order(&self) -> Option<Numbers<'_>> {
        self.numbers().or_else(|| match self.dtype() {
            DType::F32 if fills::<f32>(self) => Some(Numbers::Single(self.storage())),
            DType::F64 if fills::<f64>(self) => Some(Numbers::Double(self.storage())),
            _ => None,
        })
    }

    fn contiguous(self) -> Self {
        match self.is_contiguous() {
            true => self,
            false => self.to_contiguous(),
        }
    }

    fn samples(&self) -> Option<&[f32]> {
        if self.dtype() != DType::F32 {
            return None;
        }
        let layout = self.layout();
        let mut sizes = layout.shape().iter().zip(layout.strides());
        let (batch, stride) = sizes.next()?;
        let mut each = 1;
        for (size, step) in sizes.rev() {
            if *size != 1 && *step != each as isize {
                return None;
            }
            each *= size;
        }
        let stride = usize::try_from(*stride)
            .ok()
            .filter(|stride| *stride >= each);
        let (between, start) = (batch.checked_sub(1)?, layout.start_offset());
        Some(&self.storage::<f32>()[start..start + between * stride? + each])
    }

    fn part(&self, features: Range<usize>) -> Option<Self> {
        Some(self.narrow(1, features.start, features.len()))
    }
}

/// Whether numbers fill their memory in some order, as those of a transposed tensor do.
fn fills<E: Element>(tensor: &FlexTensor) -> bool {
    let layout = tensor.layout();
    let positive = layout.strides().iter().all(|stride| *stride > 0);
    let steps = layout.shape().iter().zip(layout.strides());
    let last: isize = steps
        .map(|(size, stride)| (*size as isize - 1) * stride)
        .sum();
    let whole = tensor.bytes().len() == layout.num_elements() * size_of::<E>();
    positive && whole && last + 1 == layout.num_elements() as isize
}
