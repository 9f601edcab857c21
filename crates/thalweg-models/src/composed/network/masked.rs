//! Masked networks, by configuration.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::{
    Activation, Degrees, MaskedMlp, Modulation, ModulationConfig, Noise, WeightInit,
};

use super::check_activation;
use crate::ConfigError;
use crate::composed::modulation::{check_modulation, count_modulation};
use crate::config::perceptron;

/// The masked network of an autoregressive layer.
///
/// ```
/// use thalweg_flow::Activation;
/// use thalweg_models::composed::MaskedConfig;
///
/// // Three features, one hidden layer whose units see the first, or the first two.
/// let config = MaskedConfig {
///     order: vec![0, 1, 2],
///     degrees: vec![vec![1, 2, 1, 2]],
///     residual: false,
///     activation: Activation::Relu,
///     modulation: None,
///     plain_entry: false,
///     angles: vec![],
/// };
/// // Two parameters a feature: 3 × 4 weights of the first layer, of which the masks keep 6.
/// let degrees = config.degrees([0, 2]);
/// assert_eq!(degrees.mask(0).iter().sum::<f32>(), 2.0 + 4.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MaskedConfig {
    /// `order[k]` is the feature that comes at place `k`.
    pub order: Vec<usize>,
    /// The degrees of the hidden units, layer by layer; see [`Degrees`]. Of a residual network: a first layer
    /// and two for each block, all alike.
    pub degrees: Vec<Vec<usize>>,
    /// Residual blocks of two layers.
    pub residual: bool,
    /// After each hidden layer; in a residual network, before each layer of a block.
    pub activation: Activation,
    /// What the context and norms change: in a network that is not residual, behind its first layer alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modulation: Option<ModulationConfig>,
    /// Residual blocks without an activation in front; see [`Degrees::with_plain_entry`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plain_entry: bool,
    /// From each feature to the angle whose cosine and sine the network sees in its place, 0 for those that it sees as they
    /// are; empty for none. See [`MaskedMlp::with_angles`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub angles: Vec<f64>,
}

impl MaskedConfig {
    pub(in crate::composed) fn check(
        &self,
        model: &'static str,
        [features, context]: [usize; 2],
    ) -> Result<(), ConfigError> {
        check_order(model, &self.order, features)?;
        check_activation(model, self.activation)?;
        let widths = self.degrees.iter().map(|layer| ("degrees", layer.len(), 1));
        ConfigError::at_least(model, widths)?;
        let problem = |problem: String| ConfigError::Setting {
            model,
            field: "degrees",
            problem,
        };
        if let Some(degree) = self.degrees.iter().flatten().find(|d| **d > features) {
            return Err(problem(format!(
                "a hidden unit depends on at most {features} features, got degree {degree}"
            )));
        }
        let is_even = self.degrees.len().is_multiple_of(2);
        if self.residual && (is_even || self.degrees.iter().any(|d| *d != self.degrees[0])) {
            return Err(problem(format!(
                "a residual network has one hidden layer and two for each block, all of the same degrees, got \
                 {} layers",
                self.degrees.len()
            )));
        }
        if self.plain_entry && !self.residual {
            return Err(ConfigError::Setting {
                model,
                field: "plain_entry",
                problem: "only a residual network has blocks".into(),
            });
        }
        if !self.angles.is_empty() {
            let (found, expected) = (self.angles.len(), features);
            if found != expected {
                return Err(ConfigError::Setting {
                    model,
                    field: "angles",
                    problem: format!(
                        "a factor of each of {expected} features, or none, got {found}"
                    ),
                });
            }
            let mut angles = self.angles.iter();
            angles.try_for_each(|of| ConfigError::check_range(model, "angles", *of, [0.0, 1e6]))?;
        }
        if let Some(modulation) = self.modulation {
            check_modulation(model, modulation, context, self.residual)?;
            if self.plain_entry && modulation.norms {
                return Err(ConfigError::Setting {
                    model,
                    field: "modulation",
                    problem: "norms stand in front of an activation, and a plain entry has none"
                        .into(),
                });
            }
        }
        Ok(())
    }

    /// The features that the network sees as angles.
    fn circles(&self) -> Vec<usize> {
        let factors = self.angles.iter().enumerate();
        let found = factors.filter(|(_, factor)| **factor != 0.0);
        found.map(|(feature, _)| feature).collect()
    }

    /// A network of such degrees, with what it sees as angles and how its layers are changed.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Activation, MaskedMlp, Noise, WeightInit};
    /// use thalweg_models::composed::MaskedConfig;
    ///
    /// // Feature 0 lies on a circle from −1 to 1.
    /// let config = MaskedConfig {
    ///     order: vec![0, 1],
    ///     degrees: vec![vec![1; 8]],
    ///     residual: false,
    ///     activation: Activation::Tanh,
    ///     modulation: None,
    ///     plain_entry: false,
    ///     angles: vec![std::f64::consts::PI, 0.0],
    /// };
    /// let (device, noise, inits) = (Device::default(), &mut Noise::seeded(0), [WeightInit::FanIn; 2]);
    /// let degrees = config.degrees([0, 1]);
    /// let network = MaskedMlp::of_degrees(degrees, config.activation, inits, noise, &device);
    /// let network = config.finish(network, None);
    /// let at = |x: f32| network.forward(Tensor::from_data([[x, 0.3]], &device));
    /// assert!((at(-1.0) - at(1.0)).abs().max().into_scalar::<f32>() < 1e-5);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`MaskedMlp::with_angles`] and [`MaskedMlp::with_modulation`].
    pub fn finish(&self, network: MaskedMlp, changes: Option<Modulation>) -> MaskedMlp {
        let network = match self.angles.is_empty() {
            true => network,
            false => network.with_angles(self.angles.clone()),
        };
        match changes {
            Some(changes) => network.with_modulation(changes),
            None => network,
        }
    }

    /// The sizes `[context, width, blocks]` of the modulation.
    fn changed(&self, context: usize) -> [usize; 3] {
        let blocks = if self.residual {
            self.degrees.len() / 2
        } else {
            0
        };
        [context, self.degrees.first().map_or(0, Vec::len), blocks]
    }

    /// The degrees of a configuration that passes its checks, of `[context, parameters]`.
    pub fn degrees(&self, [context, parameters]: [usize; 2]) -> Degrees {
        let degrees = Degrees::new(
            self.order.clone(),
            context,
            parameters,
            self.degrees.clone(),
        )
        .with_angles(&self.circles());
        match (self.residual, self.plain_entry) {
            (true, true) => degrees.residual().with_plain_entry(),
            (true, false) => degrees.residual(),
            (false, _) => degrees,
        }
    }

    pub(in crate::composed) fn count(&self, [context, parameters]: [usize; 2]) -> u128 {
        let features = self.order.len();
        let hidden = self.degrees.iter().map(Vec::len);
        let outputs = features.saturating_mul(parameters);
        let inputs = features.saturating_add(context) + self.circles().len();
        let layers = perceptron([inputs].into_iter().chain(hidden).chain([outputs]));
        layers.saturating_add(count_modulation(self.modulation, self.changed(context)))
    }

    pub(in crate::composed) fn build(
        &self,
        sizes: [usize; 2],
        noise: &mut Noise,
        device: &Device,
    ) -> MaskedMlp {
        let init = [WeightInit::FanIn, WeightInit::Zero];
        let degrees = self.degrees(sizes);
        let network = MaskedMlp::of_degrees(degrees, self.activation, init, noise, device);
        let sizes = self.changed(sizes[0]);
        let changes = self.modulation.map(|of| of.init(sizes, noise, device));
        self.finish(network, changes)
    }
}

/// `Ok` when the order holds each feature once.
pub(in crate::composed) fn check_order(
    model: &'static str,
    order: &[usize],
    features: usize,
) -> Result<(), ConfigError> {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    let problem = || ConfigError::Setting {
        model,
        field: "order",
        problem: format!("an order holds each of {features} features once, got {order:?}"),
    };
    let is_order = sorted.into_iter().eq(0..features);
    is_order.then_some(()).ok_or_else(problem)
}
