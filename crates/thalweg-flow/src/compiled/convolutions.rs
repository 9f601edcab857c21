//! The convolutional networks of couplings.

use thalweg_kernels::{Activate, Conv, PackedConvolutions};

use super::network::{Residual, assert_takes};
use super::{CompiledNetwork, LowerNetwork, Lowering, Scratch};
use crate::{Activation, ConvBlocks, ConvNet, ResidualConvNet, SameConv};

impl CompiledNetwork for PackedConvolutions {
    fn apply(&self, x: &[f32], stride: usize, y: &mut Vec<f32>, _: &mut Scratch) {
        *y = self.apply(x, stride);
    }
}

/// Convolutions with packed weights, for the image size and the batch of a plan.
fn convolutions(
    layers: Vec<Conv>,
    activate: Activate,
    plan: &Lowering,
    [_, height, width]: [usize; 3],
) -> PackedConvolutions {
    PackedConvolutions::new(layers, activate, [height, width], plan.batch())
}

impl<C> LowerNetwork<C, 4> for ConvNet {
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        assert_takes(self, kept);
        let (layers, between) = self.layers();
        Box::new(convolutions(layers, between, plan, kept))
    }
}

impl<C> LowerNetwork<C, 4> for SameConv {
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        assert_takes(self, kept);
        // One layer has no activation.
        let between = Activate::Between(Activation::Relu);
        Box::new(convolutions(vec![self.layer()], between, plan, kept))
    }
}

impl<C> LowerNetwork<C, 4> for ResidualConvNet {
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        assert_takes(self, kept);
        let before = Activate::Before(self.activation());
        let ([input, output], blocks) = self.layers();
        let hidden = input.weight.dims()[0];
        let packed = |layers, activate| convolutions(layers, activate, plan, kept);
        Box::new(Residual {
            // One layer with nothing in front of it.
            input: Some(packed(vec![input], Activate::Between(self.activation()))),
            blocks: blocks
                .into_iter()
                .map(|block| packed(block, before))
                .collect(),
            output: Some(packed(vec![output], before)),
            each: hidden * kept[1] * kept[2],
        })
    }
}

impl<C> LowerNetwork<C, 4> for ConvBlocks {
    fn lower_network(&self, plan: &mut Lowering, kept: [usize; 3]) -> Box<dyn CompiledNetwork> {
        assert_takes(self, kept);
        let (blocks, between) = self.layers();
        let blocks = blocks.into_iter();
        Box::new(Residual {
            input: None,
            blocks: blocks
                .map(|block| convolutions(block, between, plan, kept))
                .collect(),
            output: None,
            each: kept.iter().product(),
        })
    }
}
