use burn::tensor::kind::Basic;
use burn::tensor::{Device, Tensor};

use crate::BatchSize;

/// A batch that can be given to several workers.
///
/// Implemented for tensors (along the first dimension), for vectors, and for tuples of those.
///
/// ```
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_train::{BatchSize, Divide};
/// let batch = Tensor::<2>::zeros([7, 3], &Device::default());
/// let sizes: Vec<usize> = batch.divide(3).iter().map(BatchSize::batch_size).collect();
/// assert_eq!(sizes, [3, 2, 2]);
/// ```
pub trait Divide: BatchSize + Sized {
    /// Parts of the batch in order, as many as asked for or as there are samples, of sizes that
    /// differ by one at most.
    fn divide(&self, parts: usize) -> Vec<Self>;

    /// The batch on a device. By default it stays as it is, which suits data of the host.
    fn to_device(self, device: &Device) -> Self {
        let _ = device;
        self
    }
}

/// Where each of `parts` begins among `count` samples, and how many it has.
fn ranges(count: usize, parts: usize) -> impl Iterator<Item = (usize, usize)> {
    let parts = parts.clamp(1, count.max(1));
    let (size, longer) = (count / parts, count % parts);
    (0..parts).map(move |part| {
        (
            part * size + part.min(longer),
            size + usize::from(part < longer),
        )
    })
}

impl<const D: usize, K: Basic> Divide for Tensor<D, K> {
    fn divide(&self, parts: usize) -> Vec<Self> {
        let ranges = ranges(self.batch_size(), parts);
        ranges
            .map(|(start, size)| self.clone().narrow(0, start, size))
            .collect()
    }

    fn to_device(self, device: &Device) -> Self {
        Tensor::to_device(self, device)
    }
}

impl<T: Clone> Divide for Vec<T> {
    fn divide(&self, parts: usize) -> Vec<Self> {
        let ranges = ranges(self.len(), parts);
        ranges
            .map(|(start, size)| self[start..start + size].to_vec())
            .collect()
    }
}

impl<A: Divide, B: Divide> Divide for (A, B) {
    fn divide(&self, parts: usize) -> Vec<Self> {
        let (first, second) = (self.0.divide(parts), self.1.divide(parts));
        first.into_iter().zip(second).collect()
    }

    fn to_device(self, device: &Device) -> Self {
        (self.0.to_device(device), self.1.to_device(device))
    }
}

impl<A: Divide, B: Divide, C: Divide> Divide for (A, B, C) {
    fn divide(&self, parts: usize) -> Vec<Self> {
        let (first, second, third) = (
            self.0.divide(parts),
            self.1.divide(parts),
            self.2.divide(parts),
        );
        let pairs = first.into_iter().zip(second);
        pairs.zip(third).map(|((a, b), c)| (a, b, c)).collect()
    }

    fn to_device(self, device: &Device) -> Self {
        let (first, second, third) = self;
        (
            first.to_device(device),
            second.to_device(device),
            third.to_device(device),
        )
    }
}
