//! Triangular products and solutions as operations of tensors.

use burn::tensor::Tensor;

use super::Plu;
use crate::Direction;
use crate::numerics::{HEADROOM, saturate};

/// Rows of a block whose inverse is formed. Solutions by it are as exact as by substitution where a block's inverse is
/// not much larger than the block; and each block takes some operations, which a device has to start.
const BLOCK: usize = 32;

/// The same in operations of tensors.
#[doc(hidden)]
pub fn chain(direction: Direction, factors: &Plu, x: Tensor<2>) -> Tensor<2> {
    let headroom = f64::from(HEADROOM);
    let x = x.div_scalar(headroom);
    let order = factors.order.clone();
    let lower = factors.lower.clone().tril(-1);
    let upper = factors.upper.clone().triu(1);
    let diagonal = factors.diagonal.clone().unsqueeze::<2>();
    let y = match direction {
        Direction::Forward => {
            let x = x.clone().matmul(upper.transpose()) + x * diagonal;
            let x = x.clone().matmul(lower.transpose()) + x;
            x.select(1, order)
        }
        Direction::Inverse => {
            let x = x.select(1, order.argsort(0));
            let x = solve_lower(lower, x) / diagonal.clone();
            // In the reverse order of rows and columns it is a lower triangle with ones on the diagonal.
            let unit = (upper / diagonal.transpose()).flip([0, 1]);
            solve_lower(unit, x.flip([1])).flip([1])
        }
    };
    saturate(y.mul_scalar(headroom))
}

/// `(I + N)⁻¹ x` of each row `x`, where `N` has numbers below the diagonal only: block after block.
fn solve_lower(below: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
    let [batch, features] = x.dims();
    let count = features.div_ceil(BLOCK);
    let padding = count * BLOCK - features;
    let below = below.pad((0, padding, 0, padding), 0.0);
    let inverses = inverses_of_blocks(&below, count);
    let x = x.pad((0, padding, 0, 0), 0.0);
    let mut solved: Option<Tensor<2>> = None;
    for index in 0..count {
        let start = index * BLOCK;
        let mut block = x.clone().narrow(1, start, BLOCK);
        if let Some(solved) = &solved {
            let row = below.clone().narrow(0, start, BLOCK).narrow(1, 0, start);
            block = block - solved.clone().matmul(row.transpose());
        }
        let inverse = inverses.clone().narrow(0, index, 1);
        let block = block.matmul(inverse.reshape([BLOCK; 2]).transpose());
        solved = Some(match solved {
            None => block,
            Some(solved) => Tensor::cat(vec![solved, block], 1),
        });
    }
    match solved {
        None => x,
        Some(solved) => solved.slice([0..batch, 0..features]),
    }
}

/// The inverses of the blocks on the diagonal of `I + N`, `[count, BLOCK, BLOCK]`, row after row.
fn inverses_of_blocks(below: &Tensor<2>, count: usize) -> Tensor<3> {
    let blocks = (0..count).map(|index| {
        let start = index * BLOCK;
        let rows = below.clone().narrow(0, start, BLOCK);
        rows.narrow(1, start, BLOCK).unsqueeze::<3>()
    });
    let blocks: Tensor<3> = Tensor::cat(blocks.collect(), 0);
    let eye = Tensor::<2>::eye(BLOCK, &below.device().without_autodiff());
    let eye = eye.cast(below.dtype()).unsqueeze::<3>();
    let unit = |row: usize| eye.clone().narrow(1, row, 1).repeat_dim(0, count);
    let mut inverse = unit(0);
    for row in 1..BLOCK {
        let factors = blocks.clone().narrow(1, row, 1).narrow(2, 0, row);
        let next = unit(row) - factors.matmul(inverse.clone());
        inverse = Tensor::cat(vec![inverse, next], 1);
    }
    inverse
}
