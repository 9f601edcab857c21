//! Multilayer perceptrons.

use burn::tensor::Tensor;

#[cfg(not(feature = "host"))]
use crate::chain::without_host;
#[cfg(feature = "host")]
use crate::layers::{Activations, LayerSize, run_layers};
use crate::{Activation, network_input};

/// A linear layer `x W + b`: `W [inputs, outputs]`, `b [outputs]`.
#[derive(Debug, Clone)]
pub struct Dense {
    /// `W`.
    pub weight: Tensor<2>,
    /// `b`.
    pub bias: Option<Tensor<1>>,
}

/// Layers one after the other, `activation` between two of them and `last` behind the last:
/// `[batch, inputs] → [batch, outputs]`.
///
/// The first layer sees `x` within ±[`NETWORK_LIMIT`](crate::NETWORK_LIMIT).
///
/// On the host, rows go through all layers in pieces that fit a cache, one piece a thread at a time;
/// elsewhere these are operations of tensors.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Activation, Dense, dense};
///
/// let device = Device::default();
/// let layer = |inputs, outputs| Dense {
///     weight: Tensor::ones([inputs, outputs], &device),
///     bias: Some(Tensor::zeros([outputs], &device)),
/// };
/// let layers = vec![layer(2, 8), layer(8, 3)];
/// let y = dense(Tensor::ones([5, 2], &device), layers, Activation::Relu, None);
/// assert_eq!(y.dims(), [5, 3]);
/// ```
///
/// # Panics
///
/// When a layer takes another number of features than it is given.
pub fn dense(
    x: Tensor<2>,
    layers: Vec<Dense>,
    activation: Activation,
    last: Option<Activation>,
) -> Tensor<2> {
    let outputs = check(x.dims()[1], &layers);
    if x.dims()[0] == 0 {
        return x.reshape([0, outputs]);
    }
    #[cfg(feature = "host")]
    if let Some(y) = on_host(&x, &layers, activation, last) {
        return y;
    }
    #[cfg(not(feature = "host"))]
    without_host();
    plain(x, layers, activation, last)
}

#[cfg(feature = "host")]
fn on_host(
    x: &Tensor<2>,
    layers: &[Dense],
    activation: Activation,
    last: Option<Activation>,
) -> Option<Tensor<2>> {
    let activations = Activations {
        first: None,
        between: Some(activation),
        last,
    };
    let layers = layers.iter().map(|Dense { weight, bias }| {
        let [inputs, outputs] = weight.dims();
        let size = LayerSize {
            inputs,
            outputs,
            side: 1,
            biased: bias.is_some(),
            of_rows: true,
        };
        (size, weight.into(), bias.as_ref().map(Into::into))
    });
    run_layers(x, layers, activations)
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain(
    x: Tensor<2>,
    layers: Vec<Dense>,
    activation: Activation,
    last: Option<Activation>,
) -> Tensor<2> {
    let count = layers.len();
    layers
        .into_iter()
        .enumerate()
        .fold(network_input(x), |x, (index, Dense { weight, bias })| {
            let y = x.matmul(weight);
            let y = match bias {
                Some(bias) => y + bias.unsqueeze(),
                None => y,
            };
            let between = (index + 1 < count).then_some(activation);
            match between.or(last) {
                Some(activation) => activation.apply(y),
                None => y,
            }
        })
}

/// The features of the output.
fn check(mut features: usize, layers: &[Dense]) -> usize {
    for (index, Dense { weight, .. }) in layers.iter().enumerate() {
        let [inputs, outputs] = weight.dims();
        assert!(
            features == inputs,
            "layer {index} takes {inputs} features, it is given {features}"
        );
        features = outputs;
    }
    features
}
