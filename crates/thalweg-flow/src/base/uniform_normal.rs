//! Uniform points of circles beside standard normal numbers.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_kernels::{Density, HALF_LN_TAU, log_density};

use super::no_samples;
use crate::numerics::{from_host, nothing};
use crate::shape::assert_features;
use crate::{Base, Noise, Placement};

/// `log p(z) = −½ Σ z² − k/2 ln 2π` over the `k` features that lie on no circle; the others are points of circles of length
/// 1, all alike. On `[batch, features]`.
///
/// A circle has no ends: any number is one of its points. Samples lie between −½ and ½.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Base;
/// use thalweg_flow::base::UniformNormal;
///
/// let base = UniformNormal::new(2, vec![1]);
/// let z = Tensor::<2>::from_data([[0.0, 0.3]], &Device::default());
/// let log_prob = base.log_prob(z, &()).into_scalar::<f32>();
/// assert!((log_prob + 0.918_938_5).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct UniformNormal {
    pub(crate) features: usize,
    #[module(skip)]
    pub(crate) circles: Vec<usize>,
}

impl UniformNormal {
    /// A density of this many features, some of which lie on circles.
    ///
    /// # Panics
    ///
    /// When a circle is of no feature.
    pub fn new(features: usize, circles: Vec<usize>) -> Self {
        assert!(
            circles.iter().all(|circle| *circle < features),
            "the circles of {features} features are some of them, got {circles:?}"
        );
        Self { features, circles }
    }

    /// Whether each feature lies on a circle.
    pub(crate) fn is_circle(&self) -> Vec<bool> {
        let all = 0..self.features;
        all.map(|feature| self.circles.contains(&feature)).collect()
    }

    /// 0 for the features on circles, 1 for the others, `[1, features]`.
    fn lines(&self, like: &Tensor<2>) -> Tensor<2> {
        let lines = self.is_circle().into_iter();
        let lines = lines.map(|is_circle| if is_circle { 0.0 } else { 1.0 });
        let shape = [1, self.features];
        from_host(lines.collect(), shape, &like.device(), like.dtype())
    }
}

impl<C> Base<C> for UniformNormal {
    type Latent = Tensor<2>;

    fn log_prob(&self, z: Tensor<2>, _: &C) -> Tensor<1> {
        assert_features("UniformNormal", self.features, &z);
        if let Some((_, nothing)) = nothing(&z) {
            return nothing;
        }
        let lines = self.lines(&z);
        let circles = self.is_circle().into_iter().filter(|is| *is).count();
        // The density of all features as standard normal ones, those of circles at 0.
        log_density(z * lines, Density::Normal).add_scalar(HALF_LN_TAU * circles as f64)
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        _: &C,
    ) -> Tensor<2> {
        let (shape, Placement { device, dtype, .. }) = ([n, self.features], placement);
        if let Some(none) = no_samples(shape, placement) {
            return none;
        }
        let normal = noise.normal(shape, device, *dtype);
        let uniform = noise.uniform(shape, device, *dtype).sub_scalar(0.5);
        let lines = self.lines(&normal);
        let circles = lines.clone().neg().add_scalar(1.0);
        (normal * lines + uniform * circles).mul_scalar(temperature)
    }
}
