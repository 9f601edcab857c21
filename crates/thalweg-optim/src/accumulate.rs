//! A large batch, some of its rows at a time.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use thalweg_train::{Evaluation, EvaluationError, Loss};

/// The objective of a large batch from those of its parts: the mean of their losses and gradients,
/// weighted by their sizes, as the whole batch at once would give.
///
/// So memory holds the graph of one part at a time, and every minimizer, also one of several
/// gradients a step, works on batches that do not fit. Exact, except where a layer looks across
/// the batch, as batch normalization does.
///
/// ```
/// use burn::module::{Module, Param};
/// use burn::tensor::{Device, Tensor};
/// use thalweg_optim::{Descent, accumulate, field::Gradient};
/// use thalweg_train::{Evaluation, Minimizer};
///
/// #[derive(Module, Debug)]
/// struct Mean {
///     guess: Param<Tensor<1>>,
/// }
/// let device = Device::default().autodiff();
/// let model = Mean { guess: Param::from_tensor(Tensor::zeros([1], &device)) };
/// let parts = [vec![1.0, 2.0, 3.0], vec![10.0]];
/// let mut objective = |model: &Mean| {
///     accumulate(model, parts.iter().map(|part| (part.len(), part)), |model, part| {
///         let x = Tensor::<1>::from_floats(part.as_slice(), &device);
///         (model.guess.val() - x).square().mean()
///     })
/// };
/// let (model, _) = Descent::euler(Gradient).step(0.5, model, &mut objective);
/// assert_eq!(model.guess.val().into_scalar::<f32>(), 4.0); // the mean of all four
/// ```
///
/// # Errors
///
/// What the evaluation of a part returns.
///
/// # Panics
///
/// Without a part, or when all are empty.
pub fn accumulate<M: Module, B>(
    model: &M,
    parts: impl IntoIterator<Item = (usize, B)>,
    mut loss: impl FnMut(&M, B) -> Tensor<1>,
) -> Result<Evaluation, EvaluationError> {
    let (mut total, mut sum): (usize, Option<(Tensor<1>, GradientsParams)>) = (0, None);
    for (size, part) in parts {
        let Evaluation { loss, grads } = Evaluation::new(loss(model, part), model)?;
        let loss = loss.tensor().clone().mul_scalar(size as f64);
        let mut grads = scaled(model, grads, size as f64);
        total += size;
        sum = Some(match sum {
            None => (loss, grads),
            Some((so_far, mut before)) => {
                grads = added(model, grads, &mut before);
                (so_far + loss, grads)
            }
        });
    }
    let (loss, grads) = sum.expect("a batch has at least one part");
    assert!(total > 0, "every part of the batch is empty");
    let share = (total as f64).recip();
    Ok(Evaluation {
        loss: Loss::new(loss.mul_scalar(share).autodiff()),
        grads: scaled(model, grads, share),
    })
}

fn scaled<M: Module>(model: &M, mut grads: GradientsParams, factor: f64) -> GradientsParams {
    struct Scale<'a>(&'a mut GradientsParams, f64);
    impl ModuleVisitor for Scale<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.0.remove::<D>(param.id) {
                self.0.register(param.id, gradient.mul_scalar(self.1));
            }
        }
    }
    model.visit(&mut Scale(&mut grads, factor));
    grads
}

/// `grads + before`, taking `before` apart.
fn added<M: Module>(
    model: &M,
    mut grads: GradientsParams,
    before: &mut GradientsParams,
) -> GradientsParams {
    struct Sum<'a>(&'a mut GradientsParams, &'a mut GradientsParams);
    impl ModuleVisitor for Sum<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let (new, old) = (self.0.remove::<D>(param.id), self.1.remove::<D>(param.id));
            let sum = match (new, old) {
                (Some(new), Some(old)) => new + old,
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => return,
            };
            self.0.register(param.id, sum);
        }
    }
    model.visit(&mut Sum(&mut grads, before));
    grads
}
