//! The networks of couplings.

use std::fmt::Debug;
use std::mem::take;
use std::ops::Range;

use burn::module::{Module, ModuleDisplay};
use burn::nn::Linear;
use burn::tensor::Tensor;
use thalweg_kernels::{NETWORK_LIMIT, activate};

use super::dense::Dense;
use super::modulated::ModulatedResidual;
use super::scratch::{refill, sized};
use super::{Lowering, Scratch, host_f32};
use crate::networks::standardized::EPSILON;
use crate::{
    Activation, Embedded, Mlp, Network, Periodic, ResidualMlp, StandardizedMlp, WithContext,
    WithEdge,
};

/// A network of samples of one size.
///
/// See [`LowerNetwork`] for an example.
pub trait CompiledNetwork: Debug + Send + Sync {
    /// Fills `y` with the outputs, sample after sample, for samples whose numbers begin at this stride.
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch);
}

/// A conditioner that has a compiled form, for the context `C`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::compiled::{CompiledNetwork, LowerNetwork, Lowering, Scratch};
/// use thalweg_flow::{MlpConfig, Noise};
///
/// let device = Device::default();
/// let mlp = MlpConfig::new(2, vec![8], 1).init(&mut Noise::seeded(0), &device);
/// let network = LowerNetwork::<()>::lower_network(&mlp, &mut Lowering::new([2, 1, 1], 1), [2, 1, 1]);
/// let mut y = vec![];
/// network.apply(&[0.5, -1.0], 2, &mut y, &mut Scratch::default());
/// let expected = mlp.forward(Tensor::from_floats([[0.5, -1.0]], &device)).into_scalar::<f32>();
/// assert!((y[0] - expected).abs() < 1e-6);
/// ```
pub trait LowerNetwork<C = (), const D: usize = 2>: Network<C, D> {
    /// The network of samples `[channels, height, width]`, in a plan that knows the batch and the context.
    ///
    /// # Panics
    ///
    /// When it takes another number of channels.
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork>;
}

/// # Panics
///
/// Unless the network takes the channels of such samples.
pub(super) fn assert_takes<const D: usize>(network: &impl Network<(), D>, kept: [usize; 3]) {
    if let Some(inputs) = network.inputs().filter(|inputs| *inputs != kept[0]) {
        panic!(
            "the network of a coupling takes {inputs} channels and got {}, of samples {kept:?}",
            kept[0]
        );
    }
}

/// A multilayer perceptron of vectors.
#[derive(Debug)]
struct Perceptron {
    /// Whether the inputs are bounded by [`NETWORK_LIMIT`].
    is_bounded: bool,
    /// Each layer, and the activation of its inputs.
    layers: Vec<(Option<Activation>, Dense)>,
    /// The activation of the outputs.
    last: Option<Activation>,
    /// Whether activations are standardized.
    is_standardized: bool,
    widest: usize,
}

impl Perceptron {
    fn new(
        is_bounded: bool,
        layers: impl IntoIterator<Item = (Option<Activation>, Dense)>,
        last: Option<Activation>,
    ) -> Self {
        let layers: Vec<(_, Dense)> = layers.into_iter().collect();
        let sizes = layers.iter().flat_map(|(_, dense)| dense.sizes());
        Self {
            is_bounded,
            widest: sizes.max().unwrap_or(0),
            layers,
            last,
            is_standardized: false,
        }
    }

    /// Layers with an activation between two.
    fn hidden(layers: &[Linear], activation: Activation, last: Option<Activation>) -> Self {
        let before = |index| (index > 0).then_some(activation);
        let layers = layers.iter().enumerate();
        let layers = layers.map(|(index, layer)| (before(index), dense(layer)));
        Self::new(true, layers, last)
    }

    fn sizes(&self) -> [usize; 2] {
        let size = |layer: Option<&(_, Dense)>| layer.map_or([0, 0], |(_, dense)| dense.sizes());
        [size(self.layers.first())[0], size(self.layers.last())[1]]
    }
}

impl CompiledNetwork for Perceptron {
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch) {
        let [inputs, outputs] = self.sizes();
        y.resize(x.len().div_ceil(stride) * outputs, 0.0);
        let [a, b] = &mut scratch.layers;
        let (mut a, mut b) = (sized(a, self.widest), sized(b, self.widest));
        let most = if self.is_bounded {
            NETWORK_LIMIT
        } else {
            f32::INFINITY
        };
        for (x, y) in x.chunks(stride).zip(y.chunks_exact_mut(outputs)) {
            let numbers = a.iter_mut().zip(&x[..inputs]);
            numbers.for_each(|(a, x)| *a = x.clamp(-most, most));
            for (activation, dense) in &self.layers {
                let [inputs, outputs] = dense.sizes();
                activate(*activation, &mut a[..inputs]);
                if self.is_standardized && activation.is_some() {
                    standardize(&mut a[..inputs]);
                }
                dense.apply(&a[..inputs], &mut b[..outputs]);
                std::mem::swap(&mut a, &mut b);
            }
            let numbers = y.iter_mut().zip(&a[..outputs]);
            numbers.for_each(|(y, a)| *y = *a);
            activate(self.last, y);
        }
    }
}

pub(super) fn dense(layer: &Linear) -> Dense {
    let weight = layer.weight.val();
    let none = || vec![0.0; weight.dims()[1]];
    let bias = layer.bias.as_ref().map(|bias| host_f32(bias.val()));
    Dense::of_rows(
        &host_f32(weight.clone().transpose()),
        bias.unwrap_or_else(none),
    )
}

/// To mean 0 and deviation 1; see [`StandardizedMlp`].
fn standardize(x: &mut [f32]) {
    let count = x.len() as f64;
    let mean = x.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
    let squares = x.iter().map(|x| (f64::from(*x) - mean).powi(2));
    let deviation = (squares.sum::<f64>() / (count - 1.0) + EPSILON).sqrt();
    x.iter_mut()
        .for_each(|x| *x = ((f64::from(*x) - mean) / deviation) as f32);
}

impl<C> LowerNetwork<C> for StandardizedMlp {
    fn lower_network(&self, _: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        assert_takes(self, kept);
        Box::new(Perceptron {
            is_standardized: true,
            ..Perceptron::hidden(&self.layers, self.activation, None)
        })
    }
}

impl<C> LowerNetwork<C> for Mlp {
    fn lower_network(&self, _: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        assert_takes(self, kept);
        let network = Perceptron::hidden(&self.layers, self.activation, self.output_activation);
        Box::new(network)
    }
}

/// `h ← h + f(h)` a block, between two layers, if there are any.
#[derive(Debug)]
pub(super) struct Residual<N> {
    pub(super) input: Option<N>,
    pub(super) blocks: Vec<N>,
    pub(super) output: Option<N>,
    /// Numbers of a sample between the blocks.
    pub(super) each: usize,
}

impl<N: CompiledNetwork> CompiledNetwork for Residual<N> {
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch) {
        let [mut h, mut change] = take(&mut scratch.hidden);
        match &self.input {
            Some(input) => input.apply(x, stride, &mut h, scratch),
            None => {
                let samples = x.chunks(stride).flat_map(|x| &x[..self.each]);
                refill(&mut h, samples.copied());
            }
        }
        for block in &self.blocks {
            block.apply(&h, self.each, &mut change, scratch);
            h.iter_mut()
                .zip(&change)
                .for_each(|(h, change)| *h += change);
        }
        match &self.output {
            Some(output) => output.apply(&h, self.each, y, scratch),
            None => refill(y, h.iter().copied()),
        }
        scratch.hidden = [h, change];
    }
}

impl<C> LowerNetwork<C> for ResidualMlp {
    fn lower_network(&self, _: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        assert_takes(self, kept);
        if let Some(modulation) = &self.modulation {
            return Box::new(ModulatedResidual::new(self, modulation));
        }
        let before = Some(self.activation);
        let blocks = self.blocks.iter().map(|block| {
            let layers = [&block.first, &block.second].map(|layer| (before, dense(layer)));
            Perceptron::new(false, layers, None)
        });
        let input = Perceptron::new(true, [(None, dense(&self.input))], None);
        Box::new(Residual {
            each: input.sizes()[1],
            input: Some(input),
            blocks: blocks.collect(),
            output: Some(Perceptron::new(false, [(None, dense(&self.output))], None)),
        })
    }
}

/// A network of `[kept | context]`, the context being the same at each position.
#[derive(Debug)]
struct Beside {
    network: Box<dyn CompiledNetwork>,
    /// Numbers of a sample without the context.
    kept: usize,
    context: Range<usize>,
    positions: usize,
}

impl CompiledNetwork for Beside {
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch) {
        let mut joined = take(&mut scratch.joined);
        joined.clear();
        for (sample, x) in x.chunks(stride).enumerate() {
            joined.extend_from_slice(&x[..self.kept]);
            for number in scratch.context(sample, &self.context) {
                joined.extend(std::iter::repeat_n(*number, self.positions));
            }
        }
        let each = self.kept + self.context.len() * self.positions;
        self.network.apply(&joined, each, y, scratch);
        scratch.joined = joined;
    }
}

impl<N: LowerNetwork<(), D>, const D: usize> LowerNetwork<Tensor<2>, D> for WithContext<N> {
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        let [channels, height, width] = kept;
        let inputs = self.network.inputs();
        let inputs = inputs.expect("a network beside a context says how many inputs it takes");
        let context = plan.context(inputs.saturating_sub(channels));
        Box::new(Beside {
            network: self.network.lower_network(plan, [inputs, height, width]),
            kept: kept.iter().product(),
            context,
            positions: height * width,
        })
    }
}

/// A network of an image and a channel of ones.
#[derive(Debug)]
struct BesideOnes {
    network: Box<dyn CompiledNetwork>,
    /// Numbers of a sample without the ones.
    kept: usize,
    positions: usize,
}

impl CompiledNetwork for BesideOnes {
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch) {
        let mut joined = take(&mut scratch.joined);
        joined.clear();
        for x in x.chunks(stride) {
            joined.extend_from_slice(&x[..self.kept]);
            joined.extend(std::iter::repeat_n(1.0, self.positions));
        }
        self.network
            .apply(&joined, self.kept + self.positions, y, scratch);
        scratch.joined = joined;
    }
}

impl<C, N: LowerNetwork<C, 4>> LowerNetwork<C, 4> for WithEdge<N> {
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        let [channels, height, width] = kept;
        Box::new(BesideOnes {
            network: self
                .network
                .lower_network(plan, [channels + 1, height, width]),
            kept: kept.iter().product(),
            positions: height * width,
        })
    }
}

/// A network of the cosines and sines of its inputs.
#[derive(Debug)]
struct OfAngles {
    network: Box<dyn CompiledNetwork>,
    /// Numbers of a sample.
    each: usize,
    bound: f32,
    /// From an input to an angle.
    factor: f32,
}

impl CompiledNetwork for OfAngles {
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, scratch: &mut Scratch) {
        let mut joined = take(&mut scratch.joined);
        joined.clear();
        for x in x.chunks(stride) {
            let angles = x[..self.each].iter();
            let angles = angles.map(|x| x.clamp(-self.bound, self.bound) * self.factor);
            joined.extend(angles.clone().map(f32::cos));
            joined.extend(angles.map(f32::sin));
        }
        self.network.apply(&joined, 2 * self.each, y, scratch);
        scratch.joined = joined;
    }
}

impl<C, N: LowerNetwork<C, D>, const D: usize> LowerNetwork<C, D> for Periodic<N> {
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        let [channels, height, width] = kept;
        Box::new(OfAngles {
            network: self
                .network
                .lower_network(plan, [2 * channels, height, width]),
            each: kept.iter().product(),
            bound: self.bound as f32,
            factor: self.factor() as f32,
        })
    }
}

impl<C, E, N, const D: usize> LowerNetwork<C, D> for Embedded<E, N>
where
    E: super::LowerEmbedding<C>,
    N: Module + ModuleDisplay + LowerNetwork<Tensor<2>, D>,
{
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        let vector = self.embedding.lower_embedding(plan);
        plan.embedded(vector, |plan| self.inner.lower_network(plan, kept))
    }
}
