//! Layers of vector contexts under an embedding of other contexts.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use super::Embedding;
use crate::invertible_backprop::{BackwardPass, Checkpoints, WithGradient};
use crate::walk::Visitor;
use crate::{Base, Bijection, FlowError, LogDet, Network, Noise, Placement};

/// A bijection, a base density or a network with a vector context, under an embedding of another context,
/// such as labels. The embedding is evaluated once a call and trains with the inner layer.
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
    /// The layer of the vectors.
    pub inner: B,
}

impl<E: Module + ModuleDisplay, B: Module + ModuleDisplay> Embedded<E, B> {
    /// `inner` under `embedding`.
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

    fn forward_checkpointed(
        &self,
        x: B::Data,
        context: &C,
        checkpoints: &mut Checkpoints,
    ) -> (B::Latent, LogDet) {
        let vectors = self.embedding.embed(context);
        self.inner.forward_checkpointed(x, &vectors, checkpoints)
    }

    fn backward(
        &self,
        z: WithGradient<B::Latent>,
        context: &C,
        pass: &mut BackwardPass,
    ) -> WithGradient<B::Data> {
        let vectors = self.embedding.embed(context);
        let (x, gradient) = pass.with_context(vectors.clone(), |pass, vectors| {
            self.inner.backward(z, vectors, pass)
        });
        if let Some(gradient) = gradient.filter(|_| vectors.is_tracked()) {
            let mut gradients = (vectors * gradient).sum().backward();
            pass.accumulate(&self.embedding, &mut gradients);
        }
        x
    }

    fn inverse(&self, z: B::Latent, context: &C) -> (B::Data, LogDet) {
        self.inner.inverse(z, &self.embedding.embed(context))
    }

    fn walk<V: Visitor>(&self, x: B::Data, context: &C, visitor: &mut V) -> B::Latent {
        self.inner.walk(x, &self.embedding.embed(context), visitor)
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
