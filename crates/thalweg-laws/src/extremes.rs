//! Numbers at the ends of the range of a dtype.

use burn::tensor::DType;

use crate::{Flat, edge_rows};

/// Extreme numbers of a dtype: 0, the smallest normal and subnormal number, 1 and its neighbours, and
/// powers of ten up to the largest.
fn extremes(dtype: DType) -> Vec<f64> {
    let [smallest, tiny, most] = ends(dtype);
    let one = 1.0;
    let mut values = vec![
        smallest,
        tiny,
        1e-20,
        next(one, dtype, false),
        one,
        next(one, dtype, true),
        20.0,
        90.0,
        1e3,
        1e10,
        1e20,
        most / 1e4,
        most / 2.0,
        most,
    ];
    if dtype == DType::F64 {
        values.extend([800.0, 1e150, 1e200]);
    }
    values.retain(|value| *value <= most);
    let negative: Vec<f64> = values.iter().map(|value| -value).collect();
    values.extend(negative);
    values.insert(0, 0.0);
    values
}

/// The least positive, the least normal and the largest number of a dtype.
fn ends(dtype: DType) -> [f64; 3] {
    match dtype {
        DType::F64 => [f64::from_bits(1), f64::MIN_POSITIVE, f64::MAX],
        DType::F16 => [2f64.powi(-24), 2f64.powi(-14), 65_504.0],
        DType::BF16 => [2f64.powi(-133), 2f64.powi(-126), 3.389_531_389_251_535_5e38],
        _ => [
            f64::from(f32::from_bits(1)),
            f64::from(f32::MIN_POSITIVE),
            f64::from(f32::MAX),
        ],
    }
}

/// Whether a gradient with such a factor may overflow.
pub(crate) fn near_the_end(value: f64, dtype: DType) -> bool {
    let [_, _, most] = ends(dtype);
    value.abs() > most / 1e8
}

/// The next number of the dtype.
fn next(value: f64, dtype: DType, up: bool) -> f64 {
    match (dtype, up) {
        (DType::F64, true) => value.next_up(),
        (DType::F64, false) => value.next_down(),
        (_, true) => f64::from((value as f32).next_up()),
        (_, false) => f64::from((value as f32).next_down()),
    }
}

/// A batch like `template` of the extremes, of `edges`, and of their neighbours.
pub(crate) fn extreme_rows<F: Flat>(template: &F, edges: &[f64]) -> F {
    let dtype = template.to_rows().dtype();
    let mut values = extremes(dtype);
    for edge in edges {
        let beside = [*edge, next(*edge, dtype, true), next(*edge, dtype, false)];
        for value in beside {
            if !values.contains(&value) {
                values.push(value);
            }
        }
    }
    edge_rows(template, &values)
}

/// Whether sums of such numbers may overflow in f32.
pub(crate) fn is_huge(value: f64) -> bool {
    value.abs() > 1e20
}
