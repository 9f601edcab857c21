//! Couplings, and transforms by the context.

use std::iter::repeat_n;
use std::mem::take;
use std::ops::Range;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_kernels::{Direction, Places};

use super::scratch::refill;
use super::{
    Batch, CompiledNetwork, FlowStep, Lower, LowerNetwork, LowerTransformer, Lowering, Scratch,
    Transform, assert_same_length,
};
use crate::{Checkerboard, ContextTransform, Coupling, Network, Transformer};

/// Numbers of a sample.
#[derive(Debug)]
enum Part {
    /// Side by side: they are read and changed in place.
    Range(Range<usize>),
    Places(Vec<usize>),
}

impl Part {
    /// Those of channels.
    fn of_channels(channels: Places, positions: usize) -> Self {
        let of = |channel: usize| channel * positions..(channel + 1) * positions;
        match channels {
            Places {
                first,
                step: 1,
                count,
            } => Self::Range(first * positions..(first + count) * positions),
            _ => Self::Places(channels.iter().flat_map(of).collect()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Range(range) => range.len(),
            Self::Places(places) => places.len(),
        }
    }

    /// The same by equal steps, where they are equal.
    fn even(&self) -> Option<Places> {
        match self {
            Self::Range(range) => Some(Places {
                first: range.start,
                step: 1,
                count: range.len(),
            }),
            Self::Places(places) => {
                let [first, second, ..] = places[..] else {
                    return None;
                };
                let step = second.checked_sub(first)?;
                let even = Places {
                    first,
                    step,
                    count: places.len(),
                };
                places.iter().copied().eq(even.iter()).then_some(even)
            }
        }
    }
}

/// The source of a transform's parameters.
#[derive(Debug)]
enum Parameters {
    /// A network of a part of the sample.
    Part(Part, Box<dyn CompiledNetwork>),
    /// A network of the sample, zero at the transformed positions of each channel; its outputs are read there.
    Blank {
        positions: usize,
        transformed: Vec<usize>,
        network: Box<dyn CompiledNetwork>,
    },
    /// A context vector, the same at each position.
    Context { at: Range<usize>, positions: usize },
}

/// Transforms one part of a sample.
#[derive(Debug)]
struct TransformStep {
    /// Numbers of a sample.
    each: usize,
    transformed: Part,
    /// The same, if samples are vectors with few of them: registers then hold those of several samples.
    together: Option<Places>,
    transform: Transform,
    parameters: Parameters,
}

/// The most numbers of a sample that are transformed together with those of others: those of a block of the kernels, so that
/// the sum of the log-slopes has the same bits. More fill registers by themselves.
const FEW: usize = 64;

impl TransformStep {
    fn new<T: Transformer + LowerTransformer>(
        plan: &Lowering,
        transformed: Part,
        transformer: &T,
        parameters: Parameters,
    ) -> Self {
        let few = |places: &Places| plan.positions() == 1 && places.count <= FEW;
        Self {
            each: plan.numbers(),
            together: transformed.even().filter(few),
            transformed,
            transform: transformer.lower_transformer(),
            parameters,
        }
    }

    /// Fills `parameters` with those of all samples.
    fn parameters(&self, x: &Batch<'_>, parameters: &mut Vec<f32>, scratch: &mut Scratch) {
        let (numbers, stride) = x.numbers();
        let samples = || numbers.chunks_exact(stride).map(|x| &x[..self.each]);
        match &self.parameters {
            Parameters::Part(Part::Range(range), network) => {
                let kept = numbers.get(range.start..).unwrap_or_default();
                network.apply(kept, stride, parameters, scratch);
            }
            Parameters::Part(Part::Places(places), network) => {
                let mut kept = take(&mut scratch.kept);
                let parts = samples().flat_map(|x| places.iter().map(|at| x[*at]));
                refill(&mut kept, parts);
                network.apply(&kept, places.len(), parameters, scratch);
                scratch.kept = kept;
            }
            Parameters::Blank {
                positions,
                transformed,
                network,
            } => {
                let [mut kept, mut outputs] = [take(&mut scratch.kept), take(&mut scratch.outputs)];
                refill(&mut kept, samples().flatten().copied());
                for channel in kept.chunks_exact_mut(*positions) {
                    transformed.iter().for_each(|at| channel[*at] = 0.0);
                }
                network.apply(&kept, self.each, &mut outputs, scratch);
                let channels = outputs.chunks_exact(*positions);
                let there = channels.flat_map(|channel| transformed.iter().map(|at| channel[*at]));
                refill(parameters, there);
                [scratch.kept, scratch.outputs] = [kept, outputs];
            }
            Parameters::Context { at, positions } => {
                let rows = (0..x.count()).flat_map(|sample| scratch.context(sample, at));
                refill(
                    parameters,
                    rows.flat_map(|number| repeat_n(*number, *positions)),
                );
            }
        }
    }
}

impl FlowStep for TransformStep {
    /// # Panics
    ///
    /// When the network gives another number of parameters than the transform takes.
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
        let mut parameters = take(&mut scratch.parameters);
        self.parameters(x, &mut parameters, scratch);
        let length = self.transform.parameters_per_number() * self.transformed.len();
        assert_same_length(x.count() * length, &parameters);
        if let Some(places) = self.together {
            self.transform
                .apply_together(direction, x, places, &parameters);
            scratch.parameters = parameters;
            return;
        }
        let transform = |sample: usize, part: &mut [f32]| {
            let parameters = &parameters[sample * length..(sample + 1) * length];
            self.transform.apply(direction, part, parameters)
        };
        match &self.transformed {
            Part::Range(range) => {
                x.change(self.each, |sample, x| {
                    transform(sample, &mut x[range.clone()])
                });
            }
            Part::Places(places) => x.change_beside(self.each, scratch, |sample, x, part| {
                let part = &mut part[..places.len()];
                part.iter_mut()
                    .zip(places)
                    .for_each(|(part, at)| *part = x[*at]);
                let log_det = transform(sample, part);
                part.iter()
                    .zip(places)
                    .for_each(|(part, at)| x[*at] = *part);
                log_det
            }),
        }
        scratch.parameters = parameters;
    }
}

impl<C, T, N, const D: usize> Lower<C> for Coupling<T, N, D>
where
    T: Transformer + LowerTransformer,
    N: Module + ModuleDisplay + LowerNetwork<C, D>,
{
    fn lower(&self, plan: &mut Lowering) {
        let [channels, height, width] = plan.shape();
        let parts = self.split.both(channels);
        let seen = [parts[0].count, height, width];
        let network = self.conditioner.lower_network(plan, seen);
        let [kept, transformed] = parts.map(|part| Part::of_channels(part, height * width));
        let parameters = Parameters::Part(kept, network);
        plan.add(TransformStep::new(
            plan,
            transformed,
            &self.transformer,
            parameters,
        ));
    }
}

impl<C, T, N> Lower<C> for Checkerboard<T, N>
where
    T: Transformer + LowerTransformer,
    N: Module + ModuleDisplay + LowerNetwork<C, 4>,
{
    fn lower(&self, plan: &mut Lowering) {
        let shape @ [channels, height, width] = plan.shape();
        let [_, transformed] = self.colours([height, width]);
        let positions = height * width;
        let places = |channel| transformed.iter().map(move |at| channel * positions + at);
        let part = Part::Places((0..channels).flat_map(places).collect());
        let parameters = Parameters::Blank {
            positions,
            transformed,
            network: self.conditioner.lower_network(plan, shape),
        };
        plan.add(TransformStep::new(
            plan,
            part,
            &self.transformer,
            parameters,
        ));
    }
}

impl<T, N, const D: usize> Lower<Tensor<2>> for ContextTransform<T, N, D>
where
    T: Transformer + LowerTransformer,
    N: Network + LowerNetwork,
{
    fn lower(&self, plan: &mut Lowering) {
        let each = self.transformer.parameters_per_feature();
        let parameters = Parameters::Context {
            at: plan.context_by(&self.network, each * plan.shape()[0]),
            positions: plan.positions(),
        };
        let all = Part::Range(0..plan.numbers());
        plan.add(TransformStep::new(plan, all, &self.transformer, parameters));
    }
}
