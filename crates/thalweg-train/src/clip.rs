use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::squares::squares;

/// Scales all gradients by one factor min(1, c/‖g‖), where ‖g‖ is the Euclidean norm over all
/// parameters together.
///
/// Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks",
/// 2013.
pub(crate) fn clip_global_norm<M: Module>(
    model: &M,
    mut grads: GradientsParams,
    max_norm: f64,
) -> GradientsParams {
    let Some(total) = squares(model, &grads).into_iter().reduce(|a, b| a + b) else {
        return grads;
    };
    // A zero norm gives an infinite ratio, which the bound of 1 catches.
    let factor = (total.sqrt().recip() * max_norm).clamp_max(1.0);
    model.visit(&mut Scale {
        grads: &mut grads,
        factor,
    });
    grads
}

struct Scale<'a> {
    grads: &'a mut GradientsParams,
    factor: Tensor<1>,
}

impl ModuleVisitor for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(grad) = self.grads.remove::<D>(param.id) else {
            return;
        };
        let factor = self.factor.clone().to_device(&grad.device());
        let factor = factor.cast(grad.dtype()).reshape([1; D]);
        self.grads.register(param.id, grad * factor);
    }
}
