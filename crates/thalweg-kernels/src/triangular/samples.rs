//! The map of some samples, and its backward pass, with the samples as columns.

use super::host::PluMap;
use super::packed::Packed;
use super::slab::{multiply_in_place, solve_in_place};
use crate::Direction;
use crate::host::transpose::transpose;
use crate::number::Number;
use crate::numerics::HEADROOM;
use crate::vectorized::vectorized;

/// The output of some samples; and for the backward pass, what lies between the factors.
pub(super) struct Done {
    pub(super) output: Vec<f32>,
    pub(super) between: Option<Vec<f32>>,
}

impl PluMap {
    /// The rows of `x`, row `i` of the result being row `order[i]`.
    fn ordered(&self, x: &[f32], columns: usize) -> Vec<f32> {
        let mut ordered = Vec::with_capacity(x.len());
        for from in &self.order {
            ordered.extend_from_slice(&x[from * columns..][..columns]);
        }
        ordered
    }

    /// The rows of `x` in their places, row `i` in place `order[i]`.
    fn placed(&self, x: &[f32], columns: usize) -> Vec<f32> {
        let mut placed = vec![0.0; x.len()];
        for (row, to) in x.chunks_exact(columns).zip(&self.order) {
            placed[to * columns..][..columns].copy_from_slice(row);
        }
        placed
    }

    /// The map of some samples, whose columns are samples in between.
    pub(super) fn forward_of(&self, x: &[f32], [lower, upper]: [&Packed; 2], keeps: bool) -> Done {
        let size = self.size();
        let columns = x.len() / size;
        let mut slab = transpose(x, [columns, size]);
        scale(&mut slab, |x| x / HEADROOM);
        let keep = |slab: &[f32]| {
            keeps.then(|| {
                let mut between = transpose(slab, [size, columns]);
                scale(&mut between, |x| x * HEADROOM);
                between
            })
        };
        let between;
        match self.direction {
            Direction::Forward => {
                multiply_in_place(upper, &mut slab, columns);
                between = keep(&slab);
                multiply_in_place(lower, &mut slab, columns);
                slab = self.ordered(&slab, columns);
            }
            Direction::Inverse => {
                slab = self.placed(&slab, columns);
                solve_in_place(lower, &mut slab, columns);
                between = keep(&slab);
                solve_in_place(upper, &mut slab, columns);
            }
        }
        let mut output = transpose(&slab, [size, columns]);
        scale(&mut output, |x| (x * HEADROOM).saturated());
        Done { output, between }
    }

    /// For some samples, the gradients of the outputs of `L` and `U`, whose columns are samples, and that of the input.
    pub(super) fn backward_of(
        &self,
        gradient: &[f32],
        [lower, upper]: [&Packed; 2],
    ) -> [Vec<f32>; 3] {
        let size = self.size();
        let columns = gradient.len() / size;
        let slab = transpose(gradient, [columns, size]);
        match self.direction {
            Direction::Forward => {
                let of_lower = self.placed(&slab, columns);
                let mut of_upper = of_lower.clone();
                multiply_in_place(lower, &mut of_upper, columns);
                let mut of_input = of_upper.clone();
                multiply_in_place(upper, &mut of_input, columns);
                [of_lower, of_upper, transpose(&of_input, [size, columns])]
            }
            Direction::Inverse => {
                let mut of_upper = slab;
                solve_in_place(upper, &mut of_upper, columns);
                let mut of_lower = of_upper.clone();
                solve_in_place(lower, &mut of_lower, columns);
                let of_input = self.ordered(&of_lower, columns);
                [of_lower, of_upper, transpose(&of_input, [size, columns])]
            }
        }
    }
}

/// Maps each number, while it is in the cache.
fn scale(numbers: &mut [f32], function: impl Fn(f32) -> f32) {
    vectorized(
        #[inline(always)]
        || numbers.iter_mut().for_each(|x| *x = function(*x)),
    );
}
