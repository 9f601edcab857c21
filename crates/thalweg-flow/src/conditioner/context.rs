//! A vector-valued condition for any vector network.

use burn::module::Module;
use burn::tensor::Tensor;

use super::Conditioner;
use crate::FlowError;

/// Feeds a network the kept features and the context side by side: `[kept | context]`.
///
/// The network takes `kept + context` inputs. A coupling with it implements `Bijection` for the
/// context `Tensor<2>` (`[batch, context]`) only:
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
pub struct WithContext<N: Conditioner> {
    network: N,
}

impl<N: Conditioner> WithContext<N> {
    /// Conditions `network` on a context.
    pub fn new(network: N) -> Self {
        Self { network }
    }
}

impl<N: Conditioner> Conditioner<Tensor<2>> for WithContext<N> {
    fn parameters(&self, kept: Tensor<2>, context: &Tensor<2>) -> Tensor<2> {
        self.network.parameters(beside(kept, context), &())
    }

    fn initialize(self, kept: Tensor<2>, context: &Tensor<2>) -> Result<Self, FlowError> {
        let network = self.network.initialize(beside(kept, context), &())?;
        Ok(Self { network })
    }
}

fn beside(kept: Tensor<2>, context: &Tensor<2>) -> Tensor<2> {
    Tensor::cat(vec![kept, context.clone()], 1)
}
