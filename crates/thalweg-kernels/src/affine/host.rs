//! The affine map on the host, one pass each way.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::Direction;
use crate::LogScale;
use crate::host::elementary::{exp, ln_1p};
use crate::host::share::{samples_a_piece, share};
use crate::host::sums::sum_of;
use crate::host::vectorized::vectorized;
use crate::host::{HostOp, Input, Pass, run as run_on_host};

pub(super) fn run<const D: usize>(
    x: &Tensor<D>,
    parameters: &Tensor<D>,
    scale: LogScale,
    direction: Direction,
) -> Option<(Tensor<D>, Tensor<1>)> {
    let shape = x.dims();
    let work = Work {
        batch: shape[0],
        each: shape[1..].iter().product(),
        scale,
        inverse: direction == Direction::Inverse,
    };
    let map = AffineMap {
        work,
        shape: shape.to_vec(),
    };
    let y = run_on_host(vec![x.into(), parameters.into()], || Arc::new(map))?;
    let log_det = run_on_host(vec![Input::from(parameters)], || {
        Arc::new(AffineLogDet(work))
    })?;
    Some((y, log_det))
}

/// What both operations know.
#[derive(Debug, Clone, Copy)]
struct Work {
    batch: usize,
    /// Numbers a sample.
    each: usize,
    scale: LogScale,
    inverse: bool,
}

/// A log-scale, its exponential and its derivative, for a loop that knows which.
trait Scale: Copy + Sync {
    /// `s(r)`.
    fn log(self, r: f32) -> f32;
    /// `e^{s(r)}`.
    fn scale(self, r: f32) -> f32;
    /// `s′(r)`.
    fn slope(self, r: f32) -> f32;
}

#[derive(Clone, Copy)]
struct Plain;

impl Scale for Plain {
    #[inline(always)]
    fn log(self, r: f32) -> f32 {
        r
    }

    #[inline(always)]
    fn scale(self, r: f32) -> f32 {
        exp(r)
    }

    #[inline(always)]
    fn slope(self, _: f32) -> f32 {
        1.0
    }
}

#[derive(Clone, Copy)]
struct SoftBounded {
    steepness: f32,
}

impl Scale for SoftBounded {
    #[inline(always)]
    fn log(self, r: f32) -> f32 {
        r / self.steepness.mul_add(r.abs(), 1.0)
    }

    #[inline(always)]
    fn scale(self, r: f32) -> f32 {
        exp(self.log(r))
    }

    #[inline(always)]
    fn slope(self, r: f32) -> f32 {
        let divisor = self.steepness.mul_add(r.abs(), 1.0);
        1.0 / (divisor * divisor)
    }
}

#[derive(Clone, Copy)]
struct Sigmoid {
    shift: f32,
}

impl Scale for Sigmoid {
    #[inline(always)]
    fn log(self, r: f32) -> f32 {
        let a = r + self.shift;
        // `min` would turn NaN into 0.
        let negative = if a > 0.0 { 0.0 } else { a };
        negative - ln_1p(exp(-a.abs()))
    }

    #[inline(always)]
    fn scale(self, r: f32) -> f32 {
        sigmoid(r + self.shift)
    }

    #[inline(always)]
    fn slope(self, r: f32) -> f32 {
        sigmoid(-(r + self.shift))
    }
}

#[inline(always)]
fn sigmoid(a: f32) -> f32 {
    let u = exp(-a.abs());
    let numerator = if a < 0.0 { u } else { 1.0 };
    numerator / (1.0 + u)
}

/// One body for each scale, compiled for several instruction sets, the best of which is chosen when
/// it runs.
macro_rules! with_scale {
    ($work:expr, $scale:ident => $body:expr) => {
        match $work.scale {
            LogScale::Plain => {
                let $scale = Plain;
                vectorized(
                    #[inline(always)]
                    || $body,
                )
            }
            LogScale::SoftBounded(bound) => {
                let $scale = SoftBounded {
                    steepness: bound.recip() as f32,
                };
                vectorized(
                    #[inline(always)]
                    || $body,
                )
            }
            LogScale::Sigmoid(shift) => {
                let $scale = Sigmoid {
                    shift: shift as f32,
                };
                vectorized(
                    #[inline(always)]
                    || $body,
                )
            }
        }
    };
}

/// Inputs: `x` and the parameters. Nothing is kept: exponentials cost less than memory.
#[derive(Debug)]
struct AffineMap {
    work: Work,
    shape: Vec<usize>,
}

impl HostOp for AffineMap {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let (Work { each, inverse, .. }, samples) =
            (self.work, samples_a_piece(self.work.batch, self.work.each));
        let mut out = inputs[0].to_vec();
        let pieces = out
            .chunks_mut(samples * each)
            .zip(inputs[1].chunks(2 * samples * each));
        share(pieces, |(out, parameters)| {
            with_scale!(self.work, scale => {
                for (y, p) in out.chunks_exact_mut(each).zip(parameters.chunks_exact(2 * each)) {
                    let (shift, raw) = p.split_at(each);
                    for ((y, t), r) in y.iter_mut().zip(shift).zip(raw) {
                        *y = match inverse {
                            false => y.mul_add(scale.scale(*r), *t),
                            true => (*y - t) / scale.scale(*r),
                        };
                    }
                }
            });
        });
        out
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let (Work { each, inverse, .. }, samples) =
            (self.work, samples_a_piece(self.work.batch, self.work.each));
        let mut to_x = pass.gradient.to_vec();
        let mut to_parameters = vec![0.0; pass.inputs[1].len()];
        let pieces = pass.inputs[0]
            .chunks(samples * each)
            .zip(pass.inputs[1].chunks(2 * samples * each))
            .zip(to_x.chunks_mut(samples * each))
            .zip(to_parameters.chunks_mut(2 * samples * each));
        share(pieces, |(((x, parameters), to_x), to_parameters)| {
            with_scale!(self.work, scale => {
                let x = x.chunks_exact(each).zip(parameters.chunks_exact(2 * each));
                let to = to_x.chunks_exact_mut(each).zip(to_parameters.chunks_exact_mut(2 * each));
                for ((x, p), (to_x, to_p)) in x.zip(to) {
                    let ((shift, raw), (to_shift, to_raw)) = (p.split_at(each), to_p.split_at_mut(each));
                    let x = x.iter().zip(shift).zip(raw);
                    let to = to_x.iter_mut().zip(to_shift).zip(to_raw);
                    for (((x, t), r), ((to_x, to_t), to_r)) in x.zip(to) {
                        // `to_x` holds the gradient of the output.
                        let (g, slope) = (*to_x, scale.slope(*r));
                        match inverse {
                            false => {
                                let through = g * scale.scale(*r);
                                (*to_x, *to_t, *to_r) = (through, g, through * x * slope);
                            }
                            true => {
                                let through = g / scale.scale(*r);
                                (*to_x, *to_t, *to_r) =
                                    (through, -through, -through * (x - t) * slope);
                            }
                        }
                    }
                }
            });
        });
        vec![Some(to_x), Some(to_parameters)]
    }
}

/// Input: the parameters.
#[derive(Debug)]
struct AffineLogDet(Work);

impl HostOp for AffineLogDet {
    fn shape(&self) -> Vec<usize> {
        vec![self.0.batch]
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let (Work { each, inverse, .. }, samples) =
            (self.0, samples_a_piece(self.0.batch, self.0.each));
        let mut out = vec![0.0; self.0.batch];
        let pieces = out
            .chunks_mut(samples)
            .zip(inputs[0].chunks(2 * samples * each));
        share(pieces, |(out, parameters)| {
            with_scale!(self.0, scale => {
                for (log_det, p) in out.iter_mut().zip(parameters.chunks_exact(2 * each)) {
                    let sum = sum_of(&p[each..], |r| scale.log(r));
                    *log_det = if inverse { -sum } else { sum };
                }
            });
        });
        out
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let (Work { each, inverse, .. }, samples) =
            (self.0, samples_a_piece(self.0.batch, self.0.each));
        let mut to = vec![0.0; pass.inputs[0].len()];
        let pieces = to
            .chunks_mut(2 * samples * each)
            .zip(pass.inputs[0].chunks(2 * samples * each))
            .zip(pass.gradient.chunks(samples));
        share(pieces, |((to, parameters), gradient)| {
            with_scale!(self.0, scale => {
                let samples = to.chunks_exact_mut(2 * each).zip(parameters.chunks_exact(2 * each));
                for ((to, p), g) in samples.zip(gradient) {
                    let g = if inverse { -g } else { *g };
                    for (to, r) in to[each..].iter_mut().zip(&p[each..]) {
                        *to = g * scale.slope(*r);
                    }
                }
            });
        });
        vec![Some(to)]
    }
}
