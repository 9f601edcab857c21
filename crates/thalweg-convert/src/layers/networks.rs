//! Layers whose parameters come from networks.

use thalweg_flow::{Autoregressive, ContextTransform, Coupling, Split, WithContext};
use thalweg_models::composed::{ComposedLayer, GivenLayer, LayerConfig, TransformerConfig};

use super::inverse::inverse;
use super::{Layers, Way};
use crate::ConvertError;
use crate::changes::Factors;
use crate::masked::{self, MaskedNetwork};
use crate::perceptron::Perceptron;

impl Layers {
    /// A coupling that keeps some features and transforms others, in the orders of its network.
    pub(crate) fn coupling(
        &mut self,
        module: &str,
        [kept, transformed]: [&[usize]; 2],
        transformer: TransformerConfig,
        mut network: Perceptron,
        way: Way,
    ) -> Result<(), ConvertError> {
        if kept.is_empty() || transformed.is_empty() {
            return Err(ConvertError::unsupported(
                module,
                format!(
                    "a coupling that keeps {} features and transforms {}; each is one or more",
                    kept.len(),
                    transformed.len()
                ),
            ));
        }
        let (inputs, outputs) = network.sizes();
        let expected = transformed.len() * transformer.parameters();
        if inputs < kept.len() || outputs != expected {
            return Err(ConvertError::unsupported(
                module,
                format!(
                    "its network maps {inputs} numbers to {outputs}, a coupling maps {} or more to {expected}",
                    kept.len()
                ),
            ));
        }
        let context = inputs - kept.len();
        self.expect_context(module, context)?;
        self.embed(module, context, network.of_context(kept.len()))?;
        let in_box = self.in_box && is_spline(transformer);
        if in_box {
            self.features = self.features.or(Some(kept.len() + transformed.len()));
            self.unit_box(module, Way::Forward)?;
            network.layers[0].behind(0, &Factors::from_unit_box(kept.len()));
        }
        let order: Vec<usize> = kept.iter().chain(transformed).copied().collect();
        self.order(module, &order)?;
        let (config, network) = network.build(&self.place);
        let (split, of) = (Split::at(kept.len()), transformer.try_transformer()?);
        let layer = match context {
            0 => {
                let layer = Coupling::new(split, of, network);
                GivenLayer::Fixed(ComposedLayer::Coupling(layer))
            }
            _ => GivenLayer::Coupling(Coupling::new(split, of, WithContext::new(network))),
        };
        let config = LayerConfig::Coupling {
            kept: kept.len(),
            transformer,
            network: config,
        };
        self.push_given(config, layer, way)?;
        self.order(module, &inverse(&order))?;
        match in_box {
            true => self.unit_box(module, Way::Inverse),
            false => Ok(()),
        }
    }

    /// Notes the features and the context that a masked network sees, and takes what is known of the context into it. The
    /// numbers of the context.
    pub(super) fn see(
        &mut self,
        module: &str,
        network: &mut MaskedNetwork,
    ) -> Result<usize, ConvertError> {
        let features = network.config.order.len();
        self.expect(module, features)?;
        let angles = network
            .config
            .angles
            .iter()
            .filter(|factor| **factor != 0.0);
        let seen = features + angles.count();
        let context = network.layers[0].inputs() - seen;
        self.expect_context(module, context)?;
        if network
            .changes
            .context()
            .is_some_and(|found| found != context)
        {
            return Err(ConvertError::unsupported(
                module,
                "layers of several contexts",
            ));
        }
        let changes = network.changes.layers_mut().map(|layer| (0, layer));
        let first = std::iter::once((seen, &mut network.layers[0]));
        self.embed(module, context, first.chain(changes))?;
        Ok(context)
    }

    /// An autoregressive layer.
    pub(crate) fn autoregressive(
        &mut self,
        module: &str,
        transformer: TransformerConfig,
        mut network: MaskedNetwork,
        way: Way,
    ) -> Result<(), ConvertError> {
        let context = self.see(module, &mut network)?;
        let features = network.config.order.len();
        let in_box = self.in_box && is_spline(transformer);
        if in_box {
            self.unit_box(module, Way::Forward)?;
            network.layers[0].behind(0, &Factors::from_unit_box(features));
        }
        let sizes = [context, transformer.parameters()];
        let net = masked::module(&network, sizes, &self.place);
        let of = transformer.try_transformer()?;
        let layer = match context {
            0 => {
                let layer = Autoregressive::new(of, net);
                GivenLayer::Fixed(ComposedLayer::Autoregressive(layer))
            }
            _ => GivenLayer::Autoregressive(Autoregressive::new(of, WithContext::new(net))),
        };
        let config = LayerConfig::Autoregressive {
            transformer,
            network: network.config,
        };
        self.push_given(config, layer, way)?;
        match in_box {
            true => self.unit_box(module, Way::Inverse),
            false => Ok(()),
        }
    }

    /// A transformer of all features, in their own order, whose parameters are a network of the context.
    pub(crate) fn of_context(
        &mut self,
        module: &str,
        transformer: TransformerConfig,
        mut network: Perceptron,
        way: Way,
    ) -> Result<(), ConvertError> {
        let (context, outputs) = network.sizes();
        let parameters = transformer.parameters();
        if !outputs.is_multiple_of(parameters) {
            return Err(ConvertError::unsupported(
                module,
                format!("its network gives {outputs} numbers, {parameters} for each feature"),
            ));
        }
        self.expect(module, outputs / parameters)?;
        self.expect_context(module, context)?;
        self.embed(module, context, network.of_context(0))?;
        let (config, network) = network.build(&self.place);
        let of = transformer.try_transformer()?;
        let layer = GivenLayer::Context(ContextTransform::new(of, network));
        let config = LayerConfig::Context {
            transformer,
            network: config,
        };
        self.push_given(config, layer, way)
    }
}

fn is_spline(transformer: TransformerConfig) -> bool {
    use TransformerConfig::{PolynomialSpline, Spline};
    matches!(transformer, Spline { .. } | PolynomialSpline { .. })
}
