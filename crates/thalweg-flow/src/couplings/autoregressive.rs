//! The autoregressive layer: transformer × masked network × order.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_kernels::{Direction, autoregress};

use super::check_parameters;
use crate::invertible_backprop::Checkpoints;
use crate::networks::indices;
use crate::numerics::zero_log_det;
use crate::shape::{assert_rows, guarded};
use crate::walk::{self, Visitor};
use crate::{AutoregressiveNetwork, Bijection, FlowError, LogDet, Transformer, probe};

/// Transforms each feature, with parameters computed from the features before it in an order:
/// `z_i = τ(x_i; m_i(x_<i, c))`.
///
/// The Jacobian is triangular in that order, so `ln|det J|` is that of the transformer. A layer of `D`
/// features does what `D` couplings would do, but only one direction is one pass:
///
/// | direction | cost |
/// |---|---|
/// | `forward`, data to latent: densities, training | one pass of the network |
/// | `inverse`, latent to data: samples | `D` steps, one after the other |
///
/// The steps of [`MaskedMlp`](crate::MaskedMlp) compute the units that are new at each place. Together they
/// multiply as often as one pass, but they are many small operations. In f32 on the CPU, and where nothing is
/// on a tape, one operation makes them all, and so does the compiled form.
///
/// This is the masked autoregressive flow. With [`Affine`](crate::Affine) it is that of the paper, with
/// [`RationalQuadratic`](crate::RationalQuadratic) an autoregressive neural spline flow. The
/// [`inverted`](crate::Invert::inverted) layer is the inverse autoregressive flow: it samples in one pass, and
/// takes `D` steps for the density of given data. That of its own samples is one pass as well.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Affine, Autoregressive, Bijection, MaskedMlpConfig, Noise};
///
/// let device = Device::default();
/// let net = MaskedMlpConfig::new(4, vec![16, 16], 2).init(&mut Noise::seeded(0), &device);
/// let layer: Autoregressive<Affine, _> = Autoregressive::new(Affine::new(), net);
///
/// let x = Tensor::<2>::ones([3, 4], &device);
/// let (z, log_det) = layer.forward(x.clone(), &());
/// let (back, _) = layer.inverse(z, &());
/// assert_eq!(log_det.dims(), [3]);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// With a condition, its network is a [`WithContext`](crate::WithContext), and a missing condition does not
/// compile:
///
/// ```compile_fail,E0277
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Additive, Autoregressive, Bijection, MaskedMlpConfig, Noise, WithContext};
///
/// let device = Device::default();
/// let config = MaskedMlpConfig::new(4, vec![16], 1).with_context(3);
/// let net = WithContext::new(config.init(&mut Noise::seeded(0), &device));
/// let layer = Autoregressive::new(Additive::new(), net);
/// let x = Tensor::<2>::zeros([1, 4], &device);
/// layer.forward(x, &()); // the condition is missing
/// ```
///
/// # Shapes
///
/// `[batch, features]` to the same. One feature is enough: then the parameters are constants, or a network
/// of the context.
///
/// # Memory
///
/// Gradients without a tape ([`Reversible`](crate::Reversible)) invert most layers to find their inputs
/// again. The input of this layer is always kept instead, since its inverse takes `D` steps. An inverted one is
/// inverted, since that is one pass.
///
/// # Panics
///
/// When the network returns another number of parameters than the transformer takes.
///
/// # References
///
/// Papamakarios, Pavlakou, Murray: *Masked autoregressive flow for density estimation*, 2017, eq. 3 and 4;
/// inverted: Kingma, Salimans, Jozefowicz, Chen, Sutskever, Welling: *Improved variational inference with
/// inverse autoregressive flow*, 2016, section 3.
#[derive(Module, Debug)]
pub struct Autoregressive<T: Module + ModuleDisplay, N: Module + ModuleDisplay> {
    pub(crate) transformer: T,
    pub(crate) network: N,
}

impl<T: Transformer, N: Module + ModuleDisplay> Autoregressive<T, N> {
    /// A transformer, and the network of its parameters.
    ///
    /// # Panics
    ///
    /// When the transformer has constants of several features, as a
    /// [`TanhLearned`](crate::TanhLearned) scale may have: one for all features is allowed.
    pub fn new(transformer: T, network: N) -> Self {
        if let Some(form) = transformer.host_form() {
            let constants = form.constants().len();
            assert!(
                constants <= 1,
                "an autoregressive layer transforms its features alike: the transformer has 1 constant \
                 for all of them, not {constants}"
            );
        }
        Self {
            transformer,
            network,
        }
    }

    /// The map on the host, without tensors; `None` where there is a tape, or another kind of network,
    /// transformer, type or backend.
    fn on_host<C>(
        &self,
        direction: Direction,
        x: &Tensor<2>,
        context: &C,
    ) -> Option<(Tensor<2>, LogDet)>
    where
        N: AutoregressiveNetwork<C>,
    {
        let network = self.network.masked()?.packed_unless_tracked()?;
        let layer = self.transformer.host_form()?.after(network);
        let vectors = self.network.vectors(context);
        if let Some(vectors) = &vectors {
            assert_rows(vectors.dims()[0], x.dims()[0]);
        }
        autoregress(layer, direction, x, vectors.as_ref())
    }
}

/// Samples from which one pass takes longer than to leave out the masked weights.
const ENOUGH: usize = 256;

impl<C, T: Transformer, N: AutoregressiveNetwork<C>> Bijection<C> for Autoregressive<T, N> {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let features = self.network.order().len();
        guarded("Autoregressive", Some(features), x, |x| {
            if x.dims()[0] >= ENOUGH
                && let Some(found) = self.on_host(Direction::Forward, &x, context)
            {
                return found;
            }
            let parameters = self.network.apply(x.clone(), context);
            probe::output("the network of an Autoregressive", &parameters);
            check_parameters(&self.transformer, &parameters, x.dims());
            self.transformer.forward(x, parameters)
        })
    }

    fn inverse(&self, z: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let order = self.network.order();
        guarded("Autoregressive", Some(order.len()), z, |z| {
            if let Some(found) = self.on_host(Direction::Inverse, &z, context) {
                return found;
            }
            let mut columns = Vec::with_capacity(order.len());
            let mut log_det = zero_log_det(&z);
            self.network.unroll(&z, context, &mut |place, parameters| {
                let column = z.clone().narrow(1, order[place], 1);
                check_parameters(&self.transformer, &parameters, column.dims());
                let (x, slope) = self.transformer.inverse(column, parameters);
                log_det = log_det.clone() + slope;
                columns.push(x.clone());
                x
            });
            let x = Tensor::cat(columns, 1);
            match order.is_sorted() {
                true => (x, log_det),
                false => {
                    let mut places = vec![0; order.len()];
                    for (place, feature) in order.iter().enumerate() {
                        places[*feature] = place;
                    }
                    let places = indices(&places, &x.device());
                    (x.select(1, places), log_det)
                }
            }
        })
    }

    fn forward_checkpointed(
        &self,
        x: Tensor<2>,
        context: &C,
        checkpoints: &mut Checkpoints,
    ) -> (Tensor<2>, LogDet) {
        checkpoints.save_kept(&x);
        self.forward(x, context)
    }

    fn walk<V: Visitor>(&self, x: Tensor<2>, context: &C, visitor: &mut V) -> Tensor<2> {
        let parameters = self.network.apply(x.clone(), context);
        let usage = self.transformer.usage(x.clone(), parameters);
        visitor.layer(self, x, context, walk::usage(usage))
    }

    fn initialize(mut self, x: Tensor<2>, context: &C) -> Result<(Self, Tensor<2>), FlowError> {
        self.network = self.network.initialize(x.clone(), context)?;
        let (z, _) = self.valid().forward(x, context);
        Ok((self, z))
    }
}
