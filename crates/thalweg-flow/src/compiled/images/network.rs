//! The networks of couplings.

use std::fmt::Debug;

use thalweg_kernels::{Activate, Activation, PackedConvolutions};

use crate::{ConvBlocks, ConvNet, Network, ResidualConvNet, SameConv};

/// A network of images of one size.
pub trait ImageNetwork: Debug + Send + Sync {
    /// What it gives for images whose numbers begin `apart` from each other, one after the other.
    fn apply(&self, images: &[f32], apart: usize) -> Vec<f32>;
}

impl ImageNetwork for PackedConvolutions {
    fn apply(&self, images: &[f32], apart: usize) -> Vec<f32> {
        self.apply(images, apart)
    }
}

/// A conditioner that has a form of plain numbers.
pub trait CompileNetwork {
    /// For images `[channels, height, width]`, so many at a time.
    ///
    /// # Panics
    ///
    /// When it takes another number of channels.
    fn compile_network(&self, shape: [usize; 3], images: usize) -> Box<dyn ImageNetwork>;
}

/// # Panics
///
/// Unless the network takes the channels of such images.
fn assert_takes(inputs: Option<usize>, shape: [usize; 3]) {
    if let Some(inputs) = inputs.filter(|inputs| *inputs != shape[0]) {
        panic!(
            "the network of a coupling takes {inputs} channels and got {}, of images {shape:?}",
            shape[0]
        );
    }
}

fn size_of([_, height, width]: [usize; 3]) -> [usize; 2] {
    [height, width]
}

impl CompileNetwork for ConvNet {
    fn compile_network(&self, shape: [usize; 3], images: usize) -> Box<dyn ImageNetwork> {
        assert_takes(Network::<(), 4>::inputs(self), shape);
        let (layers, between) = self.layers();
        Box::new(PackedConvolutions::new(
            layers,
            between,
            size_of(shape),
            images,
        ))
    }
}

impl CompileNetwork for SameConv {
    fn compile_network(&self, shape: [usize; 3], images: usize) -> Box<dyn ImageNetwork> {
        assert_takes(Network::<(), 4>::inputs(self), shape);
        let (layers, between) = (vec![self.layer()], Activate::Between(Activation::Relu));
        Box::new(PackedConvolutions::new(
            layers,
            between,
            size_of(shape),
            images,
        ))
    }
}

/// `h ← h + f(h)` a block, between two layers.
#[derive(Debug)]
struct Residual {
    input: Option<PackedConvolutions>,
    blocks: Vec<PackedConvolutions>,
    output: Option<PackedConvolutions>,
    /// Numbers of an image between the blocks.
    each: usize,
}

impl ImageNetwork for Residual {
    fn apply(&self, images: &[f32], apart: usize) -> Vec<f32> {
        let mut h = match &self.input {
            Some(input) => input.apply(images, apart),
            None => {
                let images = images.chunks(apart);
                images
                    .flat_map(|image| &image[..self.each])
                    .copied()
                    .collect()
            }
        };
        for block in &self.blocks {
            let change = block.apply(&h, self.each);
            h.iter_mut()
                .zip(change)
                .for_each(|(h, change)| *h += change);
        }
        match &self.output {
            Some(output) => output.apply(&h, self.each),
            None => h,
        }
    }
}

impl CompileNetwork for ResidualConvNet {
    fn compile_network(&self, shape: [usize; 3], images: usize) -> Box<dyn ImageNetwork> {
        assert_takes(Network::<(), 4>::inputs(self), shape);
        let before = Activate::Before(self.activation());
        let size = size_of(shape);
        let ready = |layers, activate| PackedConvolutions::new(layers, activate, size, images);
        let ([input, output], blocks) = self.layers();
        let hidden = input.weight.dims()[0];
        Box::new(Residual {
            // One layer with nothing in front of it.
            input: Some(ready(vec![input], Activate::Between(self.activation()))),
            blocks: blocks
                .into_iter()
                .map(|block| ready(block, before))
                .collect(),
            output: Some(ready(vec![output], before)),
            each: hidden * size[0] * size[1],
        })
    }
}

impl CompileNetwork for ConvBlocks {
    fn compile_network(&self, shape: [usize; 3], images: usize) -> Box<dyn ImageNetwork> {
        assert_takes(Network::<(), 4>::inputs(self), shape);
        let (blocks, between) = self.layers();
        let ready = |block| PackedConvolutions::new(block, between, size_of(shape), images);
        Box::new(Residual {
            input: None,
            blocks: blocks.into_iter().map(ready).collect(),
            output: None,
            each: shape.iter().product(),
        })
    }
}
