//! Determinants and solutions of small systems, one a row of a batch.

use burn::tensor::Tensor;

use crate::numerics::zero_log_det;

/// `ln det A` of each matrix of `[batch, n, n]`, and the solutions of `A x = b`, `[batch, n]`, where a right side is given.
///
/// By elimination without an exchange of rows, for matrices whose symmetric part is positive definite, such as `I + J` with
/// a `J` of norm below 1: all their pivots are positive. Its operations are `O(n)`, each of the whole batch.
pub(crate) fn solved(
    matrices: Tensor<3>,
    right: Option<Tensor<2>>,
) -> (Tensor<1>, Option<Tensor<2>>) {
    let [batch, n, _] = matrices.dims();
    let solves = right.is_some();
    let mut rest = match right {
        Some(right) => Tensor::cat(vec![matrices, right.reshape([batch, n, 1])], 2),
        None => matrices,
    };
    let mut log_det = zero_log_det(&rest);
    // Of each step the first row, divided by the pivot.
    let mut rows: Vec<Tensor<3>> = vec![];
    for left in (0..n).rev() {
        let width = rest.dims()[2] - 1;
        let pivot = rest.clone().slice([0..batch, 0..1, 0..1]);
        log_det = log_det + pivot.clone().log().reshape([batch]);
        if width == 0 {
            break;
        }
        let row = rest.clone().slice([0..batch, 0..1, 1..width + 1]) / pivot;
        if left > 0 {
            let column = rest.clone().slice([0..batch, 1..left + 1, 0..1]);
            let below = rest.slice([0..batch, 1..left + 1, 1..width + 1]);
            rest = below - column * row.clone();
        }
        rows.push(row);
    }
    if !solves {
        return (log_det, None);
    }
    // Of the last unknown `x = r`, of each before it `x = r − Σ aₖ xₖ`.
    let mut found: Option<Tensor<2>> = None;
    for row in rows.into_iter().rev() {
        let known = row.dims()[2] - 1;
        let right: Tensor<2> = row
            .clone()
            .slice([0..batch, 0..1, known..known + 1])
            .reshape([batch, 1]);
        found = Some(match found {
            None => right,
            Some(found) => {
                let factors: Tensor<2> = row
                    .slice([0..batch, 0..1, 0..known])
                    .reshape([batch, known]);
                let first = right - (factors * found.clone()).sum_dim(1);
                Tensor::cat(vec![first, found], 1)
            }
        });
    }
    (log_det, found)
}
