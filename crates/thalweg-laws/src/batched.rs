//! Batches with selectable rows.

use burn::tensor::kind::Basic;
use burn::tensor::{Int, Tensor, TensorData};
use thalweg_flow::Latents;

/// A value with one row a sample: the batch is the first axis of each of its tensors.
///
/// Implemented for tensors of every rank and kind, for [`Latents`], for tuples and vectors of them, and
/// for `()`, the empty context.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_laws::Batched;
///
/// let x = Tensor::<2>::from_floats([[1.0, 2.0], [3.0, 4.0]], &Device::default());
/// assert_eq!(x.batch_size(), Some(2));
/// assert_eq!(x.select_rows(&[1, 1, 0]).dims(), [3, 2]);
/// ```
pub trait Batched: Clone {
    /// The number of rows; `None` for a value without any, such as `()`.
    fn batch_size(&self) -> Option<usize>;

    /// The rows with these indices, in this order, repetitions included.
    fn select_rows(&self, rows: &[usize]) -> Self;
}

impl Batched for () {
    fn batch_size(&self) -> Option<usize> {
        None
    }

    fn select_rows(&self, _rows: &[usize]) -> Self {}
}

impl<const D: usize, K: Basic> Batched for Tensor<D, K> {
    fn batch_size(&self) -> Option<usize> {
        self.dims().first().copied()
    }

    fn select_rows(&self, rows: &[usize]) -> Self {
        if rows.is_empty() {
            let mut shape = self.dims();
            shape[0] = 0;
            return Tensor::empty(shape, (&self.device(), self.dtype()));
        }
        let rows: Vec<i64> = rows.iter().map(|r| *r as i64).collect();
        let rows = TensorData::new(rows.clone(), [rows.len()]);
        let rows = Tensor::<1, Int>::from_data(rows, &self.device().without_autodiff());
        self.clone().select(0, rows)
    }
}

impl<T: Batched> Batched for Vec<T> {
    fn batch_size(&self) -> Option<usize> {
        self.iter().find_map(T::batch_size)
    }

    fn select_rows(&self, rows: &[usize]) -> Self {
        self.iter().map(|part| part.select_rows(rows)).collect()
    }
}

impl Batched for Latents {
    fn batch_size(&self) -> Option<usize> {
        Some(Latents::batch_size(self))
    }

    fn select_rows(&self, rows: &[usize]) -> Self {
        self.clone().map(|_, scale| scale.select_rows(rows))
    }
}

macro_rules! tuple {
    ($($part:ident $index:tt),+) => {
        impl<$($part: Batched),+> Batched for ($($part,)+) {
            fn batch_size(&self) -> Option<usize> {
                None$(.or_else(|| self.$index.batch_size()))+
            }

            fn select_rows(&self, rows: &[usize]) -> Self {
                ($(self.$index.select_rows(rows),)+)
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
