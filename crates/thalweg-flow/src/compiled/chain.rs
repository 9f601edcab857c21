//! Chains.

use burn::module::{Module, ModuleDisplay};

use super::{Compile, Layer, Layers, Scratch};
use crate::{Identity, Inverted};

impl Compile for Identity {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        vec![]
    }
}

impl<B: Compile<Plain = Layers>> Compile for Option<B> {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        self.as_ref().map(B::compile).unwrap_or_default()
    }
}

impl<B: Compile<Plain = Layers>> Compile for Vec<B> {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        self.iter().flat_map(B::compile).collect()
    }
}

macro_rules! tuple {
    ($($layer:ident $index:tt),+) => {
        impl<$($layer: Compile<Plain = Layers>),+> Compile for ($($layer,)+) {
            type Plain = Layers;

            fn compile(&self) -> Layers {
                let mut layers = vec![];
                $(layers.extend(self.$index.compile());)+
                layers
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

impl<B: Module + ModuleDisplay + Compile<Plain = Layers>> Compile for Inverted<B> {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        let layers = self.inner.compile().into_iter().rev();
        layers
            .map(|layer| Box::new(Backwards(layer)) as Box<dyn Layer>)
            .collect()
    }
}

/// A layer the other way round.
#[derive(Debug)]
struct Backwards(Box<dyn Layer>);

impl Layer for Backwards {
    fn forward(&self, x: &mut [f32], scratch: &mut Scratch) -> f64 {
        self.0.inverse(x, scratch)
    }

    fn inverse(&self, z: &mut [f32], scratch: &mut Scratch) -> f64 {
        self.0.forward(z, scratch)
    }
}
