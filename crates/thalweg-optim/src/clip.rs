//! Clipping by the global norm: a gradient times `min(1, c/‖g‖)`, the Euclidean norm over all
//! parameters together.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Bool, Tensor};
use thalweg_kernels::{Norm, scale_to};

use crate::finite::{gradient_error, vectors};
use crate::{EvaluationError, Field, Loss, Parameters, Point, StateError};

/// The factor `min(1, c/‖g‖)`.
#[allow(clippy::large_enum_variant)] // there is one at a time
enum Clip {
    None,
    /// c and ‖g‖.
    Known(f64, f64),
    /// A divisor and a factor, so that neither overflows.
    Asked(Tensor<1>, Tensor<1>),
}

impl Clip {
    fn to(largest: f64, norm: Norm) -> Self {
        match norm {
            Norm::Known(norm) if norm <= largest => Self::None,
            Norm::Known(norm) => Self::Known(largest, norm),
            Norm::Asked {
                largest: number,
                root,
            } => {
                // ‖g‖ > c without the product, which can overflow.
                let above = root
                    .clone()
                    .greater(number.clone().recip().mul_scalar(largest));
                let one = root.ones_like();
                let pick = |above: &Tensor<1, Bool>, x: Tensor<1>| {
                    one.clone().mask_where(above.clone(), x)
                };
                let rest = root.recip().mul_scalar(largest);
                Self::Asked(pick(&above, number), pick(&above, rest))
            }
        }
    }

    fn apply<const D: usize>(&self, gradient: Tensor<D>) -> Tensor<D> {
        match self {
            Self::None => gradient,
            Self::Known(largest, norm) => scale_to(gradient, *largest, *norm),
            Self::Asked(divisor, factor) => {
                let like = |x: &Tensor<1>| {
                    let x = x.clone().to_device(&gradient.device());
                    x.reshape([1; D])
                };
                let dtype = gradient.dtype();
                let (divisor, factor) = (like(divisor), like(factor));
                let wide = gradient.cast(divisor.dtype());
                (wide / divisor * factor).cast(dtype)
            }
        }
    }
}

/// Clips all gradients of a model by their global norm.
///
/// A known norm that is not finite is an error. Where the host does not wait for the device, such
/// numbers stay infinite or become NaN, and show when the loss is read.
pub(crate) fn clip_global_norm<M: Module>(
    model: &M,
    loss: &mut Loss,
    mut grads: GradientsParams,
    largest: f64,
) -> Result<GradientsParams, EvaluationError> {
    struct Apply<'a>(Clip, &'a mut GradientsParams);
    impl ModuleVisitor for Apply<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(grad) = self.1.remove::<D>(param.id) {
                self.1.register(param.id, self.0.apply(grad));
            }
        }
    }
    let clip = match Norm::of(&vectors(model, &grads)) {
        Norm::Known(norm) if !norm.is_finite() => {
            return Err(gradient_error(model, &grads, false, norm, loss));
        }
        norm => Clip::to(largest, norm),
    };
    if !matches!(clip, Clip::None) {
        model.visit(&mut Apply(clip, &mut grads));
    }
    Ok(grads)
}

/// A field that sees `∇L · min(1, c/‖∇L‖)`, with the norm over all parameters.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::field::{ClipNorm, Gradient};
/// use thalweg_optim::{Descent, Evaluation, Minimizer};
///
/// // A model of one number x = 1, with the loss x²/2 and so the gradient 1.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 0.5, model);
/// let mut method = Descent::euler(ClipNorm::new(Gradient, 0.5));
/// let (model, _) = method.step(0.1, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.95).abs() < 1e-6);
/// ```
///
/// # References
///
/// Pascanu, Mikolov, Bengio: *On the difficulty of training recurrent neural networks*, 2013,
/// algorithm 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipNorm<F> {
    field: F,
    largest: f64,
}

impl<F: Field> ClipNorm<F> {
    /// A field that sees gradients of at most this norm.
    ///
    /// # Panics
    ///
    /// Unless the norm is a positive number.
    pub fn new(field: F, largest: f64) -> Self {
        assert!(
            largest > 0.0,
            "the largest gradient norm must be positive, got {largest}"
        );
        Self { field, largest }
    }
}

impl<F: Field> Field for ClipNorm<F> {
    type Memory = F::Memory;

    fn direction(
        &self,
        memory: &F::Memory,
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, F::Memory), EvaluationError> {
        let clip = Clip::to(self.largest, Norm::Known(point.norm));
        let norm = point.norm.min(self.largest);
        let gradient = gradient.map(|part| clip.apply(part));
        self.field
            .direction(memory, Point { norm, ..point }, gradient)
    }

    fn name(&self) -> String {
        self.field.name()
    }

    /// The squares of numbers up to the largest norm are finite in every type but f16.
    fn squares(&self) -> bool {
        self.field.squares() && self.largest > 1e15
    }

    fn check_memory(&self, memory: &F::Memory, theta: &Parameters) -> Result<(), StateError> {
        self.field.check_memory(memory, theta)
    }
}
