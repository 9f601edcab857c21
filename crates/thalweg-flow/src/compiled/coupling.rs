//! Couplings, and transforms by the context.

use std::mem::take;
use std::ops::Range;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_kernels::{Direction, Places};

use super::scratch::refill;
use super::{
    Batch, Compile, Lower, LowerNetwork, Lowering, Network, Scratch, Step, Transform,
    assert_same_length,
};
use crate::{Checkerboard, Conditioner, ContextTransform, Coupling, Transformer};

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
}

/// The input of a coupling's network.
#[derive(Debug)]
enum Input {
    Part(Part),
    /// The sample, zero at the transformed positions of each channel; the outputs are read there.
    Blank {
        positions: usize,
        transformed: Vec<usize>,
    },
}

/// Transforms one part of a sample, by the outputs of a network of the other.
#[derive(Debug)]
struct CouplingStep {
    /// Numbers of a sample.
    each: usize,
    input: Input,
    transformed: Part,
    transform: Parametrized,
    network: Box<dyn Network>,
}

/// A transform, and its number of parameters a feature.
#[derive(Debug)]
struct Parametrized {
    transform: Box<dyn Transform>,
    each: usize,
}

impl Parametrized {
    fn of<T: Transformer + Compile<Plain = Box<dyn Transform>>>(transformer: &T) -> Self {
        Self {
            transform: transformer.compile(),
            each: transformer.parameters_per_feature(),
        }
    }

    /// Changes `x`, and gives the log-determinant, if it is wanted.
    fn apply(&self, x: &mut [f32], parameters: &[f32], way: (Direction, bool)) -> f64 {
        match way {
            (Direction::Forward, _) => self.transform.forward(x, parameters),
            (Direction::Inverse, true) => self.transform.inverse(x, parameters),
            (Direction::Inverse, false) => {
                self.transform.invert(x, parameters);
                0.0
            }
        }
    }
}

impl CouplingStep {
    /// Fills `parameters` with those of all samples.
    fn parameters(&self, x: &Batch<'_>, parameters: &mut Vec<f32>, scratch: &mut Scratch) {
        let (numbers, stride) = x.numbers();
        let samples = || numbers.chunks_exact(stride).map(|x| &x[..self.each]);
        match &self.input {
            Input::Part(Part::Range(range)) => {
                let kept = numbers.get(range.start..).unwrap_or_default();
                self.network.apply(kept, stride, parameters, scratch);
            }
            Input::Part(Part::Places(places)) => {
                let mut kept = take(&mut scratch.kept);
                refill(
                    &mut kept,
                    samples().flat_map(|x| places.iter().map(|at| x[*at])),
                );
                self.network.apply(&kept, places.len(), parameters, scratch);
                scratch.kept = kept;
            }
            Input::Blank {
                positions,
                transformed,
            } => {
                let [mut kept, mut outputs] = [take(&mut scratch.kept), take(&mut scratch.outputs)];
                refill(&mut kept, samples().flatten().copied());
                for channel in kept.chunks_exact_mut(*positions) {
                    transformed.iter().for_each(|at| channel[*at] = 0.0);
                }
                self.network.apply(&kept, self.each, &mut outputs, scratch);
                let channels = outputs.chunks_exact(*positions);
                let there = channels.flat_map(|channel| transformed.iter().map(|at| channel[*at]));
                refill(parameters, there);
                [scratch.kept, scratch.outputs] = [kept, outputs];
            }
        }
    }

    /// # Panics
    ///
    /// When the network gives another number of parameters than the transform takes.
    fn apply(&self, x: &mut Batch<'_>, scratch: &mut Scratch, direction: Direction) {
        let mut parameters = take(&mut scratch.parameters);
        self.parameters(x, &mut parameters, scratch);
        let length = self.transform.each * self.transformed.len();
        assert_same_length(x.count() * length, &parameters);
        let way = (direction, x.wants_log_dets());
        let transform = |sample: usize, part: &mut [f32]| {
            let parameters = &parameters[sample * length..(sample + 1) * length];
            self.transform.apply(part, parameters, way)
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

impl Step for CouplingStep {
    fn forward(&self, x: &mut Batch<'_>, scratch: &mut Scratch) {
        self.apply(x, scratch, Direction::Forward);
    }

    fn inverse(&self, z: &mut Batch<'_>, scratch: &mut Scratch) {
        self.apply(z, scratch, Direction::Inverse);
    }
}

impl<C, T, N, const D: usize> Lower<C> for Coupling<T, N, D>
where
    T: Transformer + Compile<Plain = Box<dyn Transform>>,
    N: Module + ModuleDisplay + LowerNetwork<C, D>,
{
    fn lower(&self, plan: &mut Lowering) {
        let [channels, height, width] = plan.shape();
        let [kept, transformed] = self.split.both(channels);
        let network = self
            .conditioner
            .lower_network(plan, [kept.count, height, width]);
        plan.add(CouplingStep {
            each: plan.numbers(),
            input: Input::Part(Part::of_channels(kept, height * width)),
            transformed: Part::of_channels(transformed, height * width),
            transform: Parametrized::of(&self.transformer),
            network,
        });
    }
}

impl<C, T, N> Lower<C> for Checkerboard<T, N>
where
    T: Transformer + Compile<Plain = Box<dyn Transform>>,
    N: Module + ModuleDisplay + LowerNetwork<C, 4>,
{
    fn lower(&self, plan: &mut Lowering) {
        let shape @ [channels, height, width] = plan.shape();
        let [_, transformed] = self.colours([height, width]);
        let positions = height * width;
        let places = |channel| transformed.iter().map(move |at| channel * positions + at);
        let network = self.conditioner.lower_network(plan, shape);
        plan.add(CouplingStep {
            each: plan.numbers(),
            transformed: Part::Places((0..channels).flat_map(places).collect()),
            input: Input::Blank {
                positions,
                transformed,
            },
            transform: Parametrized::of(&self.transformer),
            network,
        });
    }
}

/// Transforms all numbers, by parameters that the context alone determines.
#[derive(Debug)]
struct ContextStep {
    each: usize,
    positions: usize,
    transform: Parametrized,
    parameters: Range<usize>,
}

impl ContextStep {
    fn apply(&self, x: &mut Batch<'_>, scratch: &mut Scratch, direction: Direction) {
        let mut parameters = take(&mut scratch.parameters);
        parameters.clear();
        for sample in 0..x.count() {
            for number in scratch.context(sample, &self.parameters) {
                parameters.extend(std::iter::repeat_n(*number, self.positions));
            }
        }
        let (way, length) = (
            (direction, x.wants_log_dets()),
            self.transform.each * self.each,
        );
        x.change(self.each, |sample, x| {
            let parameters = &parameters[sample * length..(sample + 1) * length];
            self.transform.apply(x, parameters, way)
        });
        scratch.parameters = parameters;
    }
}

impl Step for ContextStep {
    fn forward(&self, x: &mut Batch<'_>, scratch: &mut Scratch) {
        self.apply(x, scratch, Direction::Forward);
    }

    fn inverse(&self, z: &mut Batch<'_>, scratch: &mut Scratch) {
        self.apply(z, scratch, Direction::Inverse);
    }
}

impl<T, N, const D: usize> Lower<Tensor<2>> for ContextTransform<T, N, D>
where
    T: Transformer + Compile<Plain = Box<dyn Transform>>,
    N: Conditioner + LowerNetwork,
{
    fn lower(&self, plan: &mut Lowering) {
        let transform = Parametrized::of(&self.transformer);
        let parameters = plan.context_by(&self.network, transform.each * plan.shape()[0]);
        plan.add(ContextStep {
            each: plan.numbers(),
            positions: plan.positions(),
            transform,
            parameters,
        });
    }
}
