//! The map of NICE.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::{
    Additive, Bijection, Coupling, DiagonalScale, FlowError, LogDet, Mlp, Reverse, Standardize,
};

/// Standardization (the paper's style), additive couplings, the diagonal scale:
/// `ln|det J| = Σ s − Σ ln σ`.
#[derive(Module, Debug)]
pub struct NiceBijection {
    pub(super) standardize: Option<Standardize>,
    pub(super) steps: Vec<Step>,
    pub(super) scale: DiagonalScale,
}

/// How many rows the diagonal scale is fitted to: all of MNIST would take the networks 20 seconds.
const SCALE_ROWS: usize = 4096;

/// A coupling, with the features reversed before it in the blog's style.
#[derive(Module, Debug)]
pub(super) struct Step {
    pub(super) reverse: Option<Reverse>,
    pub(super) coupling: Coupling<Additive, Mlp>,
}

impl<C> Bijection<C> for Step {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let (h, reverse) = self.reverse.forward(x, context);
        let (z, coupling) = self.coupling.forward(h, context);
        (z, reverse + coupling)
    }

    fn inverse(&self, z: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let (h, coupling) = self.coupling.inverse(z, context);
        let (x, reverse) = self.reverse.inverse(h, context);
        (x, reverse + coupling)
    }
}

impl<C> Bijection<C> for NiceBijection {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let (h, standardize) = self.standardize.forward(x, context);
        let (h, steps) = self.steps.forward(h, context);
        let (z, scale) = self.scale.forward(h, context);
        (z, standardize + steps + scale)
    }

    fn inverse(&self, z: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let (h, scale) = self.scale.inverse(z, context);
        let (h, steps) = self.steps.inverse(h, context);
        let (x, standardize) = self.standardize.inverse(h, context);
        (x, standardize + steps + scale)
    }
}

impl NiceBijection {
    /// Fits the standardization and the scale to `x`, so that the latents have this deviation.
    pub(super) fn initialize(mut self, x: Tensor<2>, deviation: f64) -> Result<Self, FlowError> {
        if self.standardize.is_some() {
            self.standardize = Some(Standardize::fit(&x)?.layer);
        }
        // The networks' outputs start at zero: a part of the rows gives the same scale as all.
        let rows = x.dims()[0].min(SCALE_ROWS);
        let (h, _) = self.standardize.forward(x.narrow(0, 0, rows), &());
        let (h, _) = self.steps.valid().forward(h, &());
        self.scale = self.scale.initialize(h, deviation);
        Ok(self)
    }
}
