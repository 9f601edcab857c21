//! Samples, variable after variable.

use burn::tensor::Tensor;
use thalweg_flow::MaskedMlp;

use super::layout::{in_order, log_softmax};

/// The codes, `[batch, variables]`, at uniform numbers in `[0, 1)` of the same shape, and their log-probability:
/// each variable by the inverse of its distribution function, given those before it.
pub(super) fn draw(
    network: &MaskedMlp,
    context: Option<Tensor<2>>,
    uniform: &Tensor<2>,
) -> (Tensor<2>, Tensor<1>) {
    let ([rows, variables], order) = (uniform.dims(), network.degrees().order());
    let mut codes = Vec::with_capacity(variables);
    let mut log_prob = Tensor::zeros([rows], (&uniform.device(), uniform.dtype()));
    network.unroll(rows, context, &mut |place, logits| {
        let u = uniform.clone().narrow(1, order[place], 1);
        let (code, one_hot) = pick(logits.clone(), u);
        codes.push(code);
        let each = log_softmax(logits.unsqueeze_dim(1), one_hot.clone().unsqueeze_dim(1));
        log_prob = log_prob.clone() + each.reshape([rows]);
        one_hot
    });
    (in_order(Tensor::cat(codes, 1), order), log_prob)
}

/// The level at `u`, `[batch, 1]`, of logits above that of the first level, which is 0: the number of levels
/// whose upper end of the distribution function is `u` or less. And its one-hot code.
fn pick(logits: Tensor<2>, u: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let ([rows, above], dtype) = (logits.dims(), logits.dtype());
    let most = logits.clone().max_dim(1).clamp_min(0.0);
    let first = most.clone().neg().exp();
    let weights = (logits - most).exp();
    let total = first.clone() + weights.clone().sum_dim(1);
    // The ends of all levels but the last: no rounding leads beyond that one.
    let ends = match above {
        1 => first,
        _ => {
            let before_last = weights.narrow(1, 0, above - 1).cumsum(1);
            Tensor::cat(vec![first.clone(), before_last + first], 1)
        }
    };
    let passed = (u * total).expand([rows, above]).greater_equal(ends);
    let passed = passed.float().cast(dtype);
    let code = passed.clone().sum_dim(1);
    // Levels up to the drawn one are passed, so that the next one is not.
    let next = match above {
        1 => return (code, passed),
        _ => passed.clone().narrow(1, 1, above - 1),
    };
    let last = passed.clone().narrow(1, above - 1, 1);
    let reached = passed.narrow(1, 0, above - 1) - next;
    (code, Tensor::cat(vec![reached, last], 1))
}
