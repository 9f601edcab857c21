//! Layers and their configuration, side by side.

mod base;
mod context;
mod inverse;
mod linear;
mod networks;
mod neural;
mod simple;

use burn::tensor::{DType, Device};
use thalweg_flow::Permutation;
use thalweg_flow::base::GaussianMixture;
use thalweg_models::composed::{ComposedLayer, GivenLayer, LayerConfig};
use thalweg_models::{ComposedConfig, Conditional};

use crate::changes::Factors;
use crate::perceptron::Perceptron;
use crate::weights::Place;
use crate::{ConvertError, Options};
pub(crate) use base::Base;
pub(crate) use neural::Increasing;

/// The layers so far, from data to latents.
pub(crate) struct Layers {
    pub(crate) place: Place,
    features: Option<usize>,
    /// The numbers of the context that networks see, once one has told it.
    context: Option<usize>,
    /// What networks see of a context.
    embedding: Option<Factors>,
    /// The network of the context whose outputs they see.
    network: Option<Perceptron>,
    list: Vec<(LayerConfig, GivenLayer)>,
    /// The density of the latents.
    base: Base,
    /// Whether splines are those of the unit box.
    in_box: bool,
    /// A permutation that is not in the list yet, since the next one may undo it.
    order: Option<Vec<usize>>,
}

/// Which side of the flow a layer computes: `Forward` from data to latents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Forward,
    Inverse,
}

impl Layers {
    pub(crate) fn new(device: &Device, dtype: DType, options: &Options) -> Self {
        Self {
            place: Place {
                device: device.clone(),
                dtype,
            },
            features: None,
            context: None,
            embedding: None,
            network: None,
            list: vec![],
            base: Base::default(),
            in_box: options.unit_box(),
            order: None,
        }
    }

    /// The number of features, once a layer has told it.
    pub(crate) fn features(&self) -> Option<usize> {
        self.features
    }

    /// Notes the number of features that a module has.
    pub(crate) fn expect(&mut self, module: &str, features: usize) -> Result<(), ConvertError> {
        match self.features.replace(features) {
            Some(found) if found != features => Err(ConvertError::unsupported(
                module,
                format!("it has {features} features, the layers before it have {found}"),
            )),
            _ => Ok(()),
        }
    }

    /// `zᵢ = x_{order[i]}`.
    pub(crate) fn order(&mut self, module: &str, order: &[usize]) -> Result<(), ConvertError> {
        self.expect(module, order.len())?;
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..order.len()) {
            return Err(ConvertError::unsupported(
                module,
                format!("{order:?} is no order of {} features", order.len()),
            ));
        }
        let composed = match self.order.take() {
            Some(before) => order.iter().map(|from| before[*from]).collect(),
            None => order.to_vec(),
        };
        self.order = Some(composed);
        Ok(())
    }

    /// Puts the permutation that waits into the list.
    fn flush(&mut self) -> Result<(), ConvertError> {
        if let Some(order) = self.order.take()
            && !order.is_sorted()
        {
            let layer = Permutation::new(&order, &self.place.device);
            let layer = layer
                .map_err(|error| ConvertError::unsupported("a permutation", error.to_string()))?;
            self.list.push((
                LayerConfig::Permutation { order },
                GivenLayer::Fixed(ComposedLayer::Permutation(layer)),
            ));
        }
        Ok(())
    }

    fn push(
        &mut self,
        config: LayerConfig,
        layer: ComposedLayer,
        way: Way,
    ) -> Result<(), ConvertError> {
        self.push_given(config, GivenLayer::Fixed(layer), way)
    }

    /// The numbers of the context that networks see, as far as one has told it.
    pub(crate) fn context(&self) -> usize {
        self.context.unwrap_or(0)
    }

    /// Notes how many numbers of a context a network sees.
    fn expect_context(&mut self, module: &str, context: usize) -> Result<(), ConvertError> {
        match self.context.replace(context) {
            Some(found) if found != context => Err(ConvertError::unsupported(
                module,
                format!(
                    "its network sees a context of {context} numbers, the ones before it of {found}"
                ),
            )),
            _ => Ok(()),
        }
    }

    fn push_given(
        &mut self,
        config: LayerConfig,
        layer: GivenLayer,
        way: Way,
    ) -> Result<(), ConvertError> {
        self.flush()?;
        self.list.push(match way {
            Way::Forward => (config, layer),
            Way::Inverse => (
                LayerConfig::Inverted(Box::new(config)),
                layer.inverted_layer(),
            ),
        });
        Ok(())
    }

    /// The model, with its last permutation and its base density.
    pub(crate) fn finish(mut self) -> Result<Finished, ConvertError> {
        self.flush()?;
        self.under_embedding()?;
        let features = self.features.unwrap_or(0);
        let (configs, layers) = self.list.into_iter().unzip();
        let config = ComposedConfig::new(features, configs).with_base(self.base.config);
        Ok(Finished {
            config: config.with_context(self.context.unwrap_or(0)),
            layers,
            mixture: self.base.mixture,
        })
    }
}

/// What [`Layers`] have become.
pub(crate) struct Finished {
    /// The numbers of the context are 0 of a flow without one.
    pub(crate) config: Conditional<ComposedConfig>,
    pub(crate) layers: Vec<GivenLayer>,
    pub(crate) mixture: Option<GaussianMixture>,
}
