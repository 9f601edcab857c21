//! What densities of vectors are conditional on.

use burn::tensor::Tensor;
use thalweg_flow::Condition;
use thalweg_flow::compiled::CompiledContext;

/// The condition of a density of vectors: `()` for none, or vectors `[batch, context]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::vector::VectorContext;
///
/// let rows = Tensor::<2>::ones([5, 3], &Device::default());
/// let context: Tensor<2> = VectorContext::of(Some(&rows));
/// assert_eq!(context.dims(), [5, 3]);
/// let nothing: () = VectorContext::of(None);
/// # let _ = nothing;
/// ```
pub trait VectorContext: Condition + CompiledContext {
    /// The condition of rows, where a program finds out as it runs whether there is one.
    ///
    /// # Panics
    ///
    /// For rows where the model has no condition, and for none where it has one.
    fn of(rows: Option<&Tensor<2>>) -> Self;
}

impl VectorContext for () {
    fn of(rows: Option<&Tensor<2>>) -> Self {
        if let Some(rows) = rows {
            panic!(
                "a model without a condition, got one of shape {:?}",
                rows.dims()
            );
        }
    }
}

impl VectorContext for Tensor<2> {
    fn of(rows: Option<&Tensor<2>>) -> Self {
        let Some(rows) = rows else {
            panic!("a model with a condition of shape [batch, context], got none");
        };
        rows.clone()
    }
}
