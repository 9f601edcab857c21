//! Triangular products and solutions on the host.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::Plu;
use super::gradient::{Pair, gradient};
use super::packed::{Packed, Triangle};
use super::rows::PluRows;
use crate::Direction;
use crate::host::{HostOp, Pass, run as run_on_host};
use crate::share::{map, threads};

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
pub(super) struct PluMap {
    pub(super) direction: Direction,
    /// `[batch, features]`.
    shape: [usize; 2],
    pub(super) order: Vec<usize>,
}

impl PluMap {
    pub(super) fn size(&self) -> usize {
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
