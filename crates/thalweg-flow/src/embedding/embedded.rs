//! What takes a vector as context, behind an embedding of another one.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use super::Embedding;
use crate::{Base, Bijection, FlowError, LogDet, Network, Noise, Placement, Slope, Trail, WayBack};

/// A bijection, a base density or a network given vectors, turned by an embedding into one given what is
/// embedded, such as labels. The embedding runs once a call and trains with what is inside.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::{
///     Affine, Coupling, Embedded, Flow, LabelEmbedding, MlpConfig, Noise, Split, WithContext,
///     base::StandardNormal,
/// };
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let net = MlpConfig::new(1 + 4, vec![16], 2).init(&mut noise, &device);
/// let coupling: Coupling<_, _> =
///     Coupling::new(Split::half(), Affine::new(), WithContext::new(net));
/// let labels = LabelEmbedding::new(10, 4, &mut noise, &device);
/// let flow = Flow::new(Embedded::new(labels, coupling), StandardNormal::new(2));
///
/// let digits = Tensor::<1, Int>::from_ints([3, 1, 4], &device);
/// let x = flow.given(&digits).sample(3, 1.0, &mut noise);
/// assert_eq!(flow.given(&digits).log_prob(x).dims(), [3]);
/// ```
#[derive(Module, Debug)]
pub struct Embedded<E: Module + ModuleDisplay, B: Module + ModuleDisplay> {
    /// From the context to vectors.
    pub embedding: E,
    /// What takes the vectors.
    pub inner: B,
}

impl<E: Module + ModuleDisplay, B: Module + ModuleDisplay> Embedded<E, B> {
    /// `inner`, given what `embedding` makes of a context.
    pub fn new(embedding: E, inner: B) -> Self {
        Self { embedding, inner }
    }
}

impl<C, E: Embedding<C>, B: Bijection<Tensor<2>>> Bijection<C> for Embedded<E, B> {
    type Data = B::Data;
    type Latent = B::Latent;

    fn forward(&self, x: B::Data, context: &C) -> (B::Latent, LogDet) {
        self.inner.forward(x, &self.embedding.embed(context))
    }

    fn forward_on(&self, x: B::Data, context: &C, trail: &mut Trail) -> (B::Latent, LogDet) {
        let vectors = self.embedding.embed(context);
        self.inner.forward_on(x, &vectors, trail)
    }

    fn backward_on(&self, z: Slope<B::Latent>, context: &C, way: &mut WayBack) -> Slope<B::Data> {
        let vectors = self.embedding.embed(context);
        let (slope, gradient) = way.with_context(vectors.clone(), |way, vectors| {
            self.inner.backward_on(z, vectors, way)
        });
        if let Some(gradient) = gradient.filter(|_| vectors.is_tracked()) {
            let mut gradients = (vectors * gradient).sum().backward();
            way.gather(&self.embedding, &mut gradients);
        }
        slope
    }

    fn inverse(&self, z: B::Latent, context: &C) -> (B::Data, LogDet) {
        self.inner.inverse(z, &self.embedding.embed(context))
    }

    fn initialize(self, x: B::Data, context: &C) -> Result<(Self, B::Latent), FlowError> {
        let vectors = self.embedding.valid().embed(context);
        let (inner, z) = self.inner.initialize(x, &vectors)?;
        Ok((Self::new(self.embedding, inner), z))
    }
}

impl<C, E: Embedding<C>, P: Base<Tensor<2>>> Base<C> for Embedded<E, P> {
    type Latent = P::Latent;

    fn log_prob(&self, z: P::Latent, context: &C) -> Tensor<1> {
        self.inner.log_prob(z, &self.embedding.embed(context))
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        context: &C,
    ) -> P::Latent {
        let vectors = self.embedding.embed(context);
        self.inner
            .sample(n, temperature, noise, placement, &vectors)
    }
}

impl<C, E: Embedding<C>, N: Network<Tensor<2>, D>, const D: usize> Network<C, D>
    for Embedded<E, N>
{
    fn apply(&self, kept: Tensor<D>, context: &C) -> Tensor<D> {
        self.inner.apply(kept, &self.embedding.embed(context))
    }

    fn initialize(self, kept: Tensor<D>, context: &C) -> Result<Self, FlowError> {
        let vectors = self.embedding.valid().embed(context);
        let inner = self.inner.initialize(kept, &vectors)?;
        Ok(Self::new(self.embedding, inner))
    }
}
