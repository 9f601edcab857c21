//! The factorial priors of NICE.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::base::{StandardLogistic, StandardNormal};
use thalweg_flow::compiled::{Density, LowerBase, Lowering};
use thalweg_flow::{Base, Noise, Placement};

/// What the latents follow.
#[derive(Module, Debug)]
pub enum NicePrior {
    /// The paper's choice for MNIST.
    Logistic(StandardLogistic),
    /// The blog's.
    Normal(StandardNormal),
}

impl NicePrior {
    /// The standard deviation of each latent.
    pub(super) fn deviation(&self) -> f64 {
        match self {
            Self::Logistic(_) => StandardLogistic::DEVIATION,
            Self::Normal(_) => 1.0,
        }
    }
}

impl<C> Base<C> for NicePrior {
    type Latent = Tensor<2>;

    fn log_prob(&self, z: Tensor<2>, context: &C) -> Tensor<1> {
        match self {
            Self::Logistic(base) => base.log_prob(z, context),
            Self::Normal(base) => base.log_prob(z, context),
        }
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        context: &C,
    ) -> Tensor<2> {
        match self {
            Self::Logistic(base) => base.sample(n, temperature, noise, placement, context),
            Self::Normal(base) => base.sample(n, temperature, noise, placement, context),
        }
    }
}

impl<C> LowerBase<C> for NicePrior {
    fn scales(&self) -> Vec<usize> {
        match self {
            Self::Logistic(base) => LowerBase::<C>::scales(base),
            Self::Normal(base) => LowerBase::<C>::scales(base),
        }
    }

    fn lower_base(&self, plan: &mut Lowering) -> Box<dyn Density> {
        match self {
            Self::Logistic(base) => LowerBase::<C>::lower_base(base, plan),
            Self::Normal(base) => LowerBase::<C>::lower_base(base, plan),
        }
    }
}
