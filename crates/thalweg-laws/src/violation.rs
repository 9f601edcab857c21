//! Reports of broken laws.

use burn::tensor::{DType, Device, Tensor};

use crate::recorded::record;
use crate::{Flat, Law};

/// A law that a bijection breaks, with the expected and the found result.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Law, Sample, Violation, laws, normal};
///
/// let device = Device::default();
/// let x = normal([4, 3]).sample(&device, DType::F32, 0);
/// // The scales of one keep the volume.
/// let plain = DiagonalScale::<2>::new(3, &device);
/// let found: Violation = laws::volume_as_declared(&plain, &x, &(), false, 1e-4).unwrap_err();
/// assert_eq!((found.law, found.dtype.as_str()), (Law::VolumeAsDeclared, "F32"));
/// assert!(found.to_string().contains(&found.expected));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "{law} is broken on {device} in {dtype}: expected {expected}, found {found}{}",
    .tolerance.map(|t| format!(" (tolerance {t:e})")).unwrap_or_default()
)]
#[non_exhaustive]
pub struct Violation {
    /// The law.
    pub law: Law,
    /// The expected result.
    pub expected: String,
    /// The found result.
    pub found: String,
    /// The tolerance, where the law compares numbers.
    pub tolerance: Option<f64>,
    /// The device of the input.
    pub device: String,
    /// The dtype of the input.
    pub dtype: String,
}

/// The law, device and dtype of a check, for its reports.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    law: Law,
    device: Device,
    dtype: DType,
    tolerance: Option<f64>,
}

impl Site {
    pub(crate) fn new<F: Flat>(law: Law, data: &F) -> Self {
        let rows = data.to_rows();
        Self {
            law,
            device: rows.device().without_autodiff(),
            dtype: rows.dtype(),
            tolerance: None,
        }
    }

    pub(crate) fn within(mut self, tolerance: f64) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    pub(crate) fn dtype(&self) -> DType {
        self.dtype
    }

    pub(crate) fn violated(
        &self,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Violation {
        Violation {
            law: self.law,
            expected: expected.into(),
            found: found.into(),
            tolerance: self.tolerance,
            device: format!("{:?}", self.device),
            dtype: format!("{:?}", self.dtype),
        }
    }

    /// Fails unless both lists are as long as each other and `|found - expected|` stays below
    /// `tolerance * max(1, |expected|)`; a site without a tolerance asks for equal bits.
    pub(crate) fn close(
        &self,
        what: &str,
        expected: &[f64],
        found: &[f64],
    ) -> Result<(), Violation> {
        if expected.len() != found.len() {
            return Err(self.violated(
                format!("{} numbers as {what}", expected.len()),
                format!("{}", found.len()),
            ));
        }
        let worst = expected
            .iter()
            .zip(found)
            .enumerate()
            .map(|(i, (e, f))| (i, *e, *f, distance(*e, *f)))
            .max_by(|a, b| a.3.total_cmp(&b.3));
        if let (Some((.., error)), Some(tolerance)) = (worst, self.tolerance) {
            let place = [format!("{:?}", self.device), format!("{:?}", self.dtype)];
            record(
                self.law,
                place.each_ref().map(String::as_str),
                error,
                tolerance,
            );
        }
        match worst {
            Some((i, e, f, d)) if d > self.tolerance.unwrap_or(0.0) => {
                Err(self.violated(format!("{e:e} as {what} [{i}]"), format!("{f:e}")))
            }
            _ => Ok(()),
        }
    }
}

/// The distance: relative above 1, absolute below, infinite for NaN.
fn distance(expected: f64, found: f64) -> f64 {
    if expected.to_bits() == found.to_bits() {
        return 0.0;
    }
    let distance = (found - expected).abs() / expected.abs().max(1.0);
    if distance.is_nan() {
        f64::INFINITY
    } else {
        // Zeros of different signs are unequal.
        distance.max(f64::MIN_POSITIVE)
    }
}

/// The numbers of a tensor on the host.
pub(crate) fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn what_cannot_be_compared_is_infinitely_far() {
        assert_eq!(distance(0.0, f64::NAN), f64::INFINITY);
        assert_eq!(distance(f64::INFINITY, 1.0), f64::INFINITY);
        assert_eq!(distance(2.0, 3.0), 0.5);
        assert!(distance(0.0, -0.0) > 0.0);
    }
}
