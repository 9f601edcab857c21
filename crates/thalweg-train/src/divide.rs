use burn::tensor::kind::Basic;
use burn::tensor::{Device, Tensor};

use crate::batch::samples_to_train;
use crate::{BatchSize, Shared};
use thalweg_optim::EvaluationError;

/// A batch that can be given to several workers.
///
/// Implemented for tensors (along the first dimension), vectors, [`Shared`] members, and tuples of
/// those.
///
/// ```
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_train::{BatchSize, Divide};
/// let batch = Tensor::<2>::zeros([7, 3], &Device::default());
/// let sizes: Vec<usize> = batch.divide(3).iter().map(BatchSize::batch_size).collect();
/// assert_eq!(sizes, [3, 2, 2]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be divided between workers",
    note = "`Workers` and `Accumulate` divide tensors, vectors and tuples of them; a loss without \
            data (`Data::steps`, batches `()`) has nothing to divide: use `fit`"
)]
pub trait Divide: BatchSize + Sized {
    /// Parts of the batch in order: `parts` of them, or one a sample where there are fewer samples.
    /// Their sizes differ by one at most. A batch without samples is one part.
    ///
    /// # Panics
    /// If the members of a tuple have [different numbers](BatchSize::samples) of samples.
    fn divide(&self, parts: usize) -> Vec<Self>;

    /// The batch on a device. By default it stays as it is, which suits data of the host.
    fn to_device(self, device: &Device) -> Self {
        let _ = device;
        self
    }
}

/// Parts of a batch to train on that hold each sample once, and each at least one.
///
/// # Errors
/// Those of [`samples_to_train`], [`EvaluationError::LostSamples`] and
/// [`EvaluationError::TooManyParts`].
pub(crate) fn divided<B: Divide>(batch: &B, wanted: usize) -> Result<Vec<B>, EvaluationError> {
    let whole = samples_to_train(batch)?;
    let wanted = wanted.min(whole);
    let (mut parts, mut found) = (batch.divide(wanted), 0);
    for part in &parts {
        found += part.samples()?.unwrap_or(1);
    }
    if found != whole {
        return Err(EvaluationError::LostSamples { whole, found });
    }
    parts.retain(|part| part.batch_size() > 0);
    match parts.len() {
        found if found > wanted => Err(EvaluationError::TooManyParts { wanted, found }),
        _ => Ok(parts),
    }
}

/// Where each of `parts` begins among `count` samples, and how many it has.
fn ranges(count: usize, parts: usize) -> impl Iterator<Item = (usize, usize)> {
    let parts = count_of(count, parts);
    let (size, longer) = (count / parts, count % parts);
    (0..parts).map(move |part| {
        (
            part * size + part.min(longer),
            size + usize::from(part < longer),
        )
    })
}

/// How many parts there are.
fn count_of(samples: usize, parts: usize) -> usize {
    parts.clamp(1, samples.max(1))
}

impl<const D: usize, K: Basic> Divide for Tensor<D, K> {
    fn divide(&self, parts: usize) -> Vec<Self> {
        let samples = self.batch_size();
        if samples == 0 {
            return vec![self.clone()]; // which Burn does not narrow
        }
        ranges(samples, parts)
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

impl<T: Divide + Clone> Divide for Shared<T> {
    fn divide(&self, parts: usize) -> Vec<Self> {
        vec![self.clone(); parts]
    }

    fn to_device(self, device: &Device) -> Self {
        Self(self.0.to_device(device))
    }
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Divide),*> Divide for ($($name,)*) {
            fn divide(&self, parts: usize) -> Vec<Self> {
                let samples = match self.samples() {
                    Ok(samples) => samples.unwrap_or(1),
                    Err(error) => panic!("{error}"),
                };
                let count = count_of(samples, parts);
                #[allow(non_snake_case)] // each member is named after its type
                let ($($name,)*) = self;
                $(
                    #[allow(non_snake_case)]
                    let mut $name = $name.divide(count).into_iter();
                )*
                std::iter::from_fn(|| Some(($($name.next()?,)*))).collect()
            }

            fn to_device(self, device: &Device) -> Self {
                #[allow(non_snake_case)] // each member is named after its type
                let ($($name,)*) = self;
                ($($name.to_device(device),)*)
            }
        }
    };
}
tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
