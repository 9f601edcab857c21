//! Triangular products and solutions on the host.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::Plu;
use super::gradient::{Pair, gradient};
use super::packed::{Packed, Triangle};
use super::rows::PluRows;
use super::slab::{multiply_in_place, solve_in_place};
use crate::Direction;
use crate::host::transpose::transpose;
use crate::host::{HostOp, Pass, run as run_on_host};
use crate::number::Number;
use crate::numerics::HEADROOM;
use crate::share::{map, threads};
use crate::vectorized::vectorized;

/// Samples up to which factors are read once rather than packed.
const FEW: usize = 4;

/// Samples that a thread takes at a time: they, and a block of a factor, stay in a cache nearby.
const SAMPLES: usize = 128;

pub(super) fn run(direction: Direction, factors: &Plu, x: &Tensor<2>) -> Option<Tensor<2>> {
    let Plu {
        order,
        lower,
        upper,
        diagonal,
    } = factors;
    let inputs = vec![x.into(), lower.into(), upper.into(), diagonal.into()];
    run_on_host(inputs, || {
        let order = order.clone().into_data();
        Arc::new(PluMap {
            direction,
            shape: x.dims(),
            order: order.iter::<i64>().map(|from| from as usize).collect(),
        })
    })
}

/// Inputs: the numbers `x`, the triangles `L` and `U`, and the diagonal of the latter.
#[derive(Debug)]
struct PluMap {
    direction: Direction,
    /// `[batch, features]`.
    shape: [usize; 2],
    order: Vec<usize>,
}

/// The output of some samples; and for the backward pass, what lies between the factors.
struct Done {
    output: Vec<f32>,
    between: Option<Vec<f32>>,
}

impl PluMap {
    fn size(&self) -> usize {
        self.order.len()
    }

    /// Numbers of the samples of a piece: all threads have as many samples, in whole vectors.
    fn piece(&self) -> usize {
        const LANES: usize = 16;
        let each = self.shape[0].div_ceil(threads()).next_multiple_of(LANES);
        each.min(SAMPLES) * self.size()
    }

    fn triangles<'a>(&self, inputs: &[&'a [f32]]) -> [Triangle<'a>; 2] {
        let lower = Triangle::lower(inputs[1], self.size());
        [lower, Triangle::upper(inputs[2], inputs[3])]
    }

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

    fn of_few(&self, inputs: &[&[f32]]) -> Vec<f32> {
        let (mut x, mut beside) = (inputs[0].to_vec(), vec![0.0; self.size()]);
        let rows = PluRows {
            order: &self.order,
            lower: inputs[1],
            upper: inputs[2],
            diagonal: inputs[3],
        };
        rows.apply(self.direction, &mut x, &mut beside);
        x
    }

    /// The map of some samples, whose columns are samples in between.
    fn forward_of(&self, x: &[f32], [lower, upper]: [&Packed; 2], keeps: bool) -> Done {
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
    fn backward_of(&self, gradient: &[f32], [lower, upper]: [&Packed; 2]) -> [Vec<f32>; 3] {
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

    /// Of a product, or of a solution, which subtracts.
    fn sign(&self) -> f32 {
        match self.direction {
            Direction::Forward => 1.0,
            Direction::Inverse => -1.0,
        }
    }
}

impl HostOp for PluMap {
    fn shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn forward(&self, inputs: &[&[f32]], kept: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        if kept.is_none() && self.shape[0] <= FEW {
            return self.of_few(inputs);
        }
        let [lower, upper] = self.triangles(inputs).map(|t| Packed::of(t, self.sign()));
        let pieces = inputs[0].chunks(self.piece());
        let done = map(pieces, |x| {
            self.forward_of(x, [&lower, &upper], kept.is_some())
        });
        let (mut output, mut between) = (vec![], vec![]);
        for done in done {
            output.push(done.output);
            between.extend(done.between);
        }
        let output = output.concat();
        if let Some(kept) = kept {
            kept.push(between.concat());
            // A solution is one factor of the gradient of `U`; of a product, its input is.
            if self.direction == Direction::Inverse {
                kept.push(output.clone());
            }
        }
        output
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let (triangles, piece) = (self.triangles(pass.inputs), self.piece());
        let [lower, upper] = triangles.map(|t| Packed::of(t.transposed(), self.sign()));
        let done = map(pass.gradient.chunks(piece), |gradient| {
            self.backward_of(gradient, [&lower, &upper])
        });
        let between = &pass.kept[0];
        let x = match self.direction {
            Direction::Forward => pass.inputs[0],
            Direction::Inverse => &pass.kept[1],
        };
        let [lower, upper] = triangles;
        let of_factor = |triangle, index: usize, rows: &[f32]| {
            let pieces = done.iter().zip(rows.chunks(piece));
            let pairs = pieces.map(|(done, rows)| Pair {
                columns: &done[index],
                rows,
            });
            gradient(triangle, &pairs.collect::<Vec<_>>(), self.sign())
        };
        let to_lower = pass.wanted[1].then(|| of_factor(lower, 0, between).0);
        let (to_upper, to_diagonal) = match pass.wanted[2] || pass.wanted[3] {
            true => {
                let (to_upper, to_diagonal) = of_factor(upper, 1, x);
                (Some(to_upper), Some(to_diagonal))
            }
            false => (None, None),
        };
        let to_x = || {
            let parts: Vec<&[f32]> = done.iter().map(|[_, _, of_input]| &of_input[..]).collect();
            parts.concat()
        };
        vec![pass.wanted[0].then(to_x), to_lower, to_upper, to_diagonal]
    }
}

/// Maps each number, while it is in the cache.
fn scale(numbers: &mut [f32], function: impl Fn(f32) -> f32) {
    vectorized(
        #[inline(always)]
        || numbers.iter_mut().for_each(|x| *x = function(*x)),
    );
}
