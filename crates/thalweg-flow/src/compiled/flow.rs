//! A flow as plain numbers.

use burn::module::{Module, ModuleDisplay};

use super::{Compile, Density, Layers, Scratch, refill};
use crate::{Flow, Noise};

/// A flow of vectors without tensors: packed weights, plain loops in f32, no allocation after the
/// first call. For one point or a few it is many times faster than the tensors, whose operations
/// cost microseconds each before they compute anything; for thousands of points use those.
///
/// The same bits come out at each call, on any processor of one program. Calls share the flow and
/// nothing else, so any number of threads may call it at once, each with a [`Scratch`] of its own.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{
///     Affine, Coupling, Flow, MlpConfig, Noise, Split, base::StandardNormal, compiled::Scratch,
/// };
///
/// let device = Device::default();
/// let net = MlpConfig::new(1, vec![16], 2).init(&mut Noise::seeded(0), &device);
/// let coupling: Coupling<_, _> = Coupling::new(Split::half(), Affine::new(), net);
/// let flow = Flow::new(coupling, StandardNormal::new(2));
///
/// let (compiled, mut scratch) = (flow.compile(), Scratch::default());
/// let found = compiled.log_prob(&[0.5, -1.0], &mut scratch);
/// let x = Tensor::<2>::from_floats([[0.5, -1.0]], &device);
/// assert!((found - flow.log_prob(x).into_scalar::<f32>()).abs() < 1e-5);
///
/// let mut sample = [0.0; 2];
/// compiled.sample(1.0, &mut Noise::seeded(1), &mut sample, &mut scratch);
/// ```
#[derive(Debug)]
pub struct CompiledFlow {
    layers: Layers,
    base: Box<dyn Density>,
}

impl<B: Module + ModuleDisplay, P: Module + ModuleDisplay> Flow<B, P> {
    /// The flow as plain numbers, for single points.
    pub fn compile(&self) -> CompiledFlow
    where
        B: Compile<Plain = Layers>,
        P: Compile<Plain = Box<dyn Density>>,
    {
        CompiledFlow::new(self.bijection.compile(), self.base.compile())
    }
}

impl CompiledFlow {
    /// The flow of these layers and this density of latents.
    pub fn new(layers: Layers, base: Box<dyn Density>) -> Self {
        Self { layers, base }
    }

    /// Numbers in a point.
    pub fn features(&self) -> usize {
        self.base.features()
    }

    /// `log p(x)` in nats, of one point.
    ///
    /// # Panics
    ///
    /// When `x` has another number of features than the flow.
    pub fn log_prob(&self, x: &[f32], scratch: &mut Scratch) -> f32 {
        let mut point = std::mem::take(&mut scratch.point);
        refill(&mut point, x.iter().copied());
        self.check(&point, 1);
        let log_det = self.forward(&mut point, scratch);
        let log_prob = self.base.log_prob(&point) + log_det;
        scratch.point = point;
        log_prob as f32
    }

    /// Each of one or more points, one after the other, becomes its latent.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole points.
    pub fn encode(&self, points: &mut [f32], scratch: &mut Scratch) {
        self.check(points, points.len() / self.features());
        for point in points.chunks_exact_mut(self.features()) {
            self.forward(point, scratch);
        }
    }

    /// Each of one or more latents, one after the other, becomes its point.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole points.
    pub fn decode(&self, latents: &mut [f32], scratch: &mut Scratch) {
        self.check(latents, latents.len() / self.features());
        for latent in latents.chunks_exact_mut(self.features()) {
            for layer in self.layers.iter().rev() {
                layer.inverse(latent, scratch);
            }
        }
    }

    /// Fills `points` with samples, as many as there is room for: those that
    /// [`Flow::sample`] gives from the same noise, which here is always drawn on the host.
    ///
    /// # Panics
    ///
    /// When there is no room for whole points, or for a temperature that is negative or not finite.
    pub fn sample(
        &self,
        temperature: f64,
        noise: &mut Noise,
        points: &mut [f32],
        scratch: &mut Scratch,
    ) {
        assert!(
            temperature >= 0.0 && temperature.is_finite(),
            "a temperature is a finite number from 0 on, got {temperature}"
        );
        self.check(points, points.len() / self.features());
        self.base.sample(temperature, noise, points);
        self.decode(points, scratch);
    }

    fn forward(&self, point: &mut [f32], scratch: &mut Scratch) -> f64 {
        let layers = self.layers.iter();
        layers.map(|layer| layer.forward(point, scratch)).sum()
    }

    fn check(&self, numbers: &[f32], points: usize) {
        let features = self.features();
        assert!(
            numbers.len() == points * features,
            "{} numbers are no points of {features} features; a batch of {points} takes {}",
            numbers.len(),
            points * features
        );
    }
}
