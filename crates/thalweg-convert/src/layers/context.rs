//! What networks see of a context.

use thalweg_flow::{Embedded, Mlp};
use thalweg_models::composed::{GivenLayer, LayerConfig};

use super::Layers;
use crate::ConvertError;
use crate::changes::Factors;
use crate::perceptron::Perceptron;
use crate::weights::Dense;

impl Layers {
    /// Notes that networks see `f ⊙ c + g` of the context `c`.
    pub(crate) fn standardize_context(&mut self, of: Factors) {
        self.embedding = Some(of);
    }

    /// Notes that networks see a perceptron of the context.
    pub(crate) fn embedding_network(
        &mut self,
        module: &str,
        network: Perceptron,
    ) -> Result<(), ConvertError> {
        if !network.is_plain() {
            return Err(ConvertError::unsupported(
                module,
                "an embedding network with residual blocks or norms; perceptrons are supported",
            ));
        }
        self.network = Some(network);
        Ok(())
    }

    /// Puts the layers under the embedding network, if there is one.
    pub(super) fn under_embedding(&mut self) -> Result<(), ConvertError> {
        let Some(network) = self.network.take() else {
            return Ok(());
        };
        let module = "_embedding_net";
        let (context, width) = network.sizes();
        match self.context.replace(context) {
            Some(seen) if seen == width => {}
            seen => {
                let problem = match seen {
                    Some(seen) if seen > 0 => format!("networks see {seen} numbers"),
                    _ => "no network sees them".to_owned(),
                };
                return Err(ConvertError::unsupported(
                    module,
                    format!("it gives {width} numbers of a context, and {problem}"),
                ));
            }
        }
        let layers = network.layers.iter().map(|layer| layer.linear(&self.place));
        let embedding = Mlp::from_layers(layers.collect(), network.activation);
        let (network, _) = network.build(&self.place);
        let (configs, layers): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.list).into_iter().unzip();
        let config = LayerConfig::Embedded {
            width,
            network,
            layers: configs,
        };
        let layer = GivenLayer::Embedded(Embedded::new(embedding, layers));
        self.list.push((config, layer));
        Ok(())
    }

    /// Takes the factors and summands of the context into the layers that see it, each with the place where the
    /// context begins among its inputs.
    pub(super) fn embed<'a>(
        &self,
        module: &str,
        context: usize,
        layers: impl Iterator<Item = (usize, &'a mut Dense)>,
    ) -> Result<(), ConvertError> {
        let Some(of) = self.embedding.as_ref().filter(|_| context > 0) else {
            return Ok(());
        };
        let of = of.clone().of(module, context)?;
        layers.for_each(|(first, layer)| layer.behind(first, &of));
        Ok(())
    }
}
