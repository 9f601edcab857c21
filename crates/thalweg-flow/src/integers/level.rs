//! Checks that numbers are levels, or finite, and advice for numbers that are not.

use burn::tensor::{Bool, Device, Tensor};

/// The index and value of the first number that is not one of `0 ..= largest`.
///
/// One pass over the numbers on the host. Other devices reduce to one truth value, and the numbers are
/// read only when it is false.
pub(crate) fn first_that_is_none<const D: usize>(
    x: &Tensor<D>,
    largest: u32,
) -> Option<(usize, f64)> {
    let top = f64::from(largest);
    // NaN fails each comparison. Numbers beyond 32 bits are out of range.
    let level = |v: f64| (0.0..=top).contains(&v) & (f64::from(v as i32) == v);
    first(
        x,
        |x| {
            let inside = x.clone().greater_equal_elem(0.0);
            let inside = inside.bool_and(x.clone().lower_equal_elem(top));
            x.clone().floor().equal(x).bool_and(inside)
        },
        |values| are_levels(values, largest),
        level,
    )
}

/// The index and value of the first number that is not finite, at the cost of
/// [`first_that_is_none`].
pub(crate) fn first_not_finite<const D: usize>(x: &Tensor<D>) -> Option<(usize, f64)> {
    let all_finite = |values: &[f32]| values.iter().fold(true, |all, v| all & v.is_finite());
    first(x, Tensor::is_finite, all_finite, f64::is_finite)
}

/// The index and value of the first number that fails a test, given for tensors, for slices of f32 and
/// for one number.
fn first<const D: usize>(
    x: &Tensor<D>,
    on_device: impl FnOnce(Tensor<D>) -> Tensor<D, Bool>,
    all: impl FnOnce(&[f32]) -> bool,
    one: impl Fn(f64) -> bool,
) -> Option<(usize, f64)> {
    if x.shape().num_elements() == 0 {
        return None;
    }
    let x = plain(x);
    // A read error shows below, or where the numbers are used.
    if !on_host(&x.device())
        && on_device(x.clone())
            .all()
            .try_into_scalar::<bool>()
            .unwrap_or(false)
    {
        return None;
    }
    let data = x.into_data();
    let passes = match (data.as_slice::<f32>(), data.as_slice::<f64>()) {
        (Ok(values), _) => all(values),
        // Without a branch, so that the loop is vectorized.
        (_, Ok(values)) => values.iter().fold(true, |all, v| all & one(*v)),
        _ => false,
    };
    let mut numbers = data.iter::<f64>().enumerate();
    match passes {
        true => None,
        false => numbers.find(|(_, v)| !one(*v)),
    }
}

/// Whether all numbers are levels.
pub(crate) fn are_levels(values: &[f32], largest: u32) -> bool {
    let top = largest as f32;
    let level = |v: f32| (0.0..=top).contains(&v) & ((v as i32) as f32 == v);
    values.iter().fold(true, |all, v| all & level(*v))
}

/// The tensor without autodiff.
fn plain<const D: usize>(x: &Tensor<D>) -> Tensor<D> {
    match x.is_autodiff() {
        true => x.clone().inner(),
        false => x.clone(),
    }
}

/// Whether a device computes in the host's memory.
pub(crate) fn on_host(device: &Device) -> bool {
    // Burn has no query for it; the name contains the backend.
    let name = format!("{:?}", device.clone().without_autodiff());
    name.contains("Flex") || name.contains("NdArray")
}

/// Advice for a number that is no level.
pub(crate) fn way_to_levels(value: f64, largest: u32) -> String {
    let signed = (-1.0..0.0).contains(&value) && value.fract() != 0.0;
    if !value.is_finite() {
        "fill such values, or remove their rows".to_owned()
    } else if value > 0.0 && value < 1.0 {
        format!(
            "numbers between 0 and 1 look scaled, make levels of them by (x * {largest}).round()"
        )
    } else if signed {
        format!(
            "numbers between -1 and 1 look scaled, make levels of them by ((x + 1) * {}).round()",
            f64::from(largest) / 2.0
        )
    } else if value > f64::from(largest) {
        format!(
            "give the model the {} levels that such data have, or bring the data to fewer by \
             (x * {largest} / their largest).round()",
            way_up(value)
        )
    } else if value < 0.0 {
        "the lowest level is 0; add what the lowest value lacks, or replace the code of a missing \
         value"
            .to_owned()
    } else {
        "round it, or find out what made it a fraction".to_owned()
    }
}

/// The number of levels of images with this value.
fn way_up(value: f64) -> String {
    match value {
        value if value <= 255.0 => "256".to_owned(),
        value if value <= 65_535.0 => format!("{} (or 65536 of 16 bits)", value.floor() + 1.0),
        _ => "at most 65536".to_owned(),
    }
}

/// The shortest decimal of a number, also of one from f32.
pub(crate) fn shortest(value: f64) -> String {
    match f64::from(value as f32) == value {
        true => format!("{}", value as f32),
        false => format!("{value}"),
    }
}
