use burn::tensor::Device;

use crate::{BatchSize, Divide};
use thalweg_optim::EvaluationError;

/// A member of a batch that all samples share, such as one row of context or a matrix of weights: it
/// has no samples of its own, and [`Workers`](crate::Workers) and
/// [`Accumulate`](crate::Accumulate) give the whole of it to each part.
///
/// ```
/// # use burn::tensor::{Device, Tensor};
/// use thalweg_train::{BatchSize, Divide, Shared};
///
/// # let device = Device::default();
/// let rows = Tensor::<2>::zeros([8, 3], &device);
/// let context = Tensor::<2>::zeros([1, 5], &device);
/// let batch = (rows, Shared(context));
/// assert_eq!(batch.samples()?, Some(8));
///
/// let parts = batch.divide(2);
/// assert_eq!((parts[1].0.dims(), parts[1].1.0.dims()), ([4, 3], [1, 5]));
/// # Ok::<(), thalweg_optim::EvaluationError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared<T>(pub T);

/// By itself it counts as one sample.
impl<T: BatchSize> BatchSize for Shared<T> {
    fn batch_size(&self) -> usize {
        1
    }

    fn samples(&self) -> Result<Option<usize>, EvaluationError> {
        self.0.samples().map(|_| None)
    }

    fn is_all_finite(&self) -> Option<bool> {
        self.0.is_all_finite()
    }
}

impl<T: Divide + Clone> Divide for Shared<T> {
    fn divide(&self, parts: usize) -> Vec<Self> {
        vec![self.clone(); parts]
    }

    fn to_device(self, device: &Device) -> Self {
        Self(self.0.to_device(device))
    }
}
