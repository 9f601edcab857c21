//! Maps of the channels, the same at every position.

use burn::tensor::{DType, Tensor};
use thalweg_kernels::{Direction, HEADROOM, Number, mix_channels, scale_in_place};

use super::batch::{Batch, Route};
use super::dense::Dense;
use super::factors::lower_factors;
use super::{FlowStep, Lower, Lowering, Scratch, host, host_f32};
use crate::layers::WIDE;
use crate::numerics::exponents;
use crate::{
    ActNorm, DiagonalScale, ElementwiseAffine, InvertibleLinear, LinearForm, PositionAffine,
    Standardize, Whiten,
};

/// `z = W (x − c) + t` at every position, with a matrix or a scale of each channel `W`.
///
/// The centre is subtracted first: in `W x − W c`, the digits of channels that vary little around a
/// large mean would be lost.
///
/// ```
/// use thalweg_flow::compiled::{ChannelMap, CompiledBijection, Direction, Lower, Lowering, Scratch};
///
/// /// `z = 2 (x − 1)` of two features, in the other order.
/// struct Scales;
///
/// impl Lower for Scales {
///     fn lower(&self, plan: &mut Lowering) {
///         plan.map(ChannelMap::scales(vec![1.0; 2], &[2.0_f64.ln(); 2]));
///         let exchange = vec![0.0, 1.0, 1.0, 0.0]; // its own inverse
///         plan.map(ChannelMap::matrix(exchange.clone(), exchange, 0.0));
///     }
/// }
///
/// let compiled = CompiledBijection::new(&Scales, [2, 1, 1], 1);
/// let (mut x, mut log_dets) = ([3.0, 5.0], [0.0]);
/// compiled.apply(Direction::Forward, &mut x, &(), &mut log_dets, &mut Scratch::default());
/// assert_eq!(x, [8.0, 4.0]);
/// assert!((log_dets[0] - 2.0 * 2.0_f64.ln()).abs() < 1e-12);
/// ```
#[derive(Debug)]
pub struct ChannelMap {
    centre: Vec<f32>,
    shift: Vec<f32>,
    is_matrix: bool,
    /// A matrix row by row, or scales; and the inverse.
    weights: [Vec<f64>; 2],
    /// At a position.
    log_det: f64,
}

impl ChannelMap {
    /// `z = (x − c) ⊙ exp(s)`.
    ///
    /// # Panics
    ///
    /// When there are not as many centres as log-scales.
    pub fn scales(centre: Vec<f32>, log_scales: &[f64]) -> Self {
        assert!(
            centre.len() == log_scales.len(),
            "a map of {} log-scales takes as many centres, got {}",
            log_scales.len(),
            centre.len()
        );
        // Bounded, so that the scales are numbers of f32.
        let most = exponents(DType::F32);
        let scale = |sign: f64| move |s: &f64| (sign * s.clamp(-most, most)).exp();
        Self {
            shift: vec![0.0; centre.len()],
            centre,
            is_matrix: false,
            weights: [1.0, -1.0].map(|sign| log_scales.iter().map(scale(sign)).collect()),
            log_det: log_scales.iter().sum(),
        }
    }

    /// `z = W x`, of `W` and its inverse, row by row, and `ln |det W|`.
    ///
    /// # Panics
    ///
    /// Unless both have as many rows as columns.
    pub fn matrix(weight: Vec<f64>, inverse: Vec<f64>, log_det: f64) -> Self {
        let channels = weight.len().isqrt();
        assert!(
            channels * channels == weight.len() && weight.len() == inverse.len(),
            "{} and {} numbers are no square matrix and its inverse",
            weight.len(),
            inverse.len()
        );
        Self {
            centre: vec![0.0; channels],
            shift: vec![0.0; channels],
            is_matrix: true,
            weights: [weight, inverse],
            log_det,
        }
    }

    pub(super) fn channels(&self) -> usize {
        self.centre.len()
    }

    /// Whether a map behind this one is one with it: a matrix behind scales, with nothing added in between.
    pub(super) fn joins(&self, next: &Self) -> bool {
        let between = self.shift.iter().chain(&next.centre);
        !self.is_matrix && next.is_matrix && between.copied().all(|number| number == 0.0)
    }

    /// Both as one, where [`joins`](Self::joins) allows it.
    pub(super) fn then(self, next: Self) -> Self {
        let channels = self.channels();
        let ([scales, inverse_scales], [weight, inverse]) = (&self.weights, &next.weights);
        let columns = weight.iter().zip(scales.iter().cycle());
        let rows = inverse.chunks_exact(channels).zip(inverse_scales);
        let rows = rows.flat_map(|(row, scale)| row.iter().map(move |w| w * scale));
        let weights = [
            columns.map(|(w, scale)| w * scale).collect(),
            rows.collect(),
        ];
        Self {
            weights,
            is_matrix: true,
            shift: next.shift,
            log_det: self.log_det + next.log_det,
            centre: self.centre,
        }
    }

    /// The step of samples with this many positions.
    pub(super) fn step(self, positions: usize, route: Route) -> MapStep {
        let channels = self.channels();
        let headroom = if self.is_matrix { HEADROOM } else { 1.0 };
        let weights = self.weights.map(|weight| {
            let weight = weight
                .into_iter()
                .map(|w| (w as f32).saturated() / headroom);
            let weight: Vec<f32> = weight.collect();
            match (self.is_matrix, route) {
                (false, _) => Weight::Scales(weight),
                (true, Route::Images) => Weight::Matrix(weight),
                (true, Route::Vectors) => {
                    Weight::Dense(Dense::of_rows(&weight, vec![0.0; channels]))
                }
            }
        });
        MapStep {
            zeros: vec![0.0; channels],
            ends: [self.centre, self.shift],
            weights,
            log_det: self.log_det * positions as f64,
            positions,
        }
    }
}

/// A [`ChannelMap`] of samples of one size.
#[derive(Debug)]
pub(super) struct MapStep {
    /// The centre and the shift.
    ends: [Vec<f32>; 2],
    zeros: Vec<f32>,
    /// The map and its inverse.
    weights: [Weight; 2],
    log_det: f64,
    positions: usize,
}

/// Scales, or a matrix divided by the headroom.
#[derive(Debug)]
enum Weight {
    Scales(Vec<f32>),
    Matrix(Vec<f32>),
    Dense(Dense),
}

impl FlowStep for MapStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
        let ([centre, shift], [weight, inverse]) = (&self.ends, &self.weights);
        // `W (x − from) + to`.
        let (from, weight, to, log_det) = match direction {
            Direction::Forward => (centre, weight, shift, self.log_det),
            Direction::Inverse => (shift, inverse, centre, -self.log_det),
        };
        let (each, positions) = (from.len() * self.positions, self.positions);
        if let Weight::Scales(scales) = weight {
            return x.change(each, |_, x| {
                scale_in_place(x, [from, scales, to], positions);
                log_det
            });
        }
        x.change_beside(each, scratch, |_, x, centred| {
            at_channels(x, positions, from, |x, from| x - from);
            centred
                .iter_mut()
                .zip(&*x)
                .for_each(|(centred, x)| *centred = *x);
            match weight {
                Weight::Scales(_) => {}
                Weight::Matrix(weight) => mix_channels(weight, centred, &self.zeros, x),
                Weight::Dense(dense) => dense.apply(centred, x),
            }
            at_channels(x, positions, to, |x, to| (x * HEADROOM + to).saturated());
            log_det
        });
    }
}

/// A function of each number and the constant of its channel.
#[inline(always)]
fn at_channels<T: Copy>(
    x: &mut [f32],
    positions: usize,
    constants: impl IntoIterator<Item = T>,
    function: impl Fn(f32, T) -> f32,
) {
    if positions == 1 {
        let numbers = x.iter_mut().zip(constants);
        return numbers.for_each(|(x, constant)| *x = function(*x, constant));
    }
    for (x, constant) in x.chunks_exact_mut(positions).zip(constants) {
        x.iter_mut().for_each(|x| *x = function(*x, constant));
    }
}

impl<C, const D: usize> Lower<C> for ActNorm<D> {
    fn lower(&self, plan: &mut Lowering) {
        let log_scale = host(self.log_scale());
        plan.map(ChannelMap::scales(host_f32(self.mean()), &log_scale));
    }
}

impl<C, const D: usize> Lower<C> for Standardize<D> {
    fn lower(&self, plan: &mut Lowering) {
        let log_scale = host(self.log_deviation.val().neg());
        plan.map(ChannelMap::scales(host_f32(self.mean.val()), &log_scale));
    }
}

impl<C> Lower<C> for PositionAffine {
    fn lower(&self, plan: &mut Lowering) {
        let [mean, log_scale] = self.numbers();
        plan.map_numbers(ChannelMap::scales(host_f32(mean), &host(log_scale)));
    }
}

/// `z = x ⊙ exp(s)`.
fn scaling(log_scale: Tensor<1>) -> ChannelMap {
    let log_scale = host(log_scale);
    ChannelMap::scales(vec![0.0; log_scale.len()], &log_scale)
}

impl<C, const D: usize> Lower<C> for DiagonalScale<D> {
    fn lower(&self, plan: &mut Lowering) {
        plan.map(scaling(self.log_scale()));
    }
}

impl<C, const D: usize> Lower<C> for ElementwiseAffine<D> {
    fn lower(&self, plan: &mut Lowering) {
        let shift = host_f32(self.shift.val());
        let scales = scaling(self.log_scale.val());
        plan.map(ChannelMap { shift, ..scales });
    }
}

/// # Panics
///
/// When the matrix is singular, which only [`Full`](crate::Full) can be.
impl<C, F: LinearForm, const D: usize> Lower<C> for InvertibleLinear<F, D> {
    fn lower(&self, plan: &mut Lowering) {
        if D == 2
            && plan.numbers() >= WIDE
            && let Some((factors, log_det)) = self.form().factors()
        {
            return lower_factors(factors, log_det, plan);
        }
        let (weight, log_det) = self.form().weight();
        let weight = weight.inner();
        let inverse = self.inverse_weight(weight.clone());
        let log_det = host(log_det).into_iter().sum();
        plan.map(ChannelMap::matrix(host(weight), host(inverse), log_det));
    }
}

impl<C> Lower<C> for Whiten {
    fn lower(&self, plan: &mut Lowering) {
        let [weight, inverse] = [&self.whitening, &self.coloring].map(|matrix| host(matrix.val()));
        let centre = host_f32(self.mean.val());
        let diagonal = weight.iter().step_by(centre.len() + 1);
        let log_det = diagonal.map(|w| w.ln()).sum();
        let matrix = ChannelMap::matrix(weight, inverse, log_det);
        plan.map(ChannelMap { centre, ..matrix });
    }
}
