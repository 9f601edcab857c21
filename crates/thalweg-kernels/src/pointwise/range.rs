//! Maps of a range onto itself.

use crate::number::Real;

/// `yes` where a number lies between `−bound` and `bound`, `no` elsewhere and where it is NaN.
pub(super) fn inside<R: Real>(x: &R, bound: &R, yes: R, no: R) -> R {
    // Both comparisons are false of NaN.
    let above = R::select((-bound.clone()).less(x), yes, no.clone());
    R::select(x.less(bound), above, no)
}

/// From the range between `−bound` and `bound` to that between 0 and 1, from outside to its middle.
pub(super) fn to_unit<R: Real>(x: &R, bound: &R) -> R {
    let known = inside(x, bound, x.clone(), x.like(0.0));
    (known + bound.clone()) / (bound.like(2.0) * bound.clone())
}

/// A value of the unit range and its log-slope, back on the range: the identity and 0 where `x` lies outside.
pub(super) fn from_unit<R: Real>(x: R, bound: &R, [unit, log_slope]: [R; 2]) -> [R; 2] {
    let y = unit * bound.like(2.0) * bound.clone() - bound.clone();
    let zero = x.like(0.0);
    [
        inside(&x, bound, y, x.clone()),
        inside(&x, bound, log_slope, zero),
    ]
}

/// `softmax(r)`.
pub(super) fn softmax<R: Real>(raw: Vec<R>) -> Vec<R> {
    let first = raw[0].clone();
    let largest = raw.iter().fold(first, |most, r| most.largest_of(r.clone()));
    let largest = largest.detached();
    let weights: Vec<R> = raw
        .into_iter()
        .map(|r| (r - largest.clone()).exp())
        .collect();
    let sum = total(&weights);
    weights
        .into_iter()
        .map(|weight| weight / sum.clone())
        .collect()
}

/// `ln s` of a slope, which of 0 is that of the least positive normal number.
pub(super) fn log_slope<R: Real>(slope: R) -> R {
    let least = slope.like(f64::from(f32::MIN_POSITIVE));
    slope.largest_of(least).ln()
}

/// The sum of one number or more.
pub(super) fn total<R: Real>(numbers: &[R]) -> R {
    let first = numbers[0].clone();
    numbers[1..]
        .iter()
        .fold(first, |sum, number| sum + number.clone())
}
