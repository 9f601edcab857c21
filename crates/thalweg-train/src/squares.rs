//! Sums of squares of gradients.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{DType, Tensor};

use thalweg_kernels::Norm;

/// The sum of squares of each gradient there is, shape `[1]`, in the order of a visit; on the device
/// of the first.
pub(crate) fn squares<M: Module>(model: &M, grads: &GradientsParams) -> Vec<Tensor<1>> {
    let mut visitor = Squares {
        grads,
        squares: Vec::new(),
    };
    model.visit(&mut visitor);
    visitor.squares
}

/// The layer of each of them: the path of the module that holds the parameter.
pub(crate) fn layers<M: Module>(model: &M, grads: &GradientsParams) -> Vec<String> {
    let mut visitor = Layers {
        grads,
        path: Vec::new(),
        layers: Vec::new(),
    };
    model.visit(&mut visitor);
    visitor.layers
}

/// `‖g‖²` in 64 bits, where a square of any f32 is finite, if the device has them.
fn square(gradient: Tensor<1>) -> Tensor<1> {
    let device = gradient.device();
    match Norm::of(&[gradient]) {
        Norm::Known(norm) => Tensor::from_data([norm * norm], (&device, DType::F64)),
        Norm::Asked { largest, root } => match device.supports_dtype(DType::F64) {
            true => (largest.cast(DType::F64) * root.cast(DType::F64)).square(),
            false => (largest * root).square(),
        },
    }
}

struct Squares<'a> {
    grads: &'a GradientsParams,
    squares: Vec<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(grad) = self.grads.get::<D>(param.id) else {
            return;
        };
        let square = square(grad.reshape([-1]));
        self.squares.push(match self.squares.first() {
            None => square,
            Some(first) => square.to_device(&first.device()).cast(first.dtype()),
        });
    }
}

struct Layers<'a> {
    grads: &'a GradientsParams,
    path: Vec<String>,
    layers: Vec<String>,
}

impl ModuleVisitor for Layers<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.grads.get::<D>(param.id).is_some() {
            // The last name is the parameter's own; at the root it has no other.
            let layer = match self.path.as_slice() {
                [module @ .., _] if !module.is_empty() => module,
                path => path,
            };
            self.layers.push(layer.join("."));
        }
    }
}
