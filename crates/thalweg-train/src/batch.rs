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
}

impl<const D: usize, K: Basic> BatchSize for Tensor<D, K> {
    fn batch_size(&self) -> usize {
        self.dims().first().copied().unwrap_or(1)
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
}

macro_rules! first_member {
    ($($rest:ident)*) => {
        impl<A: BatchSize, $($rest),*> BatchSize for (A, $($rest,)*) {
            fn batch_size(&self) -> usize {
                self.0.batch_size()
            }
        }
    };
}
first_member!();
first_member!(B);
first_member!(B C);
first_member!(B C D);
