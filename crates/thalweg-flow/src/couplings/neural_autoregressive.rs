//! Autoregressive layers whose transformers are networks.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::networks::indices;
use crate::numerics::{sum_features, zero_log_det};
use crate::shape::guarded;
use crate::{AutoregressiveNetwork, Bijection, LogDet, MonotoneNetworks, probe};

/// `z_i = f_i(x_i; m_i(x_<i, c))` with an increasing network `f_i` of its own for each feature, whose signal is a network
/// of the features before it; see [`MonotoneNetworks`].
///
/// The inverse halves a bracket between `±1000`, feature after feature.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{
///     Bijection, MaskedMlpConfig, Monotone, MonotoneNetworks, NeuralAutoregressive, Noise,
/// };
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let of = Monotone::PositiveWeights;
/// let networks = MonotoneNetworks::new([3, 2], &[4], of, &mut noise, &device);
/// let conditioner = MaskedMlpConfig::new(3, vec![8], networks.parameters()).init(&mut noise, &device);
/// let layer = NeuralAutoregressive::new(networks, conditioner);
///
/// let x = Tensor::<2>::ones([5, 3], &device);
/// let (z, log_det) = layer.forward(x.clone(), &());
/// let (back, _) = layer.inverse(z, &());
/// assert_eq!(log_det.dims(), [5]);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-3);
/// ```
///
/// # Shapes
///
/// `[batch, features]` to the same.
///
/// # References
///
/// Huang, Krueger, Lacoste, Courville: *Neural autoregressive flows*, 2018, section 3. Wehenkel, Louppe: *Unconstrained
/// monotonic neural networks*, 2019, section 3.
#[derive(Module, Debug)]
pub struct NeuralAutoregressive<N: Module + ModuleDisplay> {
    pub(crate) univariate: MonotoneNetworks,
    pub(crate) network: N,
}

impl<N: Module + ModuleDisplay> NeuralAutoregressive<N> {
    /// The network of each feature, and the network of their parameters.
    pub fn new(univariate: MonotoneNetworks, network: N) -> Self {
        Self {
            univariate,
            network,
        }
    }

    /// # Panics
    ///
    /// For another number of parameters.
    fn check(&self, parameters: &Tensor<2>, features: usize) {
        let (each, found) = (self.univariate.parameters(), parameters.dims()[1]);
        assert!(
            found == each * features,
            "monotone networks of {features} features take {} parameters, {each} for each, got {found}",
            each * features
        );
    }
}

impl<C, N: AutoregressiveNetwork<C>> Bijection<C> for NeuralAutoregressive<N> {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let features = self.univariate.features();
        guarded("NeuralAutoregressive", Some(features), x, |x| {
            let parameters = self.network.apply(x.clone(), context);
            probe::output("the network of a NeuralAutoregressive", &parameters);
            self.check(&parameters, features);
            let functions = self.univariate.functions(0..features, parameters);
            let [z, log_slope] = functions.at(x);
            (z, sum_features(log_slope))
        })
    }

    fn inverse(&self, z: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let order = self.network.order();
        guarded("NeuralAutoregressive", Some(order.len()), z, |z| {
            let mut columns = Vec::with_capacity(order.len());
            let mut log_det = zero_log_det(&z);
            self.network.unroll(&z, context, &mut |place, parameters| {
                let feature = order[place];
                self.check(&parameters, 1);
                let functions = self.univariate.functions(feature..feature + 1, parameters);
                let [x, log_slope] = functions.inverse(z.clone().narrow(1, feature, 1));
                log_det = log_det.clone() + sum_features(log_slope);
                columns.push(x.clone());
                x
            });
            let x = Tensor::cat(columns, 1);
            let mut places = vec![0; order.len()];
            for (place, feature) in order.iter().enumerate() {
                places[*feature] = place;
            }
            let places = indices(&places, &x.device());
            (x.select(1, places), log_det)
        })
    }
}
