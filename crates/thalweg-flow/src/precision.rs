//! Dtypes: sound f64, casts of modules, and layers that compute in f32.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Device, Tensor};

use crate::numerics::from_host;
use crate::parameter::with_value;
use crate::{FlowError, LogDet};

/// The largest accepted relative error of `exp`, `ln` and `tanh` in f64.
const TOLERANCE: f64 = 1e-12;

/// Whether the device computes `exp`, `ln` and `tanh` in f64 with the precision of f64.
///
/// Some GPU backends claim to support f64 and return wrong numbers. This tests the device by three
/// operations on three numbers.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::precision::{f64_is_sound, require_f64};
///
/// let device = Device::default();
/// require_f64(&device)?;
/// assert!(f64_is_sound(&device));
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Errors
///
/// [`FlowError::UnsoundF64`] with the observed error.
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

/// Whether the device has f64, and [`require_f64`] passes.
///
/// See [`require_f64`] for an example.
pub fn f64_is_sound(device: &Device) -> bool {
    device.supports_dtype(DType::F64) && require_f64(device).is_ok()
}

/// Casts every float parameter of a module; trainable parameters stay trainable.
///
/// With F16 and BF16, the matrices of [`InvertibleLinear`](crate::InvertibleLinear) stay in F32, and it and
/// [`RationalQuadratic`](crate::RationalQuadratic) splines compute in F32 and return the dtype of their
/// input. Results from data in F16 have three digits, in BF16 two and a half.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::{DiagonalScale, FlowError, precision::cast};
///
/// let layer = cast(DiagonalScale::<2>::new(3, &Device::default()), DType::F64)?;
/// assert_eq!(layer.log_scale().dtype(), DType::F64);
/// let error = cast(layer, DType::I32).unwrap_err();
/// assert_eq!(error, FlowError::NotAFloat { dtype: DType::I32 });
/// # Ok::<(), FlowError>(())
/// ```
///
/// # Errors
///
/// [`FlowError::NotAFloat`] for integers and booleans, [`FlowError::UnsupportedDType`] when a device of
/// the module lacks the dtype, [`FlowError::UnsoundF64`] when `dtype` is f64 and a device computes it
/// wrongly.
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
    Ok(module.map(&mut Cast {
        dtype,
        wide: Wide::default(),
    }))
}

struct Cast {
    dtype: DType,
    wide: Wide,
}

impl ModuleMapper for Cast {
    fn enter_module(&mut self, _: &str, container: &str) {
        self.wide.enter(container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.wide.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let dtype = match self.wide.is_inside() && is_low(self.dtype) {
            true => DType::F32,
            false => self.dtype,
        };
        with_value(param, |tensor| tensor.cast(dtype))
    }
}

/// Layers whose parameters stay in F32: the forms of an inverted matrix.
const WIDE: [&str; 4] = [
    "Struct:Plu",
    "Struct:Full",
    "Struct:Householder",
    "Struct:Rotation",
];

/// Whether a module visitor is inside a layer that stays in F32.
#[derive(Debug, Default)]
pub(crate) struct Wide(Vec<bool>);

impl Wide {
    pub(crate) fn enter(&mut self, container: &str) {
        self.0.push(WIDE.contains(&container));
    }

    pub(crate) fn exit(&mut self) {
        self.0.pop();
    }

    pub(crate) fn is_inside(&self) -> bool {
        self.0.contains(&true)
    }
}

fn is_low(dtype: DType) -> bool {
    matches!(dtype, DType::F16 | DType::BF16)
}

/// Applies a map in F32 to a tensor in F16 or BF16, and casts the result back.
pub(crate) fn in_f32<const D: usize>(
    x: Tensor<D>,
    map: impl FnOnce(Tensor<D>) -> (Tensor<D>, LogDet),
) -> (Tensor<D>, LogDet) {
    let dtype = x.dtype();
    if !is_low(dtype) {
        return map(x);
    }
    let (y, log_det) = map(x.cast(DType::F32));
    (y.cast(dtype), log_det.cast(dtype))
}
