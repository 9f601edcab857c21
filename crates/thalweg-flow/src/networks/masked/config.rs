//! Sizes and initial weights of masked networks.

use burn::config::Config;
use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use thalweg_kernels::Degrees;

use super::MaskedMlp;
use crate::Noise;
use crate::networks::{Activation, WeightInit};
use crate::numerics::from_host;

/// Sizes and choices of a [`MaskedMlp`].
///
/// See [`MaskedMlp`] for an example.
#[derive(Config, Debug)]
pub struct MaskedMlpConfig {
    /// Features in.
    pub features: usize,
    /// Widths of the hidden layers, first to last. Of a residual network: one width, once for each block.
    pub hidden: Vec<usize>,
    /// Parameters out for each feature.
    pub parameters: usize,
    /// Numbers of context behind the features.
    #[config(default = 0)]
    pub context: usize,
    /// `order[k]` is the feature that comes at place `k`; empty for their own order.
    #[config(default = "Vec::new()")]
    pub order: Vec<usize>,
    /// Residual blocks of two layers in place of hidden layers.
    #[config(default = false)]
    pub residual: bool,
    /// After each hidden layer; in a residual network, before each layer of a block.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Initial weights of the hidden layers. The inputs of a unit are those that it sees.
    #[config(default = "WeightInit::FanIn")]
    pub init: WeightInit,
    /// Initial weights of the last layer.
    #[config(default = "WeightInit::FanIn")]
    pub output_init: WeightInit,
}

impl MaskedMlpConfig {
    /// The network, its initial weights drawn from `noise`.
    ///
    /// # Panics
    ///
    /// When there is no feature, the order does not hold each feature once, or a residual network has no block
    /// or blocks of several widths.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> MaskedMlp {
        let inits = [self.init, self.output_init];
        MaskedMlp::of_degrees(self.degrees(), self.activation, inits, noise, device)
    }

    fn degrees(&self) -> Degrees {
        let Self {
            features,
            hidden,
            order,
            ..
        } = self;
        assert!(
            *features > 0,
            "a masked network has a feature or more, got 0"
        );
        assert!(
            order.is_empty() || order.len() == *features,
            "a masked network of {features} features got an order of {}: {order:?}",
            order.len()
        );
        let order = match order.is_empty() {
            true => (0..*features).collect(),
            false => order.clone(),
        };
        let spread = |width: &usize| Degrees::spread(*width, *features, self.context > 0);
        if !self.residual {
            let hidden = hidden.iter().map(spread).collect();
            return Degrees::new(order, self.context, self.parameters, hidden);
        }
        assert!(
            !hidden.is_empty() && hidden.iter().all(|width| *width == hidden[0]),
            "a residual masked network has one width, once for each block, got {hidden:?}"
        );
        let hidden = vec![spread(&hidden[0]); 1 + 2 * hidden.len()];
        Degrees::new(order, self.context, self.parameters, hidden).residual()
    }
}

/// The layers of a network of these degrees, with initial weights of the hidden layers and of the last one.
pub(super) fn layers(
    degrees: &Degrees,
    [hidden, last]: [WeightInit; 2],
    noise: &mut Noise,
    device: &Device,
) -> Vec<Linear> {
    let levels = degrees.levels();
    let layer = |(layer, pair): (usize, &[Vec<usize>])| {
        let init = match layer + 1 == degrees.layers() {
            true => last,
            false => hidden,
        };
        let fans = fans(&degrees.mask(layer), pair[1].len());
        linear(&fans, pair[0].len(), init, noise, device)
    };
    levels.windows(2).enumerate().map(layer).collect()
}

/// The number of inputs that each unit sees, and the number of all units. A unit that sees nothing counts as
/// one that sees one input: its bias is an output's start value.
fn fans(mask: &[f32], units: usize) -> Vec<[usize; 2]> {
    let seen = |unit| {
        let column = mask.iter().skip(unit).step_by(units);
        column.filter(|weight| **weight > 0.0).count().max(1)
    };
    (0..units).map(|unit| [seen(unit), units]).collect()
}

/// A layer whose units have different numbers of inputs: what is drawn for all of them, scaled for each.
fn linear(
    fans: &[[usize; 2]],
    inputs: usize,
    init: WeightInit,
    noise: &mut Noise,
    device: &Device,
) -> Linear {
    let units = fans.len();
    let all = [inputs, units];
    let weight: Tensor<2> = init.weights([inputs, units], all, noise, device);
    let bias: Tensor<1> = init.biases(units, all, noise, device);
    let scales = |which: usize| -> Tensor<1> {
        let of = |fans: &[usize; 2]| init.relative(*fans, all)[which];
        from_host(
            fans.iter().map(of).collect(),
            [units],
            device,
            weight.dtype(),
        )
    };
    let (of_weights, of_biases) = (scales(0), scales(1));
    Linear {
        weight: Param::from_tensor(weight * of_weights.unsqueeze()),
        bias: Some(Param::from_tensor(bias * of_biases)),
    }
}
