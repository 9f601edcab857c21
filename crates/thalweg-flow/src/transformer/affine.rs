//! RealNVP's transformer.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{AffineMap, LogScale, Map};

use super::pointwise::{ByMap, transformer_by_map};
use super::{ScaleMap, SoftBounded, usage};
use crate::numerics::along_features;
use crate::walk::Usage;

/// `y = x ⊙ exp(s) + t`, `ln|det J| = Σ s`, where a scale map makes `s` of the conditioner's
/// second block and `t` is its first.
///
/// The inverse multiplies by `exp(−s)`. The log-determinant depends on the kept features. With a scale
/// map that is [`known`](ScaleMap::known), each way is one pass over memory on the CPU.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Affine, Exp, Transformer};
///
/// // One feature: the shift 5, then the log-scale ln 2.
/// let device = Device::default();
/// let parameters = Tensor::<2>::from_floats([[5.0, 2.0_f32.ln()]], &device);
/// let affine = Affine::with_scale_map(Exp {});
/// let (y, log_det) = affine.forward(Tensor::full([1, 1], 3.0, &device), parameters.clone());
/// assert!((y.clone().into_scalar::<f32>() - 11.0).abs() < 1e-5);
/// assert!((log_det.into_scalar::<f32>() - 2.0_f32.ln()).abs() < 1e-6);
/// assert!((affine.inverse(y, parameters).0.into_scalar::<f32>() - 3.0).abs() < 1e-5);
/// ```
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, eq. 4–8.
#[derive(Module, Debug, Default)]
pub struct Affine<S: ScaleMap = SoftBounded> {
    pub(crate) scale_map: S,
}

impl Affine {
    /// With the default, softly bounded scale.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S: ScaleMap> Affine<S> {
    /// With another scale map.
    pub fn with_scale_map(scale_map: S) -> Self {
        Self { scale_map }
    }
}

impl<S: ScaleMap> ByMap for Affine<S> {
    fn map(&self) -> Map {
        let scale = self.scale_map.known().unwrap_or(LogScale::Plain);
        Map::Affine(AffineMap::new(scale))
    }

    fn given(&self) -> usize {
        2
    }

    fn unknown(&self) -> Option<&'static str> {
        let unknown = self.scale_map.known().is_none();
        unknown.then(std::any::type_name::<S>)
    }

    fn constants(&self) -> Option<Tensor<1>> {
        self.scale_map.amplitude()
    }

    fn usage<const D: usize>(&self, x: Tensor<D>, given: Tensor<D>) -> Option<Usage> {
        let features = x.dims()[1];
        let scale = self.scale_map.known().unwrap_or(LogScale::Plain);
        let prepared = self.prepare(given);
        let raw = prepared.narrow(1, features, scale.parameters() * features);
        Some(usage::of_scales(scale, raw))
    }

    fn prepare<const D: usize>(&self, given: Tensor<D>) -> Tensor<D> {
        if self.scale_map.known().is_none() {
            let features = given.dims()[1] / 2;
            let raw = given.clone().narrow(1, features, features);
            let shift = given.narrow(1, 0, features);
            return Tensor::cat(vec![shift, self.scale_map.log_scale(raw)], 1);
        }
        let Some(amplitude) = self.constants() else {
            return given;
        };
        let mut shape = given.dims();
        shape[1] /= 2;
        let amplitude = along_features::<D>(amplitude).cast(given.dtype());
        Tensor::cat(vec![given, amplitude.expand(shape)], 1)
    }
}

transformer_by_map! { [S: ScaleMap] Affine<S> }
