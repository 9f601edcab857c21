//! The Euclidean norm over many tensors, which neither overflows nor vanishes.

use burn::tensor::{DType, Tensor};

use super::Magnitudes;

/// `‖x‖ = m √Σ(xᵢ/m)²` over many tensors, where `m = max |xᵢ|`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Norm, scale_to};
///
/// // Their squares are no numbers of f32.
/// let x = Tensor::<1>::from_floats([3e30, 4e30], &Device::default());
/// let norm = Norm::of(&[x.clone()]).read();
/// assert!((norm / 5e30 - 1.0).abs() < 1e-6);
/// let unit = scale_to(x, 1.0, norm);
/// assert!((Norm::of(&[unit]).read() - 1.0).abs() < 1e-6);
/// ```
#[allow(clippy::large_enum_variant)] // there is one at a time
#[derive(Debug, Clone)]
pub enum Norm {
    /// Where the numbers lie in the host's memory: infinite or NaN where one of them is.
    Known(f64),
    /// On the device of the first tensor, shape `[1]` each, in 32 bits or 64.
    Asked {
        /// `m`, at least the smallest normal number.
        largest: Tensor<1>,
        /// `√Σ(xᵢ/m)²`.
        root: Tensor<1>,
    },
}

impl Norm {
    /// Of vectors of any types, on any devices.
    pub fn of(vectors: &[Tensor<1>]) -> Self {
        let mut held = Magnitudes::default();
        match vectors.iter().all(|vector| held.push(vector)) {
            true => Self::Known(on_host(&held)),
            false => on_device(vectors),
        }
    }

    /// The number, which waits for the device where it has to; NaN where the device fails.
    pub fn read(self) -> f64 {
        match self {
            Self::Known(norm) => norm,
            Self::Asked { largest, root } => {
                let both = Tensor::cat(vec![largest, root], 0).try_into_vec_as::<f64>();
                both.map_or(f64::NAN, |both| both.iter().product())
            }
        }
    }
}

fn on_host(held: &Magnitudes) -> f64 {
    // Unlike `f64::max`, this keeps NaN.
    let larger = |a: f64, b: f64| if b > a || b.is_nan() { b } else { a };
    let most = held.largest().into_iter().fold(0.0, larger);
    match most == 0.0 || !most.is_finite() {
        true => most,
        false => most * held.squares(most).sqrt(),
    }
}

fn on_device(vectors: &[Tensor<1>]) -> Norm {
    let Some(first) = vectors.first() else {
        return Norm::Known(0.0);
    };
    let (device, dtype) = (first.device(), wide(first.dtype()));
    let vectors = vectors.iter();
    let vectors = vectors.map(|x| x.clone().to_device(&device).cast(dtype));
    let all = Tensor::cat(vectors.collect(), 0);
    let largest = all.clone().abs().max().clamp_min(smallest(dtype));
    let root = (all / largest.clone()).square().sum().sqrt();
    Norm::Asked { largest, root }
}

/// `x · length / norm`, for a norm above 0, also where that factor is no number of the tensor's type.
///
/// See [`Norm`] for an example.
pub fn scale_to<const D: usize>(x: Tensor<D>, length: f64, norm: f64) -> Tensor<D> {
    let (factor, most) = (length / norm, largest_of(x.dtype()));
    // Numbers of the type to all their digits, with room to spare.
    let far = most.sqrt();
    if (far.recip()..far).contains(&factor) || factor == 0.0 {
        return x.mul_scalar(factor);
    }
    let divisor = norm.clamp(smallest(x.dtype()), most);
    x.div_scalar(divisor).mul_scalar(length * (divisor / norm))
}

/// The type to sum numbers of a type in: 64 bits for those of 64, else 32.
///
/// ```
/// use burn::tensor::DType;
/// use thalweg_kernels::wide;
///
/// assert_eq!([DType::F16, DType::F32, DType::F64].map(wide), [DType::F32, DType::F32, DType::F64]);
/// ```
pub fn wide(dtype: DType) -> DType {
    match dtype {
        DType::F64 => DType::F64,
        _ => DType::F32,
    }
}

/// The largest number of a type.
///
/// ```
/// use burn::tensor::DType;
/// use thalweg_kernels::largest_of;
///
/// assert_eq!(largest_of(DType::F32), f64::from(f32::MAX));
/// assert!(largest_of(DType::F16) < largest_of(DType::BF16));
/// ```
pub fn largest_of(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::MAX,
        DType::F16 => 65_504.0,
        // That of f32 with the last bits cut.
        DType::BF16 => 3.389_531_389_251_535_5e38,
        _ => f64::from(f32::MAX),
    }
}

/// The smallest normal number of a type.
fn smallest(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::MIN_POSITIVE,
        DType::F16 => 6.1e-5,
        _ => f64::from(f32::MIN_POSITIVE),
    }
}
