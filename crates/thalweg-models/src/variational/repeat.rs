//! Several samples of each row at once.

use burn::tensor::{Int, Tensor};

/// Rows, or a condition on them, that can stand in a batch several times.
pub trait Repeat {
    /// The whole batch, so many times, one after the other.
    fn repeat_rows(&self, times: usize) -> Self;
}

impl Repeat for () {
    fn repeat_rows(&self, _: usize) -> Self {}
}

impl<const D: usize> Repeat for Tensor<D> {
    fn repeat_rows(&self, times: usize) -> Self {
        self.clone().repeat_dim(0, times)
    }
}

impl<const D: usize> Repeat for Tensor<D, Int> {
    fn repeat_rows(&self, times: usize) -> Self {
        self.clone().repeat_dim(0, times)
    }
}
