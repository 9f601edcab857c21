//! The factorial priors of NICE.

use burn::tensor::Tensor;
use thalweg_flow::base::{StandardLogistic, StandardNormal};
use thalweg_flow::compiled::Density;
use thalweg_flow::{Compile, layer_enum};

layer_enum! {
    /// The density of the latents.
    pub enum NicePrior {
        /// The paper's choice for MNIST.
        Logistic(StandardLogistic),
        /// The blog's.
        Normal(StandardNormal),
    }
    impl<C> Base<C>: Tensor<2>;
    impl Compile {
        type Plain = Box<dyn Density>;
        fn compile(&self) -> Box<dyn Density>;
    }
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
