//! Weights that are no numbers.

use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::FileProblem;

/// That no float of a tensor is NaN or infinite.
///
/// Such a weight is the end of a training that diverged, or damage: no model that it is in says anything.
pub(super) fn check(name: &str, view: &TensorView) -> Result<(), FileProblem> {
    let found = match view.dtype() {
        Dtype::F64 => first(view.data(), f64::from_le_bytes),
        Dtype::F32 => first(view.data(), |bytes| f64::from(f32::from_le_bytes(bytes))),
        // The upper half of an f32.
        Dtype::BF16 => first(view.data(), |[low, high]| {
            f64::from(f32::from_le_bytes([0, 0, low, high]))
        }),
        Dtype::F16 => first(view.data(), of_half),
        _ => None,
    };
    match found {
        None => Ok(()),
        Some((place, value)) => Err(FileProblem::NotFinite {
            name: name.to_owned(),
            place,
            value,
        }),
    }
}

/// The place of the first number that is not finite, and the number.
fn first<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Option<(usize, f64)> {
    let (numbers, _) = bytes.as_chunks::<N>();
    let numbers = numbers.iter().map(|bytes| number(*bytes));
    numbers.enumerate().find(|(_, x)| !x.is_finite())
}

/// NaN or an infinity where it is one, else some finite number: the exponent and whether there is a fraction are all
/// that
/// counts.
fn of_half(bytes: [u8; 2]) -> f64 {
    let bits = u16::from_le_bytes(bytes);
    match (bits & 0x7c00 == 0x7c00, bits & 0x03ff == 0, bits >> 15 == 1) {
        (false, _, _) => 0.0,
        (true, false, _) => f64::NAN,
        (true, true, false) => f64::INFINITY,
        (true, true, true) => f64::NEG_INFINITY,
    }
}
