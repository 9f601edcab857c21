//! Autoregressive layers of increasing networks.

use burn::tensor::Tensor;
use thalweg_flow::{MonotoneNetworks, NeuralAutoregressive, WithContext};
use thalweg_models::composed::{ComposedLayer, GivenLayer, LayerConfig, MonotoneConfig};

use super::{Layers, Way};
use crate::ConvertError;
use crate::masked::{self, MaskedNetwork};
use crate::state::StateDict;

/// Layers of the networks of all features, which increase in their first input.
pub(crate) struct Increasing {
    /// Weights `[features, inputs, outputs]`, and biases `[features, 1, outputs]`, as they lie.
    layers: Vec<[(Vec<f64>, [usize; 3]); 2]>,
}

impl Increasing {
    /// A stacked `MLP` of zuko.
    pub(crate) fn take(
        state: &mut StateDict,
        module: &str,
        features: usize,
    ) -> Result<Self, ConvertError> {
        let mut layers = vec![];
        for place in (0..state.modules(module)).step_by(2) {
            let weight = state.take(&format!("{module}.{place}.weight"))?;
            let [found, outputs, inputs] = weight.shape[..] else {
                return Err(weight.misshapen("[features, outputs, inputs]"));
            };
            if found != features || outputs == 0 || inputs == 0 {
                return Err(weight.misshapen(format!("[{features}, outputs, inputs]")));
            }
            let bias = format!("{module}.{place}.bias");
            let bias = match state.has(&bias) {
                true => state.take(&bias)?.of(&[features, outputs])?,
                false => vec![0.0; features * outputs],
            };
            let mut rows = Vec::with_capacity(weight.values.len());
            for feature in weight.values.chunks(outputs * inputs) {
                let of = |input| (0..outputs).map(move |output| feature[output * inputs + input]);
                rows.extend((0..inputs).flat_map(of));
            }
            layers.push([
                (rows, [features, inputs, outputs]),
                (bias, [features, 1, outputs]),
            ]);
        }
        let sizes: Vec<[usize; 3]> = layers.iter().map(|[(_, size), _]| *size).collect();
        let fits = sizes.windows(2).all(|pair| pair[0][2] == pair[1][1]);
        let ends = sizes.first().is_some_and(|size| size[1] > 1);
        if !fits || !ends || sizes.last().is_none_or(|size| size[2] != 1) {
            return Err(ConvertError::unsupported(
                module,
                format!(
                    "its layers have the sizes {sizes:?}; networks of a number and a signal to a number are supported"
                ),
            ));
        }
        Ok(Self { layers })
    }

    /// Numbers of the signal, and the widths of the hidden layers.
    pub(crate) fn sizes(&self) -> (usize, Vec<usize>) {
        let sizes = self.layers.iter().map(|[(_, [_, inputs, _]), _]| *inputs);
        let mut inputs: Vec<usize> = sizes.collect();
        let first = inputs.remove(0);
        (first - 1, inputs)
    }
}

impl Layers {
    /// An autoregressive layer with an increasing network of each feature.
    pub(crate) fn neural(
        &mut self,
        module: &str,
        univariate: MonotoneConfig,
        networks: Increasing,
        mut network: MaskedNetwork,
    ) -> Result<(), ConvertError> {
        let context = self.see(module, &mut network)?;
        let parameters = univariate.parameters();
        if network.parameters != parameters {
            return Err(ConvertError::unsupported(
                module,
                format!(
                    "its network gives {} numbers a feature, the univariate networks take {parameters}",
                    network.parameters
                ),
            ));
        }
        if network.config.residual {
            return Err(ConvertError::unsupported(
                module,
                "a conditioner with residual blocks in front of univariate networks",
            ));
        }
        let net = masked::module(&network, [context, parameters], &self.place);
        let tensor = |(values, shape)| -> Tensor<3> { self.place.tensor(values, shape) };
        let layers = networks
            .layers
            .into_iter()
            .map(|[weight, bias]| (tensor(weight), tensor(bias)));
        let of = MonotoneNetworks::from_layers(layers.collect(), univariate.monotone);
        let layer = match context {
            0 => {
                let layer = NeuralAutoregressive::new(of, net);
                GivenLayer::Fixed(ComposedLayer::NeuralAutoregressive(layer))
            }
            _ => GivenLayer::NeuralAutoregressive(NeuralAutoregressive::new(
                of,
                WithContext::new(net),
            )),
        };
        let config = LayerConfig::NeuralAutoregressive {
            univariate,
            network: network.config,
        };
        self.push_given(config, layer, Way::Forward)
    }
}
