//! Autoregressive layers whose transformers are networks.

use std::mem::take;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_kernels::{Direction, Number, activate, activate_with_slope, root};

use super::{
    Batch, CompiledNetwork, FlowStep, Lower, LowerNetwork, Lowering, Scratch, assert_features,
    host_f32,
};
use crate::networks::monotone::{LARGEST, REACH, gauss_legendre};
use crate::{Activation, MaskedMlp, Monotone, MonotoneNetworks, NeuralAutoregressive, WithContext};

/// `y = x W + b` of the networks of all features.
#[derive(Debug)]
struct Stack {
    /// Feature by feature, one row an input.
    weights: Vec<f32>,
    biases: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

impl Stack {
    /// Of one feature, from the input `first` on.
    fn apply(&self, feature: usize, first: usize, x: &[f32]) -> Vec<f32> {
        let biases = feature * self.outputs..(feature + 1) * self.outputs;
        let mut y = self.biases[biases].to_vec();
        self.add(feature, first, x, &mut y);
        y
    }

    /// The products alone.
    fn add(&self, feature: usize, first: usize, x: &[f32], y: &mut [f32]) {
        for (input, x) in (first..).zip(x) {
            let row = self.row(feature, input).iter();
            y.iter_mut().zip(row).for_each(|(y, w)| *y += x * w);
        }
    }

    /// The weights of an input.
    fn row(&self, feature: usize, input: usize) -> &[f32] {
        let first = (feature * self.inputs + input) * self.outputs;
        &self.weights[first..first + self.outputs]
    }
}

/// See [`MonotoneNetworks`].
#[derive(Debug)]
struct Networks {
    layers: Vec<Stack>,
    monotone: Monotone,
    nodes: Vec<f64>,
    weights: Vec<f64>,
    parameters: usize,
}

impl Networks {
    fn new(of: &MonotoneNetworks) -> Self {
        let layer = |stack: &crate::networks::monotone::Stack| {
            let [_, inputs, outputs] = stack.weight.val().dims();
            let mut weights = host_f32(stack.weight.val());
            if of.monotone == Monotone::PositiveWeights {
                weights.iter_mut().for_each(|w| *w = w.abs());
            }
            Stack {
                weights,
                biases: host_f32(stack.bias.val()),
                inputs,
                outputs,
            }
        };
        let (nodes, weights) = gauss_legendre();
        Self {
            layers: of.layers.iter().map(layer).collect(),
            monotone: of.monotone,
            nodes,
            weights,
            parameters: of.parameters(),
        }
    }

    /// `f(x)` and `ln f′(x)` of a feature, given its first layer at 0 and its constant.
    fn at(&self, feature: usize, (at_zero, constant): (&[f32], f32), x: f32) -> [f32; 2] {
        match self.monotone {
            Monotone::PositiveWeights => self.positive(feature, at_zero, x),
            Monotone::Integral(activation) => {
                let log_slope = |x| self.log_slope(feature, at_zero, activation, x);
                let nodes = self.nodes.iter().zip(&self.weights);
                let terms = nodes.map(|(node, w)| w * log_slope(x * *node as f32).exp());
                let y = f64::from(x) * terms.sum::<f64>() + f64::from(constant);
                [(y as f32).saturated(), log_slope(x) as f32]
            }
        }
    }

    fn positive(&self, feature: usize, at_zero: &[f32], x: f32) -> [f32; 2] {
        let mut slope = self.layers[0].row(feature, 0).to_vec();
        let mut h: Vec<f32> = at_zero.iter().zip(&slope).map(|(a, w)| a + x * w).collect();
        for layer in &self.layers[1..] {
            let first = h.len().div_ceil(2);
            let mut of_h = vec![0.0; h.len()];
            h[first..].iter_mut().for_each(|h| *h = -*h);
            activate_with_slope(Some(Activation::Elu), &mut h, &mut of_h);
            h[first..].iter_mut().for_each(|h| *h = -*h);
            slope
                .iter_mut()
                .zip(&of_h)
                .for_each(|(slope, of_h)| *slope *= of_h);
            let mut next = vec![0.0; layer.outputs];
            layer.add(feature, 0, &slope, &mut next);
            slope = next;
            h = layer.apply(feature, 0, &h);
        }
        [h[0].saturated(), slope[0].max(f32::MIN_POSITIVE).ln()]
    }

    fn log_slope(&self, feature: usize, at_zero: &[f32], activation: Activation, x: f32) -> f64 {
        let weights = self.layers[0].row(feature, 0);
        let mut h: Vec<f32> = at_zero
            .iter()
            .zip(weights)
            .map(|(a, w)| a + x * w)
            .collect();
        for layer in &self.layers[1..] {
            activate(Some(activation), &mut h);
            h = layer.apply(feature, 0, &h);
        }
        let g = f64::from(h[0]);
        g / (1.0 + g.abs() / LARGEST)
    }

    /// The number of a feature either way, and the logarithm of its slope.
    fn change(&self, direction: Direction, feature: usize, x: f32, parameters: &[f32]) -> [f32; 2] {
        let first = &self.layers[0];
        let (signal, constant) = parameters.split_at(first.inputs - 1);
        let at_zero = first.apply(feature, 1, signal);
        let constant = constant.first().copied().unwrap_or(0.0);
        let at = |x: f32| self.at(feature, (&at_zero, constant), x);
        match direction {
            Direction::Forward => at(x),
            Direction::Inverse => {
                let end = REACH as f32;
                let value = |x: f32| {
                    let [y, log_slope] = at(x);
                    [y, log_slope.exp()]
                };
                let found = root(&x, [-end, end], value);
                [found, -at(found)[1]]
            }
        }
    }
}

#[derive(Debug)]
struct NeuralStep {
    networks: Networks,
    conditioner: Box<dyn CompiledNetwork>,
    order: Vec<usize>,
}

impl NeuralStep {
    /// Changes some features, by parameters of all of them.
    fn change(
        &self,
        direction: Direction,
        features: &[usize],
        x: &mut Batch<'_>,
        parameters: &[f32],
    ) {
        let (all, each) = (self.order.len(), self.networks.parameters);
        x.change(all, |sample, x| {
            let parameters = &parameters[sample * all * each..(sample + 1) * all * each];
            let of = |feature: usize| -> Vec<f32> {
                (0..each).map(|p| parameters[p * all + feature]).collect()
            };
            features.iter().fold(0.0, |log_det, feature| {
                let parameters = of(*feature);
                let [y, log_slope] =
                    self.networks
                        .change(direction, *feature, x[*feature], &parameters);
                x[*feature] = y;
                log_det + f64::from(log_slope)
            })
        });
    }
}

impl FlowStep for NeuralStep {
    /// One pass of the conditioner, or one for each feature.
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
        let mut parameters = take(&mut scratch.parameters);
        let groups = match direction {
            Direction::Forward => self.order.chunks(self.order.len().max(1)),
            Direction::Inverse => self.order.chunks(1),
        };
        for features in groups {
            let (numbers, stride) = x.numbers();
            self.conditioner
                .apply(numbers, stride, &mut parameters, scratch);
            self.change(direction, features, x, &parameters);
        }
        scratch.parameters = parameters;
    }
}

fn step<N>(
    layer: &NeuralAutoregressive<N>,
    masked: &MaskedMlp,
    conditioner: Box<dyn CompiledNetwork>,
) -> NeuralStep
where
    N: Module + ModuleDisplay,
{
    NeuralStep {
        networks: Networks::new(&layer.univariate),
        conditioner,
        order: masked.degrees().order().to_vec(),
    }
}

impl<C> Lower<C> for NeuralAutoregressive<MaskedMlp> {
    fn lower(&self, plan: &mut Lowering) {
        assert_features(self.univariate.features(), plan);
        let shape = plan.shape();
        let network = LowerNetwork::<C>::lower_network(&self.network.plain(), plan, shape);
        plan.add(step(self, &self.network, network));
    }
}

impl Lower<Tensor<2>> for NeuralAutoregressive<WithContext<MaskedMlp>> {
    fn lower(&self, plan: &mut Lowering) {
        assert_features(self.univariate.features(), plan);
        let shape = plan.shape();
        let network = WithContext::new(self.network.network.plain());
        let network = network.lower_network(plan, shape);
        plan.add(step(self, &self.network.network, network));
    }
}
