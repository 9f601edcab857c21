//! A transformer of every feature, with parameters from the context alone.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::couplings::check_parameters;
use crate::numerics::expanded;
use crate::shape::{assert_rows, guarded};
use crate::walk::{self, Visitor};
use crate::{Bijection, LogDet, Network, Transformer};

/// `z = τ(x; m(c))`: a transformer of all features, elementwise, with parameters computed from the
/// context `c`, the same at each position of an image.
///
/// With an [`Affine`](crate::Affine) transformer it standardizes by a conditional mean and deviation.
/// In front of a standard normal density it is a conditional normal density. A [`Flow`](crate::Flow)
/// is a base density:
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Affine, ContextTransform, Flow, MlpConfig, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// // Two numbers of context give shifts and log-scales of three features.
/// let net = MlpConfig::new(2, vec![8], 2 * 3).init(&mut Noise::seeded(0), &device);
/// let layer: ContextTransform<_, _> = ContextTransform::new(Affine::new(), net);
/// let density = Flow::new(layer, StandardNormal::new(3));
/// let context = Tensor::<2>::ones([5, 2], &device);
/// let x = Tensor::<2>::zeros([5, 3], &device);
/// assert_eq!(density.given(&context).log_prob(x).dims(), [5]);
/// ```
///
/// # Shapes
///
/// `[batch, features, ..]` to the same; the context is `[batch, n]`, or `[1, n]` for all samples.
///
/// # Panics
///
/// When the network returns another number of parameters than the transformer takes, or the context
/// has neither one row nor one for each sample.
#[derive(Module, Debug)]
pub struct ContextTransform<
    T: Module + ModuleDisplay,
    N: Module + ModuleDisplay,
    const D: usize = 2,
> {
    pub(crate) transformer: T,
    pub(crate) network: N,
}

impl<T: Transformer, N: Network, const D: usize> ContextTransform<T, N, D> {
    /// A transformer, and the network from the context to its parameters.
    pub fn new(transformer: T, network: N) -> Self {
        Self {
            transformer,
            network,
        }
    }

    fn parameters(&self, x: &Tensor<D>, context: &Tensor<2>) -> Tensor<D> {
        let parameters = self.network.apply(context.clone(), &());
        let [rows, count] = parameters.dims();
        assert_rows(rows, x.dims()[0]);
        let mut shape = [1; D];
        (shape[0], shape[1]) = (rows, count);
        let parameters: Tensor<D> = parameters.reshape(shape);
        // Once a sample and position, since the log-determinant sums over them.
        shape[0] = x.dims()[0];
        shape[2..].copy_from_slice(&x.dims()[2..]);
        let parameters = expanded(parameters, shape);
        check_parameters(&self.transformer, &parameters, x.dims());
        parameters
    }
}

impl<T: Transformer, N: Network, const D: usize> Bijection<Tensor<2>>
    for ContextTransform<T, N, D>
{
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, context: &Tensor<2>) -> (Tensor<D>, LogDet) {
        guarded("ContextTransform", None, x, |x| {
            let parameters = self.parameters(&x, context);
            self.transformer.forward(x, parameters)
        })
    }

    fn inverse(&self, z: Tensor<D>, context: &Tensor<2>) -> (Tensor<D>, LogDet) {
        guarded("ContextTransform", None, z, |z| {
            let parameters = self.parameters(&z, context);
            self.transformer.inverse(z, parameters)
        })
    }

    fn walk<V: Visitor>(&self, x: Tensor<D>, context: &Tensor<2>, visitor: &mut V) -> Tensor<D> {
        let parameters = self.parameters(&x, context);
        let usage = self.transformer.usage(x.clone(), parameters);
        visitor.layer(self, x, context, walk::usage(usage))
    }
}
