//! The affine map on the host, one pass each way.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::Direction;
use super::scale::{Plain, Scale, Sigmoid, SoftBounded, with_scale};
use crate::LogScale;
use crate::host::filled::filled;
use crate::host::sums::sum_of;
use crate::host::{HostOp, Input, Pass, run as run_on_host};
use crate::numerics::saturated;
use crate::places::{Grid, Places};
use crate::share::{samples_a_piece, share};
use crate::vectorized::vectorized;

pub(super) fn run<const D: usize>(
    x: &Tensor<D>,
    places: Places,
    parameters: &Tensor<D>,
    scale: LogScale,
    direction: Direction,
) -> Option<(Tensor<D>, Tensor<1>)> {
    let shape = x.dims();
    let positions: usize = shape[2..].iter().product();
    let work = Work {
        batch: shape[0],
        each: places.count * positions,
        scale,
        inverse: direction == Direction::Inverse,
    };
    let map = AffineMap {
        work,
        grid: Grid::of(shape),
        places,
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
    /// Numbers a sample that are mapped.
    each: usize,
    scale: LogScale,
    inverse: bool,
}

/// Inputs: `x` and the parameters. Nothing is kept: exponentials cost less than memory.
#[derive(Debug)]
struct AffineMap {
    work: Work,
    grid: Grid,
    places: Places,
    shape: Vec<usize>,
}

impl AffineMap {
    /// Samples that a thread takes at a time.
    fn samples(&self) -> usize {
        samples_a_piece(self.work.batch, self.grid.each())
    }

    /// The scales of a piece, `e^s` or `e^−s`, and their relative slopes, `s′`, if wanted. In a row, whatever the samples'
    /// length: what of it is no whole vector would cost as much as the rest.
    fn scales(&self, parameters: &[f32], slopes: bool) -> [Vec<f32>; 2] {
        let each = self.work.each;
        let mut raw = Vec::with_capacity(parameters.len() / 2);
        for sample in parameters.chunks_exact(2 * each) {
            raw.extend_from_slice(&sample[each..]);
        }
        let mut found = if slopes { raw.clone() } else { vec![] };
        let mut scales = raw;
        with_scale!(self.work, scale => {
            for s in &mut scales {
                *s = match self.work.inverse {
                    false => scale.scale(*s),
                    true => scale.inverse(*s),
                };
            }
            found.iter_mut().for_each(|r| {
                *r = if scale.is_bounded(*r) { 0.0 } else { scale.slope(*r) };
            });
        });
        [scales, found]
    }
}

impl HostOp for AffineMap {
    fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let (Work { each, inverse, .. }, samples) = (self.work, self.samples());
        let (x, piece) = (inputs[0], samples * self.grid.each());
        let pieces = x.chunks(piece).zip(inputs[1].chunks(2 * samples * each));
        let (y, _) = filled(x.len(), piece, pieces, |(x, parameters), out| {
            let out = out.write_copy_of_slice(x);
            let [scales, _] = self.scales(parameters, false);
            let (runs, length) = self.grid.runs(self.places);
            vectorized(
                #[inline(always)]
                || {
                    let samples = out.chunks_exact_mut(self.grid.each());
                    let parameters = parameters.chunks_exact(2 * each);
                    let parameters = parameters.zip(scales.chunks_exact(each));
                    for (y, (p, scales)) in samples.zip(parameters) {
                        let runs = runs.clone().zip(p[..each].chunks_exact(length));
                        for ((start, shift), scale) in runs.zip(scales.chunks_exact(length)) {
                            let run = &mut y[start..start + length];
                            for ((y, t), s) in run.iter_mut().zip(shift).zip(scale) {
                                *y = saturated(match inverse {
                                    false => y.mul_add(*s, *t),
                                    true => (*y - t) * s,
                                });
                            }
                        }
                    }
                },
            );
            (out, ())
        });
        y
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let (Work { each, inverse, .. }, samples) = (self.work, self.samples());
        let piece = samples * self.grid.each();
        let mut to_parameters = vec![0.0; pass.inputs[1].len()];
        let pieces = pass.inputs[0]
            .chunks(piece)
            .zip(pass.inputs[1].chunks(2 * samples * each))
            .zip(pass.gradient.chunks(piece))
            .zip(to_parameters.chunks_mut(2 * samples * each));
        let length = pass.gradient.len();
        let (to_x, _) = filled(length, piece, pieces, |item, out| {
            let (((x, parameters), gradient), to_parameters) = item;
            let to_x = out.write_copy_of_slice(gradient);
            let [scales, slopes] = self.scales(parameters, true);
            let (runs, length) = self.grid.runs(self.places);
            vectorized(
                #[inline(always)]
                || {
                    let numbers = x.chunks_exact(self.grid.each());
                    let numbers = numbers.zip(to_x.chunks_exact_mut(self.grid.each()));
                    let parameters = parameters.chunks_exact(2 * each);
                    let parameters = parameters.zip(to_parameters.chunks_exact_mut(2 * each));
                    let scales = scales.chunks_exact(each).zip(slopes.chunks_exact(each));
                    for (((x, to_x), (p, to_p)), (scales, slopes)) in
                        numbers.zip(parameters).zip(scales)
                    {
                        let (to_shift, to_raw) = to_p.split_at_mut(each);
                        for (index, start) in runs.clone().enumerate() {
                            let (run, part) = (start..start + length, index * length..);
                            let x = x[run.clone()].iter().zip(&p[part.clone()]);
                            let scales = scales[part.clone()].iter().zip(&slopes[part.clone()]);
                            let to = to_x[run].iter_mut();
                            let to = to.zip(&mut to_shift[part.clone()]).zip(&mut to_raw[part]);
                            for (((x, t), (scale, slope)), ((to_x, to_t), to_r)) in
                                x.zip(scales).zip(to)
                            {
                                // `to_x` holds the gradient of the output. The slope comes before
                                // the number, which may be so large that it takes an overflow.
                                let (g, through) = (*to_x, *to_x * scale);
                                *to_x = through;
                                (*to_t, *to_r) = match inverse {
                                    false => (g, through * slope * x),
                                    true => (-through, -through * slope * (x - t)),
                                };
                            }
                        }
                    }
                },
            );
            (to_x, ())
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
                    let sum = sum_of(&p[each..], &p[each..], |r, _| scale.log(r));
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
