//! How transformers use their range: dead and saturated scales, inputs outside a spline, thin bins.

use burn::tensor::{DType, Tensor};
use thalweg_kernels::{Direction, Knots, Least, LogScale, largest_of};

use super::RationalQuadratic;
use super::pointwise::ByMap;
use crate::walk::Usage;

/// A smaller `|s|` leaves a number as it is in f32, but for one rounding or ten.
const DEAD: f64 = 1e-6;

/// How near a bound is near: within 1 %.
const NEAR: f64 = 0.01;

/// Scales of raw numbers, `[batch, parameters · features, ..]`.
pub(super) fn of_scales<const D: usize>(scale: LogScale, raw: Tensor<D>) -> Usage {
    let raw = each(raw, scale.parameters());
    let features = raw.dims()[0];
    let log_scale = scale.apply(flat(raw.clone()));
    let saturated = share(reach(scale, flat(raw), &log_scale).greater_equal_elem(1.0 - NEAR));
    let magnitude = log_scale.abs().reshape([features as i32, -1]);
    Usage::Scales {
        features,
        dead: below(magnitude.clone(), DEAD),
        saturated,
        largest: magnitude.max().into_scalar::<f64>(),
    }
}

/// The way of a scale from the middle of its range to a bound, 1 there, of raw numbers `[n, parameters]`.
fn reach(scale: LogScale, raw: Tensor<2>, log_scale: &Tensor<2>) -> Tensor<2> {
    let magnitude = log_scale.clone().abs();
    match scale {
        // Beyond, the factor `exp(s)` is no number of the dtype.
        LogScale::Plain => {
            let bound = largest_of(raw.dtype()).ln();
            magnitude.mul_scalar(bound.recip())
        }
        LogScale::SoftBounded(bound) => magnitude.mul_scalar(bound.recip()),
        // The scale is between 0 and 1.
        LogScale::Sigmoid(_) => {
            let scale = log_scale.clone().exp();
            let rest = scale.clone().neg().add_scalar(1.0);
            scale.max_pair(rest)
        }
        LogScale::Tanh => raw.narrow(1, 0, 1).tanh().abs(),
        // Above the floor the scale is between 0 and 1.
        LogScale::FlooredSigmoid { floor, .. } => {
            let scale = log_scale.clone().exp().sub_scalar(floor);
            let rest = scale.clone().neg().add_scalar(1.0);
            scale.max_pair(rest)
        }
        LogScale::FlooredSoftplus(floor) => log_scale.clone().neg().exp().mul_scalar(floor),
        LogScale::InverseSigmoid(_) => {
            let share = log_scale.clone().neg().exp();
            let rest = share.clone().neg().add_scalar(1.0);
            share.max_pair(rest)
        }
    }
}

/// A spline at numbers `x`, `[batch, features, ..]`, with its parameters.
pub(super) fn of_spline<const D: usize>(
    spline: &RationalQuadratic,
    x: Tensor<D>,
    parameters: Tensor<D>,
) -> Usage {
    let (x, parameters) = (each(x, 1), each(parameters, spline.given()));
    let features = x.dims()[0];
    let (x, parameters) = (flat(x).cast(DType::F32), flat(parameters).cast(DType::F32));
    let outside = share(x.clone().abs().greater_elem(spline.bound));
    let least = match spline.knots {
        Knots::Floored(least) => least,
        Knots::SoftBounded(_) => Least::default(),
    };
    let thin = [0, 1].map(|side| {
        let raw = parameters
            .clone()
            .narrow(1, side * spline.bins, spline.bins);
        let shares = spline.knots.shares(raw, side);
        share(shares.lower_elem((1.0 + NEAR) * least.sizes()[side]))
    });
    let (_, log_slope) = spline.apply(Direction::Forward, x, None, parameters);
    let magnitude = log_slope.abs().reshape([features as i32, -1]);
    Usage::Spline {
        features,
        dead: below(magnitude, DEAD),
        outside,
        thin: 0.5 * (thin[0] + thin[1]),
    }
}

/// `[batch, parameters · features, ..]` as `[features, batch · positions, parameters]`.
fn each<const D: usize>(given: Tensor<D>, parameters: usize) -> Tensor<3> {
    let dims = given.dims();
    let (batch, features) = (dims[0], dims[1] / parameters);
    let positions = dims[2..].iter().product();
    let blocks: Tensor<4> = given.reshape([batch, parameters, features, positions]);
    let blocks = blocks.permute([2, 0, 3, 1]);
    blocks.reshape([features, batch * positions, parameters])
}

fn flat(each: Tensor<3>) -> Tensor<2> {
    each.flatten(0, 1)
}

/// The share of numbers that are so.
fn share<const D: usize>(are: Tensor<D, burn::tensor::Bool>) -> f64 {
    are.float().mean().into_scalar::<f64>()
}

/// The number of rows whose largest number is below.
fn below(rows: Tensor<2>, bound: f64) -> usize {
    let largest = rows.max_dim(1).into_data();
    largest.iter::<f64>().filter(|x| *x < bound).count()
}
