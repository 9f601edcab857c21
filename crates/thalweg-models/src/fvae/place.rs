//! From noise to the place of an image, in front of the flow to the prior.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use thalweg_flow::numerics::expanded;
use thalweg_flow::{
    Bijection, FlowError, Identity, LogDet, Noise, SameConv, SameConvConfig, WeightInit, layer_enum,
};

use super::Staged;
use crate::glow::GlowStep;
use crate::variational::{Gaussian, Reparametrize};

layer_enum! {
    /// The part of `F_x` that depends on the image: from noise `u` to `h`, with the code `E(x)` as its
    /// context.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Bijection;
    /// use thalweg_models::fvae::Place;
    /// use thalweg_models::{FvaeConfig, ImageSize};
    ///
    /// let device = Device::default();
    /// let config = FvaeConfig::fvae_small(ImageSize::new([1, 8, 8]));
    /// let place = config.init(&device).place;
    /// assert!(matches!(place, Place::Scalar(_)));
    /// let code = Tensor::<4>::zeros([1, 16, 2, 2], &device);
    /// let (h, _) = place.forward(code.ones_like(), &code);
    /// assert!((h - config.deviation).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    pub enum Place {
        /// `h = E(x) + σ₁ u`: the paper's choice.
        Scalar(ScalarPlace),
        /// `h = σ₂(x) ⊙ F₁(σ₁(x) ⊙ u + μ₁(x)) + μ₂(x)`: the first stage of a [`Staged`] flow.
        Staged(StagedPlace),
    }
    impl Bijection<Tensor<4>>: Tensor<4> => Tensor<4>;
}

/// One learned deviation for all numbers of a code.
///
/// See [`Fvae`](super::Fvae) for an example of the model.
#[derive(Module, Debug)]
pub struct ScalarPlace {
    log_deviation: Param<Tensor<1>>,
}

/// Deviations and means of two stages, from the code by one convolution, and the flow between them.
///
/// See [`Fvae`](super::Fvae) for an example of the model.
#[derive(Module, Debug)]
pub struct StagedPlace {
    heads: SameConv,
    flow: Staged<Vec<GlowStep>, Identity<4>>,
    log_deviation: Param<Tensor<1>>,
}

impl Place {
    /// One deviation, with its initial value.
    pub(super) fn scalar(deviation: f64, device: &Device) -> Self {
        Self::Scalar(ScalarPlace {
            log_deviation: log(deviation, device),
        })
    }

    /// Two stages with these steps between them. The first starts as the identity.
    pub(super) fn staged(
        channels: usize,
        steps: Vec<GlowStep>,
        deviation: f64,
        noise: &mut Noise,
        device: &Device,
    ) -> Self {
        Self::Staged(StagedPlace {
            heads: SameConvConfig::new(channels, 4 * channels, 1)
                .with_init(WeightInit::Zero)
                .init(noise, device),
            flow: Staged::new(steps, Identity {}),
            log_deviation: log(deviation, device),
        })
    }
}

impl Bijection<Tensor<4>> for ScalarPlace {
    type Data = Tensor<4>;
    type Latent = Tensor<4>;

    fn forward(&self, u: Tensor<4>, code: &Tensor<4>) -> (Tensor<4>, LogDet) {
        Reparametrize {}.forward(u, &self.density(code))
    }

    fn inverse(&self, h: Tensor<4>, code: &Tensor<4>) -> (Tensor<4>, LogDet) {
        Reparametrize {}.inverse(h, &self.density(code))
    }
}

impl Bijection<Tensor<4>> for StagedPlace {
    type Data = Tensor<4>;
    type Latent = Tensor<4>;

    fn forward(&self, u: Tensor<4>, code: &Tensor<4>) -> (Tensor<4>, LogDet) {
        self.flow.forward(u, &self.densities(code))
    }

    fn inverse(&self, h: Tensor<4>, code: &Tensor<4>) -> (Tensor<4>, LogDet) {
        self.flow.inverse(h, &self.densities(code))
    }

    fn initialize(
        mut self,
        u: Tensor<4>,
        code: &Tensor<4>,
    ) -> Result<(Self, Tensor<4>), FlowError> {
        let densities = self.valid().densities(code);
        let (flow, h) = self.flow.initialize(u, &densities)?;
        self.flow = flow;
        Ok((self, h))
    }
}

impl ScalarPlace {
    fn density(&self, code: &Tensor<4>) -> Gaussian<4> {
        let log_variance = self.log_deviation.val().mul_scalar(2.0).reshape([1; 4]);
        Gaussian::new(code.clone(), expanded(log_variance, code.dims()))
    }
}

impl StagedPlace {
    /// The first stage starts as the identity, the second as [`ScalarPlace`].
    fn densities(&self, code: &Tensor<4>) -> [Gaussian<4>; 2] {
        let channels = code.dims()[1];
        if code.dims()[0] == 0 {
            return [0, 1].map(|_| Gaussian::new(code.clone(), code.clone()));
        }
        let heads = self.heads.forward(code.clone());
        let part = |index: usize| heads.clone().narrow(1, index * channels, channels);
        let start = self.log_deviation.val().mul_scalar(2.0).reshape([1; 4]);
        [
            Gaussian::new(part(0), part(1)),
            Gaussian::new(code.clone() + part(2), part(3) + start),
        ]
    }
}

fn log(deviation: f64, device: &Device) -> Param<Tensor<1>> {
    Param::from_tensor(Tensor::full([1], deviation.ln(), device))
}
