//! The map of NICE and its priors.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::base::{StandardLogistic, StandardNormal};
use thalweg_flow::compiled::{CompiledBase, LowerBase, Lowering};
use thalweg_flow::{
    Additive, Bijection, Coupling, DiagonalScale, FlowError, Mlp, Reverse, Standardize, chain,
    layer_enum,
};

/// Standardization (the paper's style), additive couplings, the diagonal scale:
/// `ln|det J| = Σ s − Σ ln σ`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::NiceConfig;
/// use thalweg_models::nice::NiceBijection;
///
/// let device = Device::default();
/// let nice = NiceConfig::paper(4, 256).with_hidden(8).init(&device);
/// let bijection: &NiceBijection = &nice.flow.bijection;
/// let y = Tensor::<2>::full([1, 4], 0.3, &device);
/// // The untrained map is the identity.
/// let (z, log_det) = bijection.forward(y.clone(), &());
/// assert!((z - y).abs().max().into_scalar::<f32>() < 1e-6);
/// assert!(log_det.into_scalar::<f32>().abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct NiceBijection {
    pub(super) standardize: Option<Standardize>,
    pub(super) steps: Vec<Step>,
    pub(super) scale: DiagonalScale,
}

/// The number of rows for the fit of the diagonal scale; all of MNIST takes the networks 20 seconds.
const SCALE_ROWS: usize = 4096;

/// A coupling, with the features reversed before it in the blog's style.
#[derive(Module, Debug)]
pub(super) struct Step {
    pub(super) reverse: Option<Reverse>,
    pub(super) coupling: Coupling<Additive, Mlp>,
}

chain! { [C] Step, given C: Tensor<2> => Tensor<2>, by reverse, coupling; lowered [C] }

chain! { [C] NiceBijection, given C: Tensor<2> => Tensor<2>, by standardize, steps, scale; lowered [C] }

impl NiceBijection {
    /// Fits the standardization and the scale to `x`, so that the latents have this deviation.
    pub(super) fn fit(mut self, x: Tensor<2>, deviation: f64) -> Result<Self, FlowError> {
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

layer_enum! {
    /// The density of the latents.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Base, base::StandardLogistic};
    /// use thalweg_models::nice::NicePrior;
    ///
    /// let prior = NicePrior::Logistic(StandardLogistic::new(2));
    /// let nats = prior.log_prob(Tensor::<2>::zeros([1, 2], &Device::default()), &());
    /// // ¼ for each of two numbers.
    /// assert!((nats.into_scalar::<f32>() + 16.0_f32.ln()).abs() < 1e-5);
    /// ```
    pub enum NicePrior {
        /// The paper's choice for MNIST.
        Logistic(StandardLogistic),
        /// The blog's.
        Normal(StandardNormal),
    }
    impl<C> Base<C>: Tensor<2>;
    impl<C> LowerBase<C> {
        fn scales(&self) -> Vec<usize>;
        fn lower_base(&self, plan: &mut Lowering) -> Box<dyn CompiledBase>;
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
