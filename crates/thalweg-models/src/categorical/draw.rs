//! Samples, variable after variable.

use burn::tensor::Tensor;
use thalweg_flow::MaskedMlp;
use thalweg_flow::numerics::sigmoid;

use super::layout::{in_order, log_softmax};

/// The codes, `[batch, variables]`, at uniform numbers in `[0, 1)` of the same shape: each variable by the inverse
/// of its distribution function, given those before it.
pub(super) fn draw(
    network: &MaskedMlp,
    context: Option<Tensor<2>>,
    uniform: &Tensor<2>,
) -> Tensor<2> {
    walk(network, context, uniform, |_, _| {})
}

/// The same, and their log-probability, `[batch]`.
pub(super) fn draw_with_log_prob(
    network: &MaskedMlp,
    context: Option<Tensor<2>>,
    uniform: &Tensor<2>,
) -> (Tensor<2>, Tensor<1>) {
    let rows = uniform.dims()[0];
    let mut log_prob = Tensor::zeros([rows, 1], (&uniform.device(), uniform.dtype()));
    let codes = walk(network, context, uniform, |logits, one_hot| {
        let [logits, one_hot] = [logits, one_hot].map(|x| x.clone().unsqueeze_dim(1));
        log_prob = log_prob.clone() + log_softmax(logits, one_hot);
    });
    (codes, log_prob.reshape([rows]))
}

/// Shows `see` the logits and the one-hot code of each variable.
fn walk(
    network: &MaskedMlp,
    context: Option<Tensor<2>>,
    uniform: &Tensor<2>,
    mut see: impl FnMut(&Tensor<2>, &Tensor<2>),
) -> Tensor<2> {
    let ([rows, variables], order) = (uniform.dims(), network.degrees().order());
    let mut codes = Vec::with_capacity(variables);
    network.unroll(rows, context, &mut |place, logits| {
        let u = uniform.clone().narrow(1, order[place], 1);
        let (code, one_hot) = pick(logits.clone(), u);
        see(&logits, &one_hot);
        codes.push(code);
        one_hot
    });
    in_order(Tensor::cat(codes, 1), order)
}

/// The level at `u`, `[batch, 1]`, of logits above that of the first level, which is 0: the number of levels
/// whose upper end of the distribution function is `u` or less. And its one-hot code.
fn pick(logits: Tensor<2>, u: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let ([rows, above], dtype) = (logits.dims(), logits.dtype());
    if above == 1 {
        let is_second = u.greater_equal(sigmoid(logits.neg()));
        let code = is_second.float().cast(dtype);
        return (code.clone(), code);
    }
    let most = logits.clone().max_dim(1).clamp_min(0.0);
    let first = most.clone().neg().exp();
    let weights = (logits - most).exp();
    let total = first.clone() + weights.clone().sum_dim(1);
    // The ends of all levels but the last: no rounding leads beyond that one.
    let before_last = weights.narrow(1, 0, above - 1).cumsum(1);
    let ends = Tensor::cat(vec![first.clone(), before_last + first], 1);
    let passed = (u * total).expand([rows, above]).greater_equal(ends);
    let passed = passed.float().cast(dtype);
    let code = passed.clone().sum_dim(1);
    // The ends are passed in their order: the level reached is the last one passed.
    let next = passed.clone().narrow(1, 1, above - 1);
    let last = passed.clone().narrow(1, above - 1, 1);
    let reached = passed.narrow(1, 0, above - 1) - next;
    (code, Tensor::cat(vec![reached, last], 1))
}
