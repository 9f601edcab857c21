//! Scales and shifts on the host.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::{Order, scale_in_place};
use crate::host::sums::{add_up, sum_of};
use crate::host::{HostOp, Pass, run as run_on_host};
use crate::numerics::factor_of;
use crate::share::{map, samples_a_piece, share};
use crate::vectorized::vectorized;

pub(super) fn run<const D: usize>(
    x: &Tensor<D>,
    shift: &Tensor<1>,
    log_scale: &Tensor<1>,
    order: Order,
) -> Option<Tensor<D>> {
    run_on_host(vec![x.into(), shift.into(), log_scale.into()], || {
        Arc::new(ChannelScale {
            shape: x.dims().to_vec(),
            order,
        })
    })
}

/// Inputs: the numbers, the shifts, the log-scales.
#[derive(Debug)]
struct ChannelScale {
    shape: Vec<usize>,
    order: Order,
}

fn scales(log_scales: &[f32]) -> Vec<f32> {
    log_scales.iter().map(|s| factor_of(*s)).collect()
}

impl ChannelScale {
    fn positions(&self) -> usize {
        self.shape[2..].iter().product()
    }

    /// Numbers that a thread takes at a time: whole samples.
    fn piece(&self) -> usize {
        let each: usize = self.shape[1..].iter().product();
        (samples_a_piece(self.shape[0], each) * each).max(1)
    }

    /// `y = (x − before) · scale + after`, one of the two shifts being 0.
    fn shifts<'a>(&self, shift: &'a [f32], zeros: &'a [f32]) -> [&'a [f32]; 2] {
        match self.order {
            Order::CentreFirst => [shift, zeros],
            Order::ScaleFirst => [zeros, shift],
        }
    }
}

impl HostOp for ChannelScale {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let (positions, features) = (self.positions(), self.shape[1]);
        let scale = scales(inputs[2]);
        let zeros = vec![0.0; features];
        let [before, after] = self.shifts(inputs[1], &zeros);
        let mut out = inputs[0].to_vec();
        share(out.chunks_mut(self.piece()), |out| {
            scale_in_place(out, [before, &scale, after], positions);
        });
        out
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let (positions, features) = (self.positions(), self.shape[1]);
        let scale = scales(pass.inputs[2]);
        let zeros = vec![0.0; features];
        let [before, _] = self.shifts(pass.inputs[1], &zeros);
        let mut to = pass.gradient.to_vec();
        let pieces = to
            .chunks_mut(self.piece())
            .zip(pass.inputs[0].chunks(self.piece()));
        // Sums of g and of g (x − before) a feature, of each piece; `to` holds g.
        let sums = map(pieces, |(to, x)| {
            let (mut of_g, mut of_gx) = (vec![0.0; features], vec![0.0; features]);
            vectorized(
                #[inline(always)]
                || {
                    let samples = to.chunks_exact_mut(features * positions);
                    for (to, x) in samples.zip(x.chunks_exact(features * positions)) {
                        let sums = of_g.iter_mut().zip(&mut of_gx);
                        let parameters = before.iter().zip(&scale).zip(sums);
                        if positions == 1 {
                            let numbers = to.iter_mut().zip(x);
                            for ((to, x), ((b, s), (of_g, of_gx))) in numbers.zip(parameters) {
                                *of_g += *to;
                                *of_gx = (x - b).mul_add(*to, *of_gx);
                                *to *= s;
                            }
                            continue;
                        }
                        let rows = to
                            .chunks_exact_mut(positions)
                            .zip(x.chunks_exact(positions));
                        for ((to, x), ((b, s), (of_g, of_gx))) in rows.zip(parameters) {
                            *of_g += sum_of(to, to, |g, _| g);
                            *of_gx += sum_of(to, x, |g, x| g * (x - b));
                            to.iter_mut().for_each(|g| *g *= s);
                        }
                    }
                },
            );
            [of_g, of_gx]
        });
        let [of_g, of_gx] =
            [0, 1].map(|which| add_up(features, sums.iter().map(|sums| sums[which].clone())));
        let scaled = |sums: Vec<f32>, sign: f32| {
            let pairs = sums.into_iter().zip(&scale);
            pairs.map(|(sum, scale)| sign * sum * scale).collect()
        };
        let to_shift = match self.order {
            Order::CentreFirst => scaled(of_g, -1.0),
            Order::ScaleFirst => of_g,
        };
        vec![Some(to), Some(to_shift), Some(scaled(of_gx, 1.0))]
    }
}
