use burn::tensor::Tensor;
use burn::tensor::kind::Basic;

/// The number of samples in a batch: the weight of its loss in a mean over batches.
///
/// Implemented for tensors (the first dimension), and for vectors, references and tuples.
/// A tuple counts as its first member, since all members describe the same samples.
///
/// ```
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_train::BatchSize;
/// let images = Tensor::<4>::zeros([12, 3, 8, 8], &Device::default());
/// assert_eq!(images.batch_size(), 12);
/// ```
pub trait BatchSize {
    /// How many samples there are.
    fn batch_size(&self) -> usize;

    /// Whether all numbers are finite, to find out where a loss came from that is not; `None`, the
    /// default, where nobody knows. Reads from the device.
    fn is_all_finite(&self) -> Option<bool> {
        None
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

    fn is_all_finite(&self) -> Option<bool> {
        (**self).is_all_finite()
    }
}

macro_rules! first_member {
    ($($rest:ident)*) => {
        impl<A: BatchSize, $($rest: BatchSize),*> BatchSize for (A, $($rest,)*) {
            fn batch_size(&self) -> usize {
                self.0.batch_size()
            }

            fn is_all_finite(&self) -> Option<bool> {
                #[allow(non_snake_case)] // each member is named after its type
                let (A, $($rest,)*) = self;
                let members = [A.is_all_finite(), $($rest.is_all_finite(),)*];
                match members.contains(&Some(false)) {
                    true => Some(false),
                    false => members.into_iter().find(Option::is_none).unwrap_or(Some(true)),
                }
            }
        }
    };
}
first_member!();
first_member!(B);
first_member!(B C);
first_member!(B C D);
