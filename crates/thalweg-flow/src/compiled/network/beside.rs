//! Networks of the kept channels and something beside them.

use std::mem::take;
use std::ops::Range;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use super::{CompiledNetwork, LowerNetwork};
use crate::compiled::{LowerEmbedding, Lowering, Scratch};
use crate::{Embedded, WithContext, WithEdge};

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

impl<C, E, N, const D: usize> LowerNetwork<C, D> for Embedded<E, N>
where
    E: LowerEmbedding<C>,
    N: Module + ModuleDisplay + LowerNetwork<Tensor<2>, D>,
{
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        let vector = self.embedding.lower_embedding(plan);
        plan.embedded(vector, |plan| self.inner.lower_network(plan, kept))
    }
}
