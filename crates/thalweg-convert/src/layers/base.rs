//! The density of the latents.

use burn::tensor::Tensor;
use thalweg_flow::base::GaussianMixture;
use thalweg_models::composed::BaseConfig;

use super::Layers;
use crate::ConvertError;

/// A base density, standard normal until a module tells another one.
#[derive(Default)]
pub(crate) struct Base {
    pub(super) config: BaseConfig,
    pub(super) mixture: Option<GaussianMixture>,
}

impl Layers {
    /// Uniform numbers of a box, one bound a feature, or one for all.
    pub(crate) fn uniform(
        &mut self,
        module: &str,
        low: Vec<f64>,
        high: Vec<f64>,
    ) -> Result<(), ConvertError> {
        let features = self.features.unwrap_or(low.len());
        self.expect(module, features)?;
        let of_all = |bounds: Vec<f64>| match bounds[..] {
            [bound] => vec![bound; features],
            _ => bounds,
        };
        let (low, high) = (of_all(low), of_all(high));
        self.base.config = BaseConfig::Uniform { low, high };
        Ok(())
    }

    /// Uniform points of circles of length 1 for some features, standard normal numbers for the others.
    pub(crate) fn uniform_normal(&mut self, circles: Vec<usize>) {
        self.base.config = BaseConfig::UniformNormal { circles };
    }

    /// A mixture of normal densities: of each component the logarithm of its weight, the means and the logarithms of the
    /// deviations, component by component.
    pub(crate) fn mixture(
        &mut self,
        module: &str,
        logits: Vec<f64>,
        means: Vec<f64>,
        log_deviations: Vec<f64>,
    ) -> Result<(), ConvertError> {
        let components = logits.len();
        let features = means.len() / components.max(1);
        self.expect(module, features)?;
        let all = |values| -> Tensor<2> { self.place.tensor(values, [components, features]) };
        let (means, log_deviations) = (all(means), all(log_deviations));
        let weights = self.vector(logits);
        self.base.mixture = Some(GaussianMixture::from_parameters(
            weights,
            means,
            log_deviations,
        ));
        self.base.config = BaseConfig::Mixture { components };
        Ok(())
    }
}
