//! A vector-valued condition for any network.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use super::Network;
use crate::FlowError;
use crate::numerics::expanded;
use crate::shape::assert_rows;

/// A network of the features and the context, concatenated along axis 1, `[features | context]`. For
/// images, the context is a constant in each channel.
///
/// The context is `[batch, context]`, or `[1, context]` for all samples. A coupling with it implements
/// `Bijection` for the context `Tensor<2>` only:
///
/// ```compile_fail,E0277
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Additive, Bijection, Coupling, MlpConfig, Noise, Split, WithContext};
///
/// let device = Device::default();
/// let net = MlpConfig::new(2 + 3, vec![8], 2).init(&mut Noise::seeded(0), &device);
/// let coupling = Coupling::new(Split::half(), Additive::new(), WithContext::new(net));
/// let x = Tensor::<2>::zeros([1, 4], &device);
/// coupling.forward(x, &()); // the condition is missing
/// ```
#[derive(Module, Debug)]
pub struct WithContext<N: Module + ModuleDisplay> {
    pub(crate) network: N,
}

impl<N: Module + ModuleDisplay> WithContext<N> {
    /// Conditions `network` on a context.
    pub fn new(network: N) -> Self {
        Self { network }
    }
}

impl<N: Network<(), D>, const D: usize> Network<Tensor<2>, D> for WithContext<N> {
    fn apply(&self, kept: Tensor<D>, context: &Tensor<2>) -> Tensor<D> {
        self.network.apply(beside(kept, context), &())
    }

    fn initialize(self, kept: Tensor<D>, context: &Tensor<2>) -> Result<Self, FlowError> {
        let network = self.network.initialize(beside(kept, context), &())?;
        Ok(Self { network })
    }
}

/// `[features | context]` along axis 1, with the context expanded to all samples and positions.
pub(super) fn beside<const D: usize>(kept: Tensor<D>, context: &Tensor<2>) -> Tensor<D> {
    let [rows, features] = context.dims();
    assert_rows(rows, kept.dims()[0]);
    let mut shape = [1; D];
    (shape[0], shape[1]) = (rows, features);
    let context: Tensor<D> = context.clone().reshape(shape);
    shape[0] = kept.dims()[0];
    (shape[2..]).copy_from_slice(&kept.dims()[2..]);
    Tensor::cat(vec![kept, expanded(context, shape)], 1)
}
