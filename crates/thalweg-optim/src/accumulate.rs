//! A large batch, some of its rows at a time.

use crate::{Evaluation, EvaluationError};
use burn::module::Module;
use burn::tensor::Tensor;

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
/// use crate::{Evaluation, Minimizer};
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
    let parts: Vec<(usize, B)> = parts.into_iter().collect();
    let total: usize = parts.iter().map(|(size, _)| size).sum();
    assert!(total > 0, "every part of the batch is empty");
    let evaluated = parts.into_iter().map(|(size, part)| {
        let share = size as f64 / total as f64;
        Evaluation::new(loss(model, part).mul_scalar(share), model)
    });
    Evaluation::sum(model, evaluated)
}
