//! Residual networks.

use std::mem::take;

use super::perceptron::{Perceptron, dense};
use super::{CompiledNetwork, LowerNetwork, assert_takes};
use crate::ResidualMlp;
use crate::compiled::modulated::ModulatedResidual;
use crate::compiled::scratch::refill;
use crate::compiled::{Lowering, Scratch};

/// `h ← h + f(h)` a block, between two layers, if there are any.
#[derive(Debug)]
pub(in crate::compiled) struct Residual<N> {
    pub(in crate::compiled) input: Option<N>,
    pub(in crate::compiled) blocks: Vec<N>,
    pub(in crate::compiled) output: Option<N>,
    /// Numbers of a sample between the blocks.
    pub(in crate::compiled) each: usize,
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
