//! Changing the value of a parameter without changing what it is.

use burn::module::Param;
use burn::tensor::Tensor;

/// `param` with another value: still a leaf of the graph, still trainable if it was, on the device
/// and in the dtype of the new value.
///
/// Mapping a tracked tensor by itself would leave a node of the graph in the parameter's place,
/// which no optimizer finds.
pub fn with_value<const D: usize>(
    param: Param<Tensor<D>>,
    value: impl FnOnce(Tensor<D>) -> Tensor<D>,
) -> Param<Tensor<D>> {
    param.map(|old| {
        let (tracked, trainable) = (old.is_autodiff(), old.is_require_grad());
        let plain = |tensor: Tensor<D>| {
            if tensor.is_autodiff() {
                tensor.inner()
            } else {
                tensor
            }
        };
        let new = plain(value(plain(old)));
        if !tracked {
            return new;
        }
        let new = new.autodiff();
        if trainable { new.require_grad() } else { new }
    })
}
