//! Networks of angles.

use std::mem::take;

use super::{CompiledNetwork, LowerNetwork};
use crate::Periodic;
use crate::compiled::{Lowering, Scratch};

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
