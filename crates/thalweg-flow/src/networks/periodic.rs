//! Angles as the inputs of any network.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use super::Network;
use crate::FlowError;

/// A network of `[cos ωx | sin ωx]` with `ω = π / bound`, so that its outputs are continuous across the ends
/// of a circle from `−bound` to `bound`.
///
/// The inner network takes twice as many features. Inputs outside count as the ends.
///
/// ```
/// use std::f64::consts::PI;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{MlpConfig, Network, Noise, Periodic};
///
/// let device = Device::default();
/// let net = MlpConfig::new(2 * 1, vec![8], 3).init(&mut Noise::seeded(0), &device);
/// let net = Periodic::new(PI, net);
/// let at = |angle: f64| net.apply(Tensor::<2>::full([1, 1], angle, &device), &());
/// // Both ends are one point of the circle.
/// assert!((at(-PI) - at(PI)).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # References
///
/// Rezende and others: *Normalizing flows on tori and spheres*, 2020, section 2.1.
#[derive(Module, Debug)]
pub struct Periodic<N: Module + ModuleDisplay> {
    pub(crate) network: N,
    pub(crate) bound: f64,
}

impl<N: Module + ModuleDisplay> Periodic<N> {
    /// A network of angles.
    ///
    /// # Panics
    ///
    /// Unless `bound` is positive and finite.
    pub fn new(bound: f64, network: N) -> Self {
        assert!(
            bound > 0.0 && bound.is_finite(),
            "a circle needs a positive bound, got {bound}"
        );
        Self { network, bound }
    }

    /// From an input to an angle.
    pub(crate) fn factor(&self) -> f64 {
        std::f64::consts::PI / self.bound
    }

    fn features<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let angle = x.clamp(-self.bound, self.bound).mul_scalar(self.factor());
        Tensor::cat(vec![angle.clone().cos(), angle.sin()], 1)
    }
}

impl<C, N: Network<C, D>, const D: usize> Network<C, D> for Periodic<N> {
    fn apply(&self, x: Tensor<D>, context: &C) -> Tensor<D> {
        self.network.apply(self.features(x), context)
    }

    fn inputs(&self) -> Option<usize> {
        self.network.inputs().map(|inputs| inputs / 2)
    }

    fn initialize(self, x: Tensor<D>, context: &C) -> Result<Self, FlowError> {
        let features = self.features(x);
        let network = self.network.initialize(features, context)?;
        Ok(Self { network, ..self })
    }
}
