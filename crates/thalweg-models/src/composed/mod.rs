//! Flows of vectors whose configuration lists the layers, such as those that other libraries train.

mod base;
mod config;
mod given;
mod layer;
mod least;
mod modulation;
mod monotone;
mod network;
mod transformer;

pub use base::{BaseConfig, ComposedBase};
pub use config::ComposedConfig;
pub use given::{
    GivenAutoregressive, GivenCoupling, GivenLayer, GivenNeural, OfContext, UnderEmbedding,
};
pub use layer::{ComposedLayer, LayerConfig};
pub use least::LeastConfig;
pub use monotone::MonotoneConfig;
pub(crate) use network::check_activation;
pub use network::{ComposedNetwork, MaskedConfig, NetworkConfig};
pub use transformer::{
    ComposedTransformer, EndsConfig, PiecesConfig, ScaleConfig, TransformerConfig,
};

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::base::GaussianMixture;
use thalweg_flow::{Bijection, Flow, Lower, Standardize, chain};

use crate::ConfigError;
use crate::vector::{Conditional, VectorConfig, VectorFlow};

/// A density of vectors: standardization, a list of layers, a base density: standard normal, uniform or a mixture.
///
/// The other models have a structure and a few sizes; here the configuration lists the layers. It is the home
/// of flows that were composed by hand, in this library or in another one. The methods are those of every
/// [`VectorFlow`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::ComposedConfig;
/// use thalweg_models::composed::{LayerConfig, NetworkConfig, TransformerConfig};
///
/// let device = Device::default();
/// let layers = vec![
///     LayerConfig::ActNorm,
///     LayerConfig::Permutation { order: vec![2, 0, 1] },
///     LayerConfig::Coupling {
///         kept: 1,
///         transformer: TransformerConfig::Additive,
///         network: NetworkConfig::mlp(vec![16]),
///     },
/// ];
/// let flow = ComposedConfig::new(3, layers).init(&device);
/// let x = Tensor::<2>::ones([5, 3], &device);
/// assert_eq!(flow.log_prob(x).dims(), [5]);
/// ```
pub type ComposedFlow = VectorFlow<ComposedBijection, ComposedBase, ComposedConfig>;

/// A [`ComposedFlow`] given vectors, which every network sees beside its inputs; see
/// [`ComposedConfig::with_context`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::composed::{LayerConfig, NetworkConfig, TransformerConfig};
/// use thalweg_models::{ComposedConfig, ConditionalComposedFlow};
///
/// let device = Device::default();
/// let coupling = LayerConfig::Coupling {
///     kept: 1,
///     transformer: TransformerConfig::Additive,
///     network: NetworkConfig::mlp(vec![16]),
/// };
/// let config = ComposedConfig::new(3, vec![coupling]).with_context(2);
/// let flow: ConditionalComposedFlow = config.init(&device);
/// let condition = Tensor::<2>::zeros([1, 2], &device);
/// let x = Tensor::<2>::ones([5, 3], &device);
/// assert_eq!(flow.given(&condition).log_prob(x).dims(), [5]);
/// ```
pub type ConditionalComposedFlow =
    VectorFlow<ComposedBijection<GivenLayer>, ComposedBase, Conditional<ComposedConfig>>;

/// Standardization, then the layers: `ln|det J| = −Σ ln σ + Σ ln|det Jₖ|`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::ComposedConfig;
/// use thalweg_models::composed::{ComposedBijection, ComposedLayer, LayerConfig};
///
/// let device = Device::default();
/// let flow = ComposedConfig::new(3, vec![LayerConfig::Matrix]).init(&device);
/// let bijection: &ComposedBijection<ComposedLayer> = &flow.flow.bijection;
/// let (z, log_det) = bijection.forward(Tensor::<2>::ones([1, 3], &device), &());
/// // The untrained matrix is a rotation.
/// assert!((z.square().sum().into_scalar::<f32>() - 3.0).abs() < 1e-5);
/// assert!(log_det.into_scalar::<f32>().abs() < 1e-5);
/// ```
#[derive(Module, Debug)]
pub struct ComposedBijection<L: Module + ModuleDisplay = ComposedLayer> {
    standardize: Standardize,
    layers: Vec<L>,
}

chain! {
    [C, L: Bijection<C, Data = Tensor<2>, Latent = Tensor<2>>]
    ComposedBijection<L>, given C: Tensor<2> => Tensor<2>,
    by standardize, layers; lowered [C, L: Module + ModuleDisplay + Lower<C>]
}

impl<L: Module + ModuleDisplay> AsMut<Standardize> for ComposedBijection<L> {
    fn as_mut(&mut self) -> &mut Standardize {
        &mut self.standardize
    }
}

impl<L, K> VectorFlow<ComposedBijection<L>, ComposedBase, K>
where
    L: Module + ModuleDisplay,
    K: VectorConfig<Bijection = ComposedBijection<L>, Base = ComposedBase> + AsRef<ComposedConfig>,
{
    /// The model of given layers, which the configuration describes, such as those of another library. Its
    /// standardization is the identity, in the type of the layers. A `mixture` is the base density of a configuration
    /// that names one.
    ///
    /// ```
    /// use burn::tensor::{DType, Device, Tensor};
    /// use thalweg_flow::{Bijection, ElementwiseAffine};
    /// use thalweg_models::composed::{ComposedLayer, LayerConfig};
    /// use thalweg_models::{ComposedConfig, ComposedFlow};
    ///
    /// let device = Device::default();
    /// let config = ComposedConfig::new(1, vec![LayerConfig::Affine]);
    /// // The weights of another library: z = 2 x + 3.
    /// let [log_scale, shift] = [2.0_f32.ln(), 3.0].map(|x| Tensor::from_floats([x], &device));
    /// let layer = ComposedLayer::Affine(ElementwiseAffine::from_parameters(log_scale, shift));
    /// let flow = ComposedFlow::from_layers(&config, vec![layer], None, (&device, DType::F32))?;
    /// let z = flow.encode(Tensor::from_floats([[5.0]], &device));
    /// assert!((z.into_scalar::<f32>() - 13.0).abs() < 1e-5);
    /// # Ok::<(), thalweg_models::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ComposedConfig::try_init`], and for another number of layers than the configuration lists, or a mixture
    /// that is missing or that it does not name.
    pub fn from_layers(
        config: &K,
        layers: Vec<L>,
        mixture: Option<GaussianMixture>,
        (device, dtype): (&Device, DType),
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let listed = config.as_ref().layers.len();
        if layers.len() != listed {
            return Err(ConfigError::Setting {
                model: K::KIND,
                field: "layers",
                problem: format!(
                    "the configuration lists {listed} layers, got {}",
                    layers.len()
                ),
            });
        }
        let zeros = || Tensor::zeros([config.features()], (device, dtype));
        let bijection = ComposedBijection {
            standardize: Standardize::from_statistics(zeros(), zeros()),
            layers,
        };
        let base = &config.as_ref().base;
        let base = base.with_weights(config.features(), mixture, (device, dtype));
        let base = base.ok_or_else(|| ConfigError::Setting {
            model: K::KIND,
            field: "base",
            problem: "a mixture is given where the configuration names one, and nowhere else"
                .into(),
        })?;
        let flow = Flow::new(bijection, base);
        Ok(VectorFlow::of_flow(config, flow))
    }
}

impl AsRef<ComposedConfig> for ComposedConfig {
    fn as_ref(&self) -> &ComposedConfig {
        self
    }
}

impl AsRef<ComposedConfig> for Conditional<ComposedConfig> {
    fn as_ref(&self) -> &ComposedConfig {
        &self.flow
    }
}
