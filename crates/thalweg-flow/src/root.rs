//! Roots of increasing functions, one a sample, with their gradients.

use burn::tensor::{DType, Tensor};

/// The `x` in `[low, high]` with `f(x) = target`, for an `f` that increases there, given as value
/// and slope.
///
/// Halves the bracket until it holds one number, which cannot fail as Newton's method can; then
/// one step of that, through which the gradient flows: by the implicit function theorem
/// `dx = (d target − ∂f) / f′`, exact at the root.
pub(crate) fn increasing_root(
    f: impl Fn(Tensor<1>) -> (Tensor<1>, Tensor<1>),
    target: Tensor<1>,
    low: Tensor<1>,
    high: Tensor<1>,
) -> Tensor<1> {
    let halvings = match target.dtype() {
        DType::F64 => 60,
        _ => 30,
    };
    let (mut low, mut high) = (low.detach(), high.detach());
    for _ in 0..halvings {
        let middle = between(low.clone(), high.clone());
        let (value, _) = f(middle.clone());
        let above = value.detach().greater(target.clone().detach());
        low = middle.clone().mask_where(above.clone(), low);
        high = high.mask_where(above, middle);
    }
    let root = between(low, high);
    let (value, slope) = f(root.clone());
    root + (target - value) * slope.detach().recip()
}

/// The middle of two numbers, whose sum may be too large for one.
fn between(low: Tensor<1>, high: Tensor<1>) -> Tensor<1> {
    low.mul_scalar(0.5) + high.mul_scalar(0.5)
}
