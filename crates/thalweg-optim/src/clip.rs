use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Bool, Tensor};

use thalweg_kernels::{Norm, scale_to};

use crate::finite::bad_gradient;
use crate::{EvaluationError, Loss};

/// Scales all gradients by one factor min(1, c/‖g‖), where ‖g‖ is the Euclidean norm over all
/// parameters together.
///
/// Where the norm is known without waiting, one that is not finite is an error; elsewhere the numbers
/// that it belongs to stay infinite or become NaN, and show when the loss is read.
///
/// Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks",
/// 2013.
pub(crate) fn clip_global_norm<M: Module>(
    model: &M,
    loss: &mut Loss,
    mut grads: GradientsParams,
    max_norm: f64,
) -> Result<GradientsParams, EvaluationError> {
    let mut all = Vectors {
        grads: &grads,
        vectors: vec![],
    };
    model.visit(&mut all);
    let factor = match Norm::of(&all.vectors) {
        Norm::Known(norm) if norm <= max_norm => return Ok(grads),
        Norm::Known(norm) if norm.is_finite() => Factor::Known(max_norm, norm),
        Norm::Known(norm) => {
            let found = bad_gradient(model, &grads, false);
            let (parameter, value) = found.unwrap_or(("all together".into(), norm));
            let loss = loss.read()?;
            return Err(EvaluationError::NonFiniteGradient {
                parameter,
                value,
                loss,
            });
        }
        Norm::Asked { largest, root } => {
            // ‖g‖ > c without the product, which can overflow.
            let above = root
                .clone()
                .greater(largest.clone().recip().mul_scalar(max_norm));
            let one = root.ones_like();
            let pick =
                |above: &Tensor<1, Bool>, x: Tensor<1>| one.clone().mask_where(above.clone(), x);
            let rest = root.recip().mul_scalar(max_norm);
            Factor::Asked(pick(&above, largest), pick(&above, rest))
        }
    };
    model.visit(&mut Scale {
        grads: &mut grads,
        factor,
    });
    Ok(grads)
}

/// What gradients are multiplied by.
#[allow(clippy::large_enum_variant)] // there is one at a time
enum Factor {
    /// c and ‖g‖.
    Known(f64, f64),
    /// They are divided by the first and multiplied by the second, so that neither overflows.
    Asked(Tensor<1>, Tensor<1>),
}

struct Vectors<'a> {
    grads: &'a GradientsParams,
    vectors: Vec<Tensor<1>>,
}

impl ModuleVisitor for Vectors<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.get::<D>(param.id) {
            self.vectors.push(grad.reshape([-1]));
        }
    }
}

struct Scale<'a> {
    grads: &'a mut GradientsParams,
    factor: Factor,
}

impl ModuleVisitor for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(grad) = self.grads.remove::<D>(param.id) else {
            return;
        };
        let scaled = match &self.factor {
            Factor::Known(length, norm) => scale_to(grad, *length, *norm),
            Factor::Asked(divisor, factor) => {
                let like = |x: &Tensor<1>| {
                    let x = x.clone().to_device(&grad.device());
                    x.reshape([1; D])
                };
                let dtype = grad.dtype();
                let (divisor, factor) = (like(divisor), like(factor));
                let wide = grad.cast(divisor.dtype());
                (wide / divisor * factor).cast(dtype)
            }
        };
        self.grads.register(param.id, scaled);
    }
}
