//! RealNVP's transformer.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{Direction, LogScale, Places, affine};

use super::{ScaleMap, SoftBounded, Transformer};
use crate::{LogDet, Split};

/// `y = x ⊙ exp(s) + t`, `ln|det J| = Σ s`, where a scale map makes `s` of the conditioner's
/// second block and `t` is its first.
///
/// The inverse multiplies by `exp(−s)`. The log-determinant depends on the kept features. With a scale
/// map that is [`known`](ScaleMap::known), each way is one pass over memory on the CPU.
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

    fn apply<const D: usize>(
        &self,
        x: Tensor<D>,
        places: [Places; 2],
        parameters: Tensor<D>,
        direction: Direction,
    ) -> (Tensor<D>, LogDet) {
        if let Some(scale) = self.scale_map.known() {
            return affine(x, places, parameters, scale, direction);
        }
        let features = places[1].count;
        let raw = parameters.clone().narrow(1, features, features);
        let log_scale = self.scale_map.log_scale(raw);
        let shift = parameters.narrow(1, 0, features);
        let parameters = Tensor::cat(vec![shift, log_scale], 1);
        affine(x, places, parameters, LogScale::Plain, direction)
    }
}

impl<S: ScaleMap> Transformer for Affine<S> {
    fn parameters_per_feature(&self) -> usize {
        2
    }

    fn forward<const D: usize>(&self, x: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        let all = [Places::NONE, Places::all(x.dims()[1])];
        self.apply(x, all, parameters, Direction::Forward)
    }

    fn inverse<const D: usize>(&self, y: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet) {
        let all = [Places::NONE, Places::all(y.dims()[1])];
        self.apply(y, all, parameters, Direction::Inverse)
    }

    fn forward_part<const D: usize>(
        &self,
        x: Tensor<D>,
        split: Split,
        parameters: Tensor<D>,
    ) -> (Tensor<D>, LogDet) {
        let places = split.both(x.dims()[1]);
        self.apply(x, places, parameters, Direction::Forward)
    }

    fn inverse_part<const D: usize>(
        &self,
        y: Tensor<D>,
        split: Split,
        parameters: Tensor<D>,
    ) -> (Tensor<D>, LogDet) {
        let places = split.both(y.dims()[1]);
        self.apply(y, places, parameters, Direction::Inverse)
    }
}
