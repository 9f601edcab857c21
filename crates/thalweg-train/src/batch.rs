use burn::tensor::Tensor;
use burn::tensor::kind::Basic;

use thalweg_optim::EvaluationError;

/// The number of samples in a batch: the weight of its loss in a mean over batches.
///
/// Implemented for tensors (the first dimension), vectors (the elements), references, tuples, and
/// for `()`, the batch of a [loss without data](crate::Data::steps), which counts as one sample. The
/// members of a tuple describe the same samples, so their numbers of samples are equal. A member that
/// all samples share is wrapped in [`Shared`].
///
/// ```
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_train::BatchSize;
/// let images = Tensor::<4>::zeros([12, 3, 8, 8], &Device::default());
/// assert_eq!(images.batch_size(), 12);
///
/// let too_few = Tensor::<2>::zeros([6, 10], &Device::default());
/// let error = (images, too_few).samples().unwrap_err();
/// assert!(error.to_string().contains("member 0 has 12, member 1 has 6"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no batch: it does not say how many samples it has",
    note = "implement `BatchSize` for it, or use tensors, vectors and tuples of them"
)]
pub trait BatchSize {
    /// How many samples there are.
    fn batch_size(&self) -> usize;

    /// The number of samples on which all members agree, `None` where all of them are
    /// [shared](crate::Shared). A type that has members checks them here; by default there is
    /// nothing to check.
    ///
    /// # Errors
    /// [`EvaluationError::UnequalBatch`].
    fn samples(&self) -> Result<Option<usize>, EvaluationError> {
        Ok(Some(self.batch_size()))
    }

    /// Whether all numbers are finite, to find out where a loss came from that is not; `None`, the
    /// default, where nobody knows. Reads from the device.
    fn is_all_finite(&self) -> Option<bool> {
        None
    }
}

/// How many samples there are to train on.
///
/// # Errors
/// Those of [`BatchSize::samples`], and [`EvaluationError::EmptyBatch`].
pub(crate) fn samples_to_train<B: BatchSize>(batch: &B) -> Result<usize, EvaluationError> {
    match batch.samples()?.unwrap_or(1) {
        0 => Err(EvaluationError::EmptyBatch),
        samples => Ok(samples),
    }
}

impl BatchSize for () {
    fn batch_size(&self) -> usize {
        1
    }

    fn samples(&self) -> Result<Option<usize>, EvaluationError> {
        Ok(None)
    }

    fn is_all_finite(&self) -> Option<bool> {
        Some(true)
    }
}

impl<const D: usize, K: Basic> BatchSize for Tensor<D, K> {
    fn batch_size(&self) -> usize {
        self.dims().first().copied().unwrap_or(1)
    }

    fn is_all_finite(&self) -> Option<bool> {
        let data = self.try_to_data().ok()?;
        let finite = || data.iter::<f64>().all(f64::is_finite);
        Some(!data.dtype().is_float() || finite())
    }
}

impl<T> BatchSize for Vec<T> {
    fn batch_size(&self) -> usize {
        self.len()
    }
}

impl<B: BatchSize + ?Sized> BatchSize for &B {
    fn batch_size(&self) -> usize {
        (**self).batch_size()
    }

    fn samples(&self) -> Result<Option<usize>, EvaluationError> {
        (**self).samples()
    }

    fn is_all_finite(&self) -> Option<bool> {
        (**self).is_all_finite()
    }
}

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

/// The number of samples of all members of a tuple.
fn in_common(
    members: impl IntoIterator<Item = Result<Option<usize>, EvaluationError>>,
) -> Result<Option<usize>, EvaluationError> {
    let mut first: Option<(usize, usize)> = None;
    for (member, samples) in members.into_iter().enumerate() {
        match (first, samples?) {
            (None, Some(samples)) => first = Some((member, samples)),
            (Some((earlier, wanted)), Some(found)) if wanted != found => {
                return Err(EvaluationError::UnequalBatch {
                    members: [earlier, member],
                    samples: [wanted, found],
                });
            }
            _ => {}
        }
    }
    Ok(first.map(|(_, samples)| samples))
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: BatchSize),*> BatchSize for ($($name,)*) {
            /// That of the first member which is not shared.
            fn batch_size(&self) -> usize {
                match self.samples() {
                    Ok(samples) => samples.unwrap_or(1),
                    Err(EvaluationError::UnequalBatch { samples, .. }) => samples[0],
                    Err(_) => self.0.batch_size(),
                }
            }

            fn samples(&self) -> Result<Option<usize>, EvaluationError> {
                #[allow(non_snake_case)] // each member is named after its type
                let ($($name,)*) = self;
                in_common([$($name.samples()),*])
            }

            fn is_all_finite(&self) -> Option<bool> {
                #[allow(non_snake_case)] // each member is named after its type
                let ($($name,)*) = self;
                let members = [$($name.is_all_finite()),*];
                match members.contains(&Some(false)) {
                    true => Some(false),
                    false => members.into_iter().find(Option::is_none).unwrap_or(Some(true)),
                }
            }
        }
    };
}
tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
