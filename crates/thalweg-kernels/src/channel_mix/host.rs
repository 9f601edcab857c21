//! One matrix at every position, on the host.

use std::sync::Arc;

use burn::tensor::Tensor;

use crate::host::epilogue::Epilogue;
use crate::host::filled::{filled, in_parts};
use crate::host::matrix::Matrix;
use crate::host::product::{Threads, product, write_product};
use crate::host::sums::add_up;
use crate::host::{HostOp, Pass, run as run_on_host};
use crate::number::Number;
use crate::numerics::HEADROOM;
use crate::share::{map, samples_a_piece};
use crate::vectorized::vectorized;

pub(super) fn run<const D: usize>(weight: &Tensor<2>, x: &Tensor<D>) -> Option<Tensor<D>> {
    run_on_host(vec![weight.into(), x.into()], || {
        let mut shape = x.dims().to_vec();
        let [outputs, inputs] = weight.dims();
        shape[1] = outputs;
        Arc::new(ChannelMix { shape, inputs })
    })
}

/// Inputs: the matrix, and the numbers `x`.
#[derive(Debug)]
struct ChannelMix {
    shape: Vec<usize>,
    inputs: usize,
}

impl ChannelMix {
    fn positions(&self) -> usize {
        self.shape[2..].iter().product()
    }

    fn outputs(&self) -> usize {
        self.shape[1]
    }

    /// Vectors, which are one product of matrices.
    fn of_rows(&self) -> bool {
        self.shape.len() == 2
    }

    fn rows<'a>(&self, x: &'a [f32], columns: usize) -> Matrix<'a> {
        Matrix::new(x, self.shape[0], columns)
    }

    /// Samples that a thread takes at a time.
    fn samples(&self) -> usize {
        samples_a_piece(self.shape[0], self.inputs * self.positions())
    }
}

impl HostOp for ChannelMix {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let (positions, each) = (self.positions(), self.inputs * self.positions());
        let weight: Vec<f32> = inputs[0].iter().map(|w| w / HEADROOM).collect();
        let weight = Matrix::new(&weight, self.outputs(), self.inputs);
        if self.of_rows() {
            let x = self.rows(inputs[1], self.inputs);
            let mut out = product(x, weight.transposed(), Epilogue::NONE, Threads::All);
            take_headroom(&mut out);
            return out;
        }
        let (length, of_sample) = (self.shape.iter().product(), self.outputs() * positions);
        let pieces = inputs[1].chunks((self.samples() * each).max(1));
        let (out, _) = filled(length, self.samples() * of_sample, pieces, |x, out| {
            let written = in_parts(out, of_sample, x.chunks_exact(each), |x, out| {
                let x = Matrix::new(x, self.inputs, positions);
                let written = write_product(out, weight, x, Epilogue::NONE, Threads::One);
                take_headroom(written);
                written
            });
            (written, ())
        });
        out
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let (positions, samples) = (self.positions(), self.samples());
        let (x_each, g_each) = (self.inputs * positions, self.outputs() * positions);
        let weight = Matrix::new(pass.inputs[0], self.outputs(), self.inputs);
        if self.of_rows() {
            let x = self.rows(pass.inputs[1], self.inputs);
            let g = self.rows(pass.gradient, self.outputs());
            let product = |a, b| product(a, b, Epilogue::NONE, Threads::All);
            return vec![
                pass.wanted[0].then(|| product(g.transposed(), x)),
                pass.wanted[1].then(|| product(g, weight)),
            ];
        }
        let pieces = pass.inputs[1]
            .chunks((samples * x_each).max(1))
            .zip(pass.gradient.chunks((samples * g_each).max(1)));
        let done = map(pieces, |(x, g)| {
            let (mut to_x, mut to_weight) = (vec![], vec![]);
            for (x, g) in x.chunks_exact(x_each).zip(g.chunks_exact(g_each)) {
                let x = Matrix::new(x, self.inputs, positions);
                let g = Matrix::new(g, self.outputs(), positions);
                if pass.wanted[1] {
                    to_x.push(product(
                        weight.transposed(),
                        g,
                        Epilogue::NONE,
                        Threads::One,
                    ));
                }
                if pass.wanted[0] {
                    to_weight.push(product(g, x.transposed(), Epilogue::NONE, Threads::One));
                }
            }
            (to_x.concat(), add_up(pass.inputs[0].len(), to_weight))
        });
        let (to_x, to_weight): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        vec![
            pass.wanted[0].then(|| add_up(pass.inputs[0].len(), to_weight)),
            pass.wanted[1].then(|| to_x.concat()),
        ]
    }
}

/// Undoes the division by [`HEADROOM`], while the numbers are in the cache.
fn take_headroom(numbers: &mut [f32]) {
    vectorized(
        #[inline(always)]
        || {
            numbers
                .iter_mut()
                .for_each(|x| *x = (*x * HEADROOM).saturated())
        },
    );
}
