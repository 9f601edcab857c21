//! The networks of couplings.

use std::fmt::Debug;

use thalweg_kernels::{Activate, Activation, ReadyConvolutions};

use crate::{ConvNet, SameConv};

/// A network of images of one size.
pub trait ImageNetwork: Debug + Send + Sync {
    /// What it gives for images whose numbers begin `apart` from each other, one after the other.
    fn apply(&self, images: &[f32], apart: usize) -> Vec<f32>;
}

impl ImageNetwork for ReadyConvolutions {
    fn apply(&self, images: &[f32], apart: usize) -> Vec<f32> {
        self.apply(images, apart)
    }
}

/// A conditioner that has a form of plain numbers.
pub trait CompileNetwork {
    /// For images of this height and width, so many at a time.
    fn compile_network(&self, size: [usize; 2], images: usize) -> Box<dyn ImageNetwork>;
}

impl CompileNetwork for ConvNet {
    fn compile_network(&self, size: [usize; 2], images: usize) -> Box<dyn ImageNetwork> {
        let (layers, between) = self.layers();
        Box::new(ReadyConvolutions::new(layers, between, size, images))
    }
}

impl CompileNetwork for SameConv {
    fn compile_network(&self, size: [usize; 2], images: usize) -> Box<dyn ImageNetwork> {
        let (layers, between) = (vec![self.layer()], Activate::Between(Activation::Relu));
        Box::new(ReadyConvolutions::new(layers, between, size, images))
    }
}
