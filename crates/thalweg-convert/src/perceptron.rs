//! The networks of couplings and of the context, on the host.

use thalweg_flow::{Activation, Mlp, ResidualMlp, StandardizedMlp};
use thalweg_models::composed::{ComposedNetwork, NetworkConfig};

use crate::ConvertError;
use crate::changes::Changes;
use crate::weights::{Dense, Place};

/// A network of vectors.
pub(crate) struct Perceptron {
    pub(crate) layers: Vec<Dense>,
    pub(crate) residual: bool,
    /// Whether its hidden layers are standardized.
    pub(crate) standardized: bool,
    pub(crate) activation: Activation,
    /// Of a residual network, by the last of its inputs.
    pub(crate) changes: Changes,
}

impl Perceptron {
    /// One layer behind the other, an activation between two.
    pub(crate) fn plain(layers: Vec<Dense>, activation: Activation) -> Self {
        Self {
            layers,
            residual: false,
            standardized: false,
            activation,
            changes: Changes::default(),
        }
    }

    pub(crate) fn sizes(&self) -> (usize, usize) {
        let last = &self.layers[self.layers.len() - 1];
        (self.layers[0].inputs(), last.outputs())
    }

    pub(crate) fn last(&mut self) -> &mut Dense {
        let last = self.layers.len() - 1;
        &mut self.layers[last]
    }

    /// Whether it is one that an embedding may be.
    pub(crate) fn is_plain(&self) -> bool {
        !self.residual && !self.standardized
    }

    /// The layers that see a context, each with the place where it begins among its inputs: behind the features in the
    /// first one.
    pub(crate) fn of_context(
        &mut self,
        features: usize,
    ) -> impl Iterator<Item = (usize, &mut Dense)> {
        let changes = self.changes.layers_mut().map(|layer| (0, layer));
        std::iter::once((features, &mut self.layers[0])).chain(changes)
    }

    /// # Errors
    ///
    /// Layers that do not fit one behind the other.
    pub(crate) fn check(self, module: &str) -> Result<Self, ConvertError> {
        for pair in self.layers.windows(2) {
            let (units, seen) = (pair[0].outputs(), pair[1].inputs());
            if units != seen {
                return Err(ConvertError::unsupported(
                    module,
                    format!("a layer of {units} units before one of {seen} inputs"),
                ));
            }
        }
        Ok(self)
    }

    pub(crate) fn build(&self, place: &Place) -> (NetworkConfig, ComposedNetwork) {
        let count = self.layers.len();
        let widths = self.layers[..count - 1].iter().map(Dense::outputs);
        let hidden: Vec<usize> = match self.residual {
            true => widths.take((count - 2) / 2).collect(),
            false => widths.collect(),
        };
        let mut layers: Vec<_> = self
            .layers
            .iter()
            .map(|layer| layer.linear(place))
            .collect();
        let network = match self.residual {
            false if self.standardized => {
                let network = StandardizedMlp::from_layers(layers, self.activation);
                ComposedNetwork::Standardized(network)
            }
            false => ComposedNetwork::Plain(Mlp::from_layers(layers, self.activation)),
            true => {
                let output = layers.remove(count - 1);
                let input = layers.remove(0);
                let mut blocks = vec![];
                let mut rest = layers.into_iter();
                while let (Some(first), Some(second)) = (rest.next(), rest.next()) {
                    blocks.push([first, second]);
                }
                let network = ResidualMlp::from_layers(input, blocks, output, self.activation);
                ComposedNetwork::Residual(match self.changes.build(place) {
                    Some(changes) => network.with_modulation(changes),
                    None => network,
                })
            }
        };
        let config = NetworkConfig {
            hidden,
            residual: self.residual,
            activation: self.activation,
            modulation: self.changes.config(),
            standardized: self.standardized,
        };
        (config, network)
    }
}
