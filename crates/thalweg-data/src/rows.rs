//! Data that can be split into batches.

use burn::tensor::{Device, Int, Tensor};

/// Tensors whose first axis counts rows, alone or in pairs.
///
/// ```
/// use burn::tensor::Tensor;
/// use thalweg_data::Rows;
///
/// let device = Default::default();
/// let points = Tensor::<2>::from_data([[0.0, 1.0], [2.0, 3.0]], &device);
/// assert_eq!(points.row_count(), 2);
/// ```
pub trait Rows: Clone {
    /// The number of rows.
    fn row_count(&self) -> usize;

    /// The device of the rows.
    fn device(&self) -> Device;

    /// The rows with these numbers, in this order.
    fn select_rows(&self, rows: &Tensor<1, Int>) -> Self;

    /// The rows on another device.
    fn to_device(self, device: &Device) -> Self;
}

macro_rules! rows_of_tensor {
    ($kind:ty) => {
        impl<const D: usize> Rows for Tensor<D, $kind> {
            fn row_count(&self) -> usize {
                self.dims()[0]
            }

            fn device(&self) -> Device {
                Tensor::device(self)
            }

            fn select_rows(&self, rows: &Tensor<1, Int>) -> Self {
                self.clone().select(0, rows.clone())
            }

            fn to_device(self, device: &Device) -> Self {
                Tensor::to_device(self, device)
            }
        }
    };
}

rows_of_tensor!(burn::tensor::Float);
rows_of_tensor!(Int);

/// # Panics
///
/// `row_count` panics if the two have different numbers of rows.
impl<A: Rows, B: Rows> Rows for (A, B) {
    fn row_count(&self) -> usize {
        let (first, second) = (self.0.row_count(), self.1.row_count());
        assert_eq!(
            first, second,
            "the tensors of a pair need the same number of rows, got {first} and {second}"
        );
        first
    }

    fn device(&self) -> Device {
        self.0.device()
    }

    fn select_rows(&self, rows: &Tensor<1, Int>) -> Self {
        (self.0.select_rows(rows), self.1.select_rows(rows))
    }

    fn to_device(self, device: &Device) -> Self {
        (self.0.to_device(device), self.1.to_device(device))
    }
}
