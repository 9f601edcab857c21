//! `NAF` and `UNAF`: autoregressive layers of increasing networks.

use thalweg_flow::{Activation, Monotone};
use thalweg_models::composed::MonotoneConfig;

use crate::layers::{Increasing, Layers};
use crate::masked::MaskedNetwork;
use crate::state::StateDict;
use crate::{ConvertError, Options};

/// The layer whose `univariate` is an `MNN` or a `UMNN`, and whose `hyper` is this network.
pub(super) fn neural(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    network: MaskedNetwork,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let features = layers.features().unwrap_or(0);
    let integrand = format!("{module}.univariate.integrand");
    let (name, monotone) = match state.has_module(&integrand) {
        true => {
            let activation = options.integrand_activation.unwrap_or(Activation::Elu);
            (integrand, Monotone::Integral(activation))
        }
        false => {
            let name = format!("{module}.univariate.network");
            (name, Monotone::PositiveWeights)
        }
    };
    let networks = Increasing::take(state, &name, features)?;
    let (signal, hidden) = networks.sizes();
    let univariate = MonotoneConfig {
        signal,
        hidden,
        monotone,
    };
    layers.neural(module, univariate, networks, network)
}
