//! How an unbounded number becomes a log-scale.
//!
//! | map | log-scale `s(r)` | scale | at `r = 0` | use |
//! |---|---|---|---|---|
//! | [`SoftBounded`] (default) | `r / (1 + │r│/b)` | `(e⁻ᵇ, eᵇ)`, `b = 4` | 1 | any data: no overflow, slope 1 at 0 |
//! | [`Exp`] | `r` | `(0, ∞)` | 1 | bounded conditioners, exact comparisons |
//! | [`SigmoidShift`] | `ln σ(r + 2)` | `(0, 1)` | 0.88 | Glow: can only contract |
//! | [`KnownScale`] | any of [`LogScale`] | | | a scale that a configuration chooses, those of other libraries |
//! | [`TanhLearned`] | `a ⊙ tanh r` | `(e^−│a│, e^│a│)`, `a` learned | 1 | RealNVP on images |
//!
//! None clamps hard: a clamp has no gradient outside its bounds, so a parameter that went there
//! stays there. `Exp` and `SigmoidShift` leave the range of the dtype: from `│s│ = 87` on in f32 (708
//! in f64) the factor `exp(s)` stays as it is there, since it or its inverse would be no number. The
//! log-determinant still counts `s` itself, so its gradient leads back.

use burn::module::{Module, ModuleDisplay, Param};
use burn::tensor::{Device, Tensor};
use thalweg_kernels::LogScale;

use crate::numerics::along_features;

/// Makes log-scales, `[batch, features, ..]`, of a conditioner's raw output of the same shape.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Affine, ScaleMap, Transformer};
///
/// /// `s = sin r`.
/// #[derive(Module, Debug)]
/// struct Sine {}
///
/// impl ScaleMap for Sine {
///     fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D> {
///         raw.sin()
///     }
/// }
///
/// let device = Device::default();
/// let parameters = Tensor::<2>::from_floats([[0.0, std::f32::consts::FRAC_PI_2]], &device);
/// let (_, log_det) = Affine::with_scale_map(Sine {}).forward(Tensor::ones([1, 1], &device), parameters);
/// assert!((log_det.into_scalar::<f32>() - 1.0).abs() < 1e-6);
/// ```
pub trait ScaleMap: Module + ModuleDisplay {
    /// `s(r)`, elementwise.
    fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D>;

    /// The same as one of the maps that the kernels know, which then takes one pass over memory instead of
    /// one for each operation. `None`, the default, for others.
    fn known(&self) -> Option<LogScale> {
        None
    }

    /// The amplitudes of [`LogScale::Tanh`], one a feature.
    fn amplitude(&self) -> Option<Tensor<1>> {
        None
    }
}

/// `s = r / (1 + |r|/b)`: between `−b` and `b`, slope 1 at 0.
///
/// Softsign rather than tanh: the same bounds for a division where tanh costs two exponentials.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ScaleMap, SoftBounded};
///
/// let raw = Tensor::<1>::from_floats([4.0, 1e6], &Device::default());
/// let s = SoftBounded::new(4.0).log_scale(raw).into_data().try_to_vec::<f32>().unwrap();
/// assert!((s[0] - 2.0).abs() < 1e-6 && s[1] <= 4.0);
/// ```
#[derive(Module, Debug)]
pub struct SoftBounded {
    pub(crate) bound: f64,
}

impl SoftBounded {
    /// Log-scales between `−bound` and `bound`.
    ///
    /// # Panics
    ///
    /// Unless `bound` is positive and finite.
    pub fn new(bound: f64) -> Self {
        assert!(
            bound > 0.0 && bound.is_finite(),
            "the bound of a log-scale must be positive and finite, got {bound}"
        );
        Self { bound }
    }
}

impl Default for SoftBounded {
    fn default() -> Self {
        Self::new(4.0)
    }
}

impl ScaleMap for SoftBounded {
    fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D> {
        LogScale::SoftBounded(self.bound).apply(raw)
    }

    fn known(&self) -> Option<LogScale> {
        Some(LogScale::SoftBounded(self.bound))
    }
}

/// `s = r`, without bounds.
///
/// See [`Affine`](crate::Affine) for an example.
#[derive(Module, Debug, Default)]
pub struct Exp {}

impl ScaleMap for Exp {
    fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D> {
        raw
    }

    fn known(&self) -> Option<LogScale> {
        Some(LogScale::Plain)
    }
}

/// `s = ln σ(r + shift)`, the scale of the Glow code with `shift = 2`: a scale below 1, near 1 at
/// the start.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ScaleMap, SigmoidShift};
///
/// let s = SigmoidShift::default().log_scale(Tensor::<1>::zeros([1], &Device::default()));
/// assert!((s.exp().into_scalar::<f32>() - 0.8808).abs() < 1e-4); // σ(2)
/// ```
#[derive(Module, Debug)]
pub struct SigmoidShift {
    pub(crate) shift: f64,
}

impl SigmoidShift {
    /// With another shift than 2.
    pub fn new(shift: f64) -> Self {
        Self { shift }
    }
}

impl Default for SigmoidShift {
    fn default() -> Self {
        Self::new(2.0)
    }
}

impl ScaleMap for SigmoidShift {
    fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D> {
        LogScale::Sigmoid(self.shift).apply(raw)
    }

    fn known(&self) -> Option<LogScale> {
        Some(LogScale::Sigmoid(self.shift))
    }
}

/// Any map without learned numbers, chosen by a value: for configurations, and for the weights of other
/// libraries.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{KnownScale, LogScale, ScaleMap};
///
/// let scale = KnownScale::new(LogScale::FlooredSoftplus(1e-3));
/// let s = scale.log_scale(Tensor::<1>::zeros([1], &Device::default()));
/// assert!((s.into_scalar::<f32>() - (2f32.ln() + 1e-3).ln()).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct KnownScale {
    #[module(skip)]
    scale: LogScale,
}

impl KnownScale {
    /// This map.
    ///
    /// # Panics
    ///
    /// For [`LogScale::Tanh`], whose amplitudes are learned: see [`TanhLearned`].
    pub fn new(scale: LogScale) -> Self {
        assert!(
            scale != LogScale::Tanh,
            "the amplitudes of a tanh are learned: use `TanhLearned`"
        );
        Self { scale }
    }
}

impl ScaleMap for KnownScale {
    fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D> {
        self.scale.apply(raw)
    }

    fn known(&self) -> Option<LogScale> {
        Some(self.scale)
    }
}

/// `s = a ⊙ tanh r` with one learned `a` a transformed feature, starting at 1.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ScaleMap, TanhLearned};
///
/// let device = Device::default();
/// let map = TanhLearned::from_amplitude(Tensor::from_floats([0.5, 2.0], &device));
/// // Large numbers reach the amplitudes.
/// let s = map.log_scale(Tensor::<2>::full([1, 2], 50.0, &device));
/// assert_eq!(s.into_data().try_to_vec::<f32>().unwrap(), [0.5, 2.0]);
/// ```
#[derive(Module, Debug)]
pub struct TanhLearned {
    pub(crate) amplitude: Param<Tensor<1>>,
}

impl TanhLearned {
    /// For a coupling that transforms `features` features (see
    /// [`Split::sizes`](crate::Split::sizes)).
    pub fn new(features: usize, device: &Device) -> Self {
        Self::from_amplitude(Tensor::ones([features], device))
    }

    /// Given amplitudes, `[features]`.
    pub fn from_amplitude(amplitude: Tensor<1>) -> Self {
        Self {
            amplitude: Param::from_tensor(amplitude),
        }
    }
}

impl ScaleMap for TanhLearned {
    fn log_scale<const D: usize>(&self, raw: Tensor<D>) -> Tensor<D> {
        raw.tanh() * along_features(self.amplitude.val())
    }

    fn known(&self) -> Option<LogScale> {
        Some(LogScale::Tanh)
    }

    fn amplitude(&self) -> Option<Tensor<1>> {
        Some(self.amplitude.val())
    }
}
