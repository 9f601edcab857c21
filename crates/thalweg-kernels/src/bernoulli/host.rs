//! The likelihood of black and white on the host.

use std::sync::Arc;

use burn::tensor::Tensor;

use crate::host::elementary::{exp, ln_1p};
use crate::host::sums::sum_of;
use crate::host::{HostOp, Pass, run as run_on_host};
use crate::number::Number;
use crate::share::{samples_a_piece, share};
use crate::vectorized::vectorized;

pub(super) fn run<const D: usize>(x: &Tensor<D>, logits: &Tensor<D>) -> Option<Tensor<1>> {
    let shape = x.dims();
    run_on_host(vec![x.into(), logits.into()], || {
        Arc::new(Bernoulli {
            batch: shape[0],
            each: shape[1..].iter().product(),
        })
    })
}

/// Inputs: the observed numbers and the logits.
#[derive(Debug)]
struct Bernoulli {
    batch: usize,
    each: usize,
}

impl Bernoulli {
    /// Numbers that a thread takes at a time: whole samples.
    fn piece(&self) -> usize {
        (self.samples() * self.each).max(1)
    }

    fn samples(&self) -> usize {
        samples_a_piece(self.batch, self.each)
    }
}

impl HostOp for Bernoulli {
    fn shape(&self) -> Vec<usize> {
        vec![self.batch]
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let mut out = vec![0.0; self.batch];
        let inputs = inputs[0]
            .chunks(self.piece())
            .zip(inputs[1].chunks(self.piece()));
        share(
            out.chunks_mut(self.samples()).zip(inputs),
            |(out, (x, logits))| {
                vectorized(
                    #[inline(always)]
                    || {
                        let samples = x
                            .chunks_exact(self.each)
                            .zip(logits.chunks_exact(self.each));
                        for (out, (x, logits)) in out.iter_mut().zip(samples) {
                            *out = sum_of(x, logits, |x, l| {
                                let positive = if l < 0.0 { 0.0 } else { l };
                                x * l - (positive + ln_1p(exp(-l.abs())))
                            });
                        }
                    },
                );
            },
        );
        out
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let mut to_logits = pass.inputs[1].to_vec();
        let pieces = to_logits
            .chunks_mut(self.piece())
            .zip(pass.inputs[0].chunks(self.piece()))
            .zip(pass.gradient.chunks(self.samples()));
        share(pieces, |((to, x), gradient)| {
            vectorized(
                #[inline(always)]
                || {
                    let samples = to
                        .chunks_exact_mut(self.each)
                        .zip(x.chunks_exact(self.each));
                    for ((to, x), g) in samples.zip(gradient) {
                        for (l, x) in to.iter_mut().zip(x) {
                            *l = g * (x - l.sigmoid());
                        }
                    }
                },
            );
        });
        let to_x = pass.wanted[0].then(|| {
            let samples = pass.inputs[1].chunks_exact(self.each.max(1));
            let scaled = samples.zip(pass.gradient);
            scaled
                .flat_map(|(logits, g)| logits.iter().map(move |l| g * l))
                .collect()
        });
        vec![to_x, Some(to_logits)]
    }
}
