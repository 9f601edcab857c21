//! Densities on the host.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::Density;
use crate::host::{HostOp, Pass, run as run_on_host};
use crate::share::{samples_a_piece, share};
use crate::vectorized::vectorized;

pub(super) fn run<const D: usize>(z: &Tensor<D>, density: Density) -> Option<Tensor<1>> {
    let shape = z.dims();
    run_on_host(vec![z.into()], || {
        Arc::new(LogDensity {
            batch: shape[0],
            each: shape[1..].iter().product(),
            density,
        })
    })
}

/// Input: the numbers.
#[derive(Debug)]
struct LogDensity {
    batch: usize,
    each: usize,
    density: Density,
}

impl HostOp for LogDensity {
    fn shape(&self) -> Vec<usize> {
        vec![self.batch]
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let samples = samples_a_piece(self.batch, self.each);
        let mut out = vec![0.0; self.batch];
        let pieces = out
            .chunks_mut(samples)
            .zip(inputs[0].chunks(samples * self.each));
        share(pieces, |(out, z)| {
            for (out, z) in out.iter_mut().zip(z.chunks_exact(self.each)) {
                *out = self.density.log_prob(z) as f32;
            }
        });
        out
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let samples = samples_a_piece(self.batch, self.each);
        let mut to = pass.inputs[0].to_vec();
        let pieces = to
            .chunks_mut(samples * self.each)
            .zip(pass.gradient.chunks(samples));
        share(pieces, |(to, gradient)| {
            vectorized(
                #[inline(always)]
                || {
                    for (to, g) in to.chunks_exact_mut(self.each).zip(gradient) {
                        to.iter_mut().for_each(|z| *z = -g * self.density.slope(*z));
                    }
                },
            );
        });
        vec![Some(to)]
    }
}
