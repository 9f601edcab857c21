//! Increasing functions of one number by networks, one for each feature.

use std::ops::Range;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Activation, WeightInit};
use crate::Noise;
use crate::numerics::{from_host, increasing_root, saturate};

/// What makes a network of one number an increasing function.
///
/// See [`MonotoneNetworks`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Monotone {
    /// Its weights are the magnitudes of the given ones. Half of the units of a layer, rounded up, are `ELU(h)`, the
    /// others `−ELU(−h)`.
    PositiveWeights,
    /// `c + ∫₀ˣ e^(g / (1 + │g│/7)) du` of the network `g` with this activation, by the Gauss–Legendre rule of 32 nodes. Its
    /// slope is the integrand at `x`. The rule meets the integral to all digits where `g` keeps its sign; where `g` crosses
    /// zero, the integrand has a kink in its second derivative, and the rule is off by about 1e-8.
    Integral(Activation),
}

/// The layers at the same depth of all networks.
#[derive(Module, Debug)]
pub(crate) struct Stack {
    /// `[features, inputs, outputs]`.
    pub(crate) weight: Param<Tensor<3>>,
    /// `[features, 1, outputs]`.
    pub(crate) bias: Param<Tensor<3>>,
}

/// Networks of `(x, signal)`, one for each feature, that increase in `x`; see [`Monotone`].
///
/// The parameters of a feature are the numbers of its signal and, of an integral, then the constant `c`.
///
/// The layer [`NeuralAutoregressive`](crate::NeuralAutoregressive) applies them.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::{Activation, Monotone, MonotoneNetworks, Noise};
///
/// // One network for each of two features, with signals of three numbers.
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let mut networks =
///     |monotone| MonotoneNetworks::new([2, 3], &[8, 8], monotone, &mut noise, &device);
/// assert_eq!(networks(Monotone::PositiveWeights).parameters(), 3);
/// // The constant of an integral comes on top.
/// assert_eq!(networks(Monotone::Integral(Activation::Tanh)).parameters(), 3 + 1);
/// ```
///
/// # References
///
/// Huang, Krueger, Lacoste, Courville: *Neural autoregressive flows*, 2018, section 3. Wehenkel, Louppe: *Unconstrained
/// monotonic neural networks*, 2019, section 3.
#[derive(Module, Debug)]
pub struct MonotoneNetworks {
    pub(crate) layers: Vec<Stack>,
    #[module(skip)]
    pub(crate) monotone: Monotone,
}

impl MonotoneNetworks {
    /// Networks of `[features, signal]` with initial weights from `noise`.
    pub fn new(
        [features, signal]: [usize; 2],
        hidden: &[usize],
        monotone: Monotone,
        noise: &mut Noise,
        device: &Device,
    ) -> Self {
        let widths: Vec<usize> = [1 + signal]
            .into_iter()
            .chain(hidden.iter().copied())
            .collect();
        let outputs = widths[1..].iter().copied().chain([1]);
        let layer = |(inputs, outputs): (&usize, usize)| {
            let (shape, fans) = ([features, *inputs, outputs], [*inputs, outputs]);
            let weight = WeightInit::FanIn.weights(shape, fans, noise, device);
            (weight, Tensor::zeros([features, 1, outputs], device))
        };
        Self::from_layers(widths.iter().zip(outputs).map(layer).collect(), monotone)
    }

    /// Networks of given weights `[features, inputs, outputs]` and biases `[features, 1, outputs]`, first to last. The
    /// first input is `x`.
    ///
    /// # Panics
    ///
    /// When there is no layer, or a layer does not take what the one before it gives, or the last one gives more than a
    /// number.
    pub fn from_layers(layers: Vec<(Tensor<3>, Tensor<3>)>, monotone: Monotone) -> Self {
        let dims: Vec<[usize; 3]> = layers.iter().map(|(weight, _)| weight.dims()).collect();
        let fits = dims
            .windows(2)
            .all(|pair| pair[0][0] == pair[1][0] && pair[0][2] == pair[1][1]);
        let biases = layers.iter().zip(&dims);
        let biased = biases
            .clone()
            .all(|((_, bias), dims)| bias.dims() == [dims[0], 1, dims[2]]);
        let ends = dims.first().is_some_and(|dims| dims[1] > 0);
        assert!(
            fits && biased && ends && dims.last().is_some_and(|dims| dims[2] == 1),
            "monotone networks take a number and a signal to a number, layer by layer, got weights {dims:?} and biases {:?}",
            layers
                .iter()
                .map(|(_, bias)| bias.dims())
                .collect::<Vec<_>>()
        );
        let stack = |(weight, bias)| Stack {
            weight: Param::from_tensor(weight),
            bias: Param::from_tensor(bias),
        };
        Self {
            layers: layers.into_iter().map(stack).collect(),
            monotone,
        }
    }

    /// The number of features.
    pub fn features(&self) -> usize {
        self.layers[0].weight.val().dims()[0]
    }

    /// Parameters of a feature.
    pub fn parameters(&self) -> usize {
        let signal = self.layers[0].weight.val().dims()[1] - 1;
        signal + usize::from(self.monotone != Monotone::PositiveWeights)
    }

    /// The functions of some features, given parameters `[batch, parameters · count]`, one block a parameter.
    pub(crate) fn functions(&self, features: Range<usize>, parameters: Tensor<2>) -> Functions {
        let (count, batch) = (features.len(), parameters.dims()[0]);
        let each = self.parameters();
        let parameters: Tensor<3> = parameters.reshape([batch, each, count]);
        let parameters = parameters.permute([2, 0, 1]);
        let signal = self.layers[0].weight.val().dims()[1] - 1;
        let of = |tensor: Tensor<3>| tensor.narrow(0, features.start, count);
        let mut layers = self.layers.iter().map(|layer| {
            let weight = of(layer.weight.val());
            let weight = match self.monotone {
                Monotone::PositiveWeights => weight.abs(),
                Monotone::Integral(_) => weight,
            };
            (weight, of(layer.bias.val()))
        });
        let (first, bias) = layers.next().expect("a network has a layer");
        let rows = parameters.clone().narrow(2, 0, signal);
        let zeros = || {
            Tensor::zeros(
                [count, batch, bias.dims()[2]],
                (&bias.device(), bias.dtype()),
            )
        };
        let of_signal = match signal {
            0 => zeros(),
            _ => rows.matmul(first.clone().narrow(1, 1, signal)),
        };
        Functions {
            at_zero: of_signal + bias,
            slope: first.narrow(1, 0, 1),
            layers: layers.collect(),
            constant: (each > signal).then(|| parameters.narrow(2, signal, 1)),
            monotone: self.monotone,
        }
    }
}

/// Increasing functions of one number each.
#[derive(Debug)]
pub(crate) struct Functions {
    /// The first layer at 0, `[features, batch, width]`.
    at_zero: Tensor<3>,
    /// Its weights of `x`, `[features, 1, width]`.
    slope: Tensor<3>,
    layers: Vec<(Tensor<3>, Tensor<3>)>,
    constant: Option<Tensor<3>>,
    monotone: Monotone,
}

/// The inverse looks for numbers below this magnitude; images beyond count as the image of that one.
pub(crate) const REACH: f64 = 1e3;

impl Functions {
    /// `f(x)` and `ln f′(x)` of `x [batch, features]`.
    pub(crate) fn at(&self, x: Tensor<2>) -> [Tensor<2>; 2] {
        let [batch, features] = x.dims();
        let x: Tensor<3> = x.swap_dims(0, 1).reshape([features, batch, 1]);
        let [y, log_slope] = match self.monotone {
            Monotone::PositiveWeights => self.positive(x),
            Monotone::Integral(activation) => self.integral(x, activation),
        };
        [saturate(y), log_slope].map(|found| found.reshape([features, batch]).swap_dims(0, 1))
    }

    fn positive(&self, x: Tensor<3>) -> [Tensor<3>; 2] {
        let mut h = self.at_zero.clone() + x * self.slope.clone();
        let mut slope = self.slope.clone().expand(h.dims());
        for (weight, bias) in &self.layers {
            let width = h.dims()[2];
            let signs = (0..width).map(|unit| if unit < width.div_ceil(2) { 1.0 } else { -1.0 });
            let signs: Tensor<3> = constants(signs.collect(), [1, 1, width], &h);
            let (a, of_a) = Activation::Elu.with_slope(h * signs.clone());
            h = (a * signs).matmul(weight.clone()) + bias.clone();
            slope = (slope * of_a).matmul(weight.clone());
        }
        [h, slope.log()]
    }

    fn integral(&self, x: Tensor<3>, activation: Activation) -> [Tensor<3>; 2] {
        let [features, batch, width] = self.at_zero.dims();
        let (nodes, weights) = gauss_legendre();
        let count = nodes.len() + 1;
        // The last node is `x` itself.
        let nodes = nodes.into_iter().chain([1.0]).collect();
        let nodes: Tensor<4> = constants(nodes, [1, 1, count, 1], &x);
        let at: Tensor<4> = x.clone().reshape([features, batch, 1, 1]) * nodes;
        let slope: Tensor<4> = self.slope.clone().reshape([features, 1, 1, width]);
        let at_zero: Tensor<4> = self.at_zero.clone().reshape([features, batch, 1, width]);
        let mut h: Tensor<3> = (at_zero + at * slope).reshape([features, batch * count, width]);
        for (weight, bias) in &self.layers {
            h = activation.apply(h).matmul(weight.clone()) + bias.clone();
        }
        let log = bounded(h).reshape([features, batch, count]);
        let log_slope = log.clone().narrow(2, count - 1, 1);
        let weights: Tensor<3> = constants(weights, [1, 1, count - 1], &x);
        let mean = (log.narrow(2, 0, count - 1).exp() * weights).sum_dim(2);
        let y = x * mean;
        let y = match &self.constant {
            Some(constant) => y + constant.clone(),
            None => y,
        };
        [y, log_slope]
    }

    /// `x` and `ln (f⁻¹)′(y)` of `y [batch, features]`.
    pub(crate) fn inverse(&self, y: Tensor<2>) -> [Tensor<2>; 2] {
        let dims = y.dims();
        let flat = |x: Tensor<2>| -> Tensor<1> { x.reshape([dims[0] * dims[1]]) };
        let target = flat(y);
        let high = target.full_like(REACH);
        let ends = [high.clone().neg(), high.clone()];
        let [least, most] = ends.map(|end| flat(self.at(end.reshape(dims))[0].clone()).detach());
        let target = target.max_pair(least).min_pair(most);
        let value = |x: Tensor<1>| {
            let [y, log_slope] = self.at(x.reshape(dims));
            (flat(y), flat(log_slope).exp())
        };
        let x = increasing_root(value, target, high.clone().neg(), high);
        let x: Tensor<2> = x.reshape(dims);
        let [_, log_slope] = self.at(x.clone());
        [x, log_slope.neg()]
    }
}

/// Numbers of the type of a tensor, beside it.
fn constants<const D: usize>(values: Vec<f64>, shape: [usize; D], like: &Tensor<3>) -> Tensor<D> {
    let device = like.device().without_autodiff();
    from_host(values, shape, &device, like.dtype())
}

/// `g / (1 + │g│/7)`, between −7 and 7.
fn bounded<const D: usize>(g: Tensor<D>) -> Tensor<D> {
    let share = g.clone().abs().mul_scalar(1.0 / LARGEST);
    g / share.add_scalar(1.0)
}

/// The largest logarithm of a slope.
pub(crate) const LARGEST: f64 = 7.0;

/// Nodes and weights of the Gauss–Legendre rule of 32 nodes on the unit interval: the roots of the Legendre polynomial, by
/// Newton's steps.
pub(crate) fn gauss_legendre() -> (Vec<f64>, Vec<f64>) {
    const NODES: usize = 32;
    let count = NODES as f64;
    let root = |k: usize| {
        let mut x = (std::f64::consts::PI * (k as f64 + 0.75) / (count + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..20 {
            let [mut before, mut last] = [1.0, x];
            for n in 2..=NODES {
                let n = n as f64;
                (before, last) = (last, ((2.0 * n - 1.0) * x * last - (n - 1.0) * before) / n);
            }
            slope = count * (x * last - before) / (x * x - 1.0);
            x -= last / slope;
        }
        let weight = ((1.0 - x * x) * slope * slope).recip();
        (0.5 * (x + 1.0), weight)
    };
    (0..NODES).map(root).unzip()
}

#[cfg(test)]
mod tests {
    /// A rule of 32 nodes integrates polynomials up to degree 63.
    #[test]
    fn the_rule_integrates_powers() {
        let (nodes, weights) = super::gauss_legendre();
        for power in [0, 1, 20, 63] {
            let terms = nodes.iter().zip(&weights);
            let found: f64 = terms.map(|(x, w)| w * x.powi(power)).sum();
            let expected = f64::from(power + 1).recip();
            assert!((found - expected).abs() < 1e-15, "{power}: {found}");
        }
    }
}
