//! Couplings.

use burn::module::{Module, ModuleDisplay};

use super::{Compile, Layer, Layers, Network, Scratch, Transform, assert_parameters, refill};
use crate::{Coupling, Split, Transformer};

#[derive(Debug)]
struct PlainCoupling {
    split: Split,
    transform: Box<dyn Transform>,
    parameters_per_feature: usize,
    network: Network,
}

impl PlainCoupling {
    /// Transforms one part of `x`, by the parameters that the network makes of the other.
    fn apply(
        &self,
        x: &mut [f32],
        scratch: &mut Scratch,
        transform: impl Fn(&mut [f32], &[f32]) -> f64,
    ) -> f64 {
        let Scratch {
            kept,
            transformed,
            parameters,
            spare,
            ..
        } = scratch;
        let features = x.len();
        refill(kept, self.split.kept(features).iter().map(|i| x[i]));
        self.network.apply(kept, parameters, spare);
        refill(
            transformed,
            self.split.transformed(features).iter().map(|i| x[i]),
        );
        assert_parameters(self.parameters_per_feature, transformed.len(), parameters);
        let log_det = transform(transformed, parameters);
        for (place, number) in self.split.transformed(features).iter().zip(transformed) {
            x[place] = *number;
        }
        log_det
    }
}

impl Layer for PlainCoupling {
    fn forward(&self, x: &mut [f32], scratch: &mut Scratch) -> f64 {
        self.apply(x, scratch, |x, parameters| {
            self.transform.forward(x, parameters)
        })
    }

    fn inverse(&self, z: &mut [f32], scratch: &mut Scratch) -> f64 {
        self.apply(z, scratch, |z, parameters| {
            self.transform.inverse(z, parameters)
        })
    }
}

impl<T, N> Compile for Coupling<T, N>
where
    T: Transformer + Compile<Plain = Box<dyn Transform>>,
    N: Module + ModuleDisplay + Compile<Plain = Network>,
{
    type Plain = Layers;

    fn compile(&self) -> Layers {
        vec![Box::new(PlainCoupling {
            split: self.split,
            transform: self.transformer.compile(),
            parameters_per_feature: self.transformer.parameters_per_feature(),
            network: self.conditioner.compile(),
        })]
    }
}
