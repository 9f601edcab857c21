//! Orders of features.

use super::{Compile, Layer, Layers, Scratch, assert_same_length};
use crate::{Permutation, Reverse};

#[derive(Debug)]
struct Reversed;

impl Layer for Reversed {
    fn forward(&self, x: &mut [f32], _: &mut Scratch) -> f64 {
        x.reverse();
        0.0
    }

    fn inverse(&self, z: &mut [f32], _: &mut Scratch) -> f64 {
        z.reverse();
        0.0
    }
}

impl Compile for Reverse {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        vec![Box::new(Reversed)]
    }
}

/// `zᵢ = x_{order[i]}`.
#[derive(Debug)]
pub(super) struct Ordered(pub(super) Vec<usize>);

impl Ordered {
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn put(&self, x: &[f32], z: &mut [f32]) {
        for (z, from) in z.iter_mut().zip(&self.0) {
            *z = x[*from];
        }
    }

    pub(super) fn put_back(&self, z: &[f32], x: &mut [f32]) {
        for (z, to) in z.iter().zip(&self.0) {
            x[*to] = *z;
        }
    }
}

impl Layer for Ordered {
    fn forward(&self, x: &mut [f32], scratch: &mut Scratch) -> f64 {
        assert_same_length(self.count(), x);
        self.put(scratch.copy_of(x), x);
        0.0
    }

    fn inverse(&self, z: &mut [f32], scratch: &mut Scratch) -> f64 {
        assert_same_length(self.count(), z);
        self.put_back(scratch.copy_of(z), z);
        0.0
    }
}

impl Compile for Permutation {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        vec![Box::new(Ordered(self.order()))]
    }
}
