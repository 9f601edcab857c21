//! f64 where it is sound, and refused where it is not.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Device, Tensor};

use crate::FlowError;
use crate::numerics::from_host;
use crate::parameter::with_value;

/// The largest relative error of `exp`, `ln` and `tanh` in f64 that passes for f64.
const TOLERANCE: f64 = 1e-12;

/// Whether the device computes `exp`, `ln` and `tanh` in f64 with the precision of f64.
///
/// Some GPU backends claim to support the type and return wrong numbers without a word. This asks
/// the device itself, by three operations on three numbers.
///
/// # Errors
///
/// [`FlowError::UnsoundF64`], with the error that was seen.
pub fn require_f64(device: &Device) -> Result<(), FlowError> {
    let points = [0.3, 1.7, 3.1];
    let x: Tensor<1> = from_host(points.to_vec(), [points.len()], device, DType::F64);
    let worst_of = |found: Tensor<1>, exact: fn(f64) -> f64| {
        let found = found.into_data();
        let errors = found
            .iter::<f64>()
            .zip(points)
            .map(|(f, p)| (f / exact(p) - 1.0).abs());
        errors.fold(0.0, |worst: f64, e| {
            if e.is_nan() {
                f64::INFINITY
            } else {
                worst.max(e)
            }
        })
    };
    let error = worst_of(x.clone().exp(), f64::exp)
        .max(worst_of(x.clone().log(), f64::ln))
        .max(worst_of(x.tanh(), f64::tanh));
    if error <= TOLERANCE {
        return Ok(());
    }
    Err(FlowError::UnsoundF64 {
        device: format!("{:?}", device.clone().without_autodiff()),
        error,
    })
}

/// Whether [`require_f64`] passes.
pub fn f64_is_sound(device: &Device) -> bool {
    require_f64(device).is_ok()
}

/// Every float parameter of a module in another dtype; what was trainable stays so.
///
/// # Errors
///
/// [`FlowError::UnsoundF64`] when `dtype` is f64 and a device of the module cannot be trusted
/// with it.
pub fn cast<M: Module>(module: M, dtype: DType) -> Result<M, FlowError> {
    if !matches!(dtype, DType::F64 | DType::F32 | DType::F16 | DType::BF16) {
        return Err(FlowError::NotAFloat { dtype });
    }
    for device in module.devices() {
        let device = device.without_autodiff();
        if !device.supports_dtype(dtype) {
            return Err(FlowError::UnsupportedDType {
                device: format!("{device:?}"),
                dtype,
            });
        }
    }
    if dtype == DType::F64 {
        for device in module.devices() {
            require_f64(&device)?;
        }
    }
    Ok(module.map(&mut Cast(dtype)))
}

struct Cast(DType);

impl ModuleMapper for Cast {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        with_value(param, |tensor| tensor.cast(self.0))
    }
}
