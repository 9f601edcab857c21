//! Batches without rows.
//!
//! Backends disagree about tensors without elements: some of their operations panic, some divide by
//! their size. So no layer sees one. What a flow makes of an empty batch is what it makes of one row of
//! zeros, without the row.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

use crate::reversible::TensorMap;
use crate::{Placement, Variable};

/// How many rows a batch has.
pub fn rows<V: Variable>(batch: &V) -> usize {
    struct Count(usize);
    impl TensorMap for Count {
        fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
            self.0 = tensor.dims()[0];
            tensor
        }
    }
    let mut count = Count(0);
    batch.clone().map(&mut count);
    count.0
}

/// One row of zeros of a batch's shape.
pub fn one_row<V: Variable>(batch: V) -> V {
    batch.map(&mut Zeros(1))
}

/// A batch of the same shape without rows.
pub fn no_rows<V: Variable>(batch: V) -> V {
    batch.map(&mut Zeros(0))
}

struct Zeros(usize);

impl TensorMap for Zeros {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let mut shape = tensor.dims();
        shape[0] = self.0;
        Tensor::zeros(shape, (&tensor.device(), tensor.dtype()))
    }
}

/// The number 0, `[1]`, whose gradient is 0 in each parameter of a module that trains: the loss of a batch
/// without rows.
pub fn zero_of<M: Module>(module: &M) -> Tensor<1> {
    let Placement { device, dtype } = Placement::of(module);
    struct Sum(Tensor<1>);
    impl ModuleVisitor for Sum {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad() {
                let zero = param.val().sum().mul_scalar(0.0);
                self.0 = self.0.clone() + zero.cast(self.0.dtype());
            }
        }
    }
    let mut sum = Sum(Tensor::zeros([1], (&device, dtype)));
    module.visit(&mut sum);
    sum.0
}
