//! Layers and their configuration, side by side.

mod base;
mod context;
mod inverse;
mod neural;
mod simple;

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use thalweg_flow::base::GaussianMixture;
use thalweg_flow::{
    ActNorm, Autoregressive, ContextTransform, Coupling, ElementwiseAffine, Full, InvertibleLinear,
    Permutation, Planar, Plu, Radial, Split, WithContext,
};
use thalweg_models::composed::{ComposedLayer, GivenLayer, LayerConfig, TransformerConfig};
use thalweg_models::{ComposedConfig, Conditional};

use crate::changes::Factors;
use crate::masked::{self, MaskedNetwork};
use crate::perceptron::Perceptron;
use crate::weights::Place;
use crate::{ConvertError, Options};
pub(crate) use base::Base;
use inverse::inverse;
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

    fn vector(&self, values: Vec<f64>) -> Tensor<1> {
        let length = values.len();
        self.place.tensor(values, [length])
    }

    /// `z = (x − μ) ⊙ eˢ`.
    pub(crate) fn centre_and_scale(
        &mut self,
        module: &str,
        mean: Vec<f64>,
        log_scale: Vec<f64>,
    ) -> Result<(), ConvertError> {
        self.expect(module, mean.len())?;
        let layer = ActNorm::from_parameters(self.vector(mean), self.vector(log_scale));
        self.push(
            LayerConfig::ActNorm,
            ComposedLayer::ActNorm(layer),
            Way::Forward,
        )
    }

    /// `z = eˢ ⊙ x + t`.
    pub(crate) fn scale_and_shift(
        &mut self,
        module: &str,
        log_scale: Vec<f64>,
        shift: Vec<f64>,
    ) -> Result<(), ConvertError> {
        self.expect(module, shift.len())?;
        let layer = ElementwiseAffine::from_parameters(self.vector(log_scale), self.vector(shift));
        self.push(
            LayerConfig::Affine,
            ComposedLayer::Affine(layer),
            Way::Forward,
        )
    }

    /// `z = W x` of rows.
    pub(crate) fn matrix(
        &mut self,
        module: &str,
        rows: Vec<f64>,
        features: usize,
    ) -> Result<(), ConvertError> {
        self.expect(module, features)?;
        let weight = self.place.tensor(rows, [features; 2]);
        let layer = InvertibleLinear::new(Full::from_weight(weight));
        self.push(
            LayerConfig::Matrix,
            ComposedLayer::Matrix(layer),
            Way::Forward,
        )
    }

    /// `z = L U x`: both with rows of all numbers, of which those beside the triangles are not read.
    pub(crate) fn triangles(
        &mut self,
        module: &str,
        [lower, upper]: [Vec<f64>; 2],
        log_diagonal: Vec<f64>,
    ) -> Result<(), ConvertError> {
        let features = log_diagonal.len();
        self.expect(module, features)?;
        let order: Vec<i64> = (0..features as i64).collect();
        let order: Tensor<1, Int> =
            Tensor::from_data(TensorData::new(order, [features]), &self.place.device);
        let form = Plu::from_factors(
            order,
            self.place.tensor(lower, [features; 2]),
            self.place.tensor(upper, [features; 2]),
            self.vector(log_diagonal),
            self.vector(vec![1.0; features]),
        );
        let layer = InvertibleLinear::new(form);
        self.push(
            LayerConfig::Linear,
            ComposedLayer::Linear(layer),
            Way::Forward,
        )
    }

    /// The planar flow, as it is or inverted.
    pub(crate) fn planar(
        &mut self,
        module: &str,
        [u, w, b]: [Vec<f64>; 3],
        way: Way,
    ) -> Result<(), ConvertError> {
        self.expect(module, u.len())?;
        let layer = Planar::from_parameters(self.vector(u), self.vector(w), self.vector(b));
        self.push(LayerConfig::Planar, ComposedLayer::Planar(layer), way)
    }

    /// The radial flow, as it is or inverted.
    pub(crate) fn radial(
        &mut self,
        module: &str,
        [centre, alpha, beta]: [Vec<f64>; 3],
        way: Way,
    ) -> Result<(), ConvertError> {
        self.expect(module, centre.len())?;
        let layer =
            Radial::from_parameters(self.vector(centre), self.vector(alpha), self.vector(beta));
        self.push(LayerConfig::Radial, ComposedLayer::Radial(layer), way)
    }

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
    fn see(&mut self, module: &str, network: &mut MaskedNetwork) -> Result<usize, ConvertError> {
        let features = network.config.order.len();
        self.expect(module, features)?;
        let context = network.layers[0].inputs() - features;
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
        let first = std::iter::once((features, &mut network.layers[0]));
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

fn is_spline(transformer: TransformerConfig) -> bool {
    use TransformerConfig::{PolynomialSpline, Spline};
    matches!(transformer, Spline { .. } | PolynomialSpline { .. })
}

/// What [`Layers`] have become.
pub(crate) struct Finished {
    /// The numbers of the context are 0 of a flow without one.
    pub(crate) config: Conditional<ComposedConfig>,
    pub(crate) layers: Vec<GivenLayer>,
    pub(crate) mixture: Option<GaussianMixture>,
}
