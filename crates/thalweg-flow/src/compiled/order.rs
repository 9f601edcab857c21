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
struct Ordered(Vec<usize>);

impl Layer for Ordered {
    fn forward(&self, x: &mut [f32], scratch: &mut Scratch) -> f64 {
        assert_same_length(self.0.len(), x);
        let old = scratch.copy_of(x);
        for (x, from) in x.iter_mut().zip(&self.0) {
            *x = old[*from];
        }
        0.0
    }

    fn inverse(&self, z: &mut [f32], scratch: &mut Scratch) -> f64 {
        assert_same_length(self.0.len(), z);
        let old = scratch.copy_of(z);
        for (old, to) in old.iter().zip(&self.0) {
            z[*to] = *old;
        }
        0.0
    }
}

impl Compile for Permutation {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        vec![Box::new(Ordered(self.order()))]
    }
}
