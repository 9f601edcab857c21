//! Multilayer perceptrons, on tensors and on slices.

use burn::tensor::Tensor;

#[cfg(not(feature = "flex"))]
use crate::chain::without_flex;
use crate::conv::host;
#[cfg(feature = "flex")]
use crate::layers::{Activations, LayerSize, run_layers};
use crate::{Activation, NETWORK_LIMIT, network_input};

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
    #[cfg(feature = "flex")]
    if let Some(y) = on_host(&x, &layers, activation, last) {
        return y;
    }
    #[cfg(not(feature = "flex"))]
    without_flex();
    plain(x, layers, activation, last)
}

#[cfg(feature = "flex")]
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

/// A multilayer perceptron with packed weights, for slices. It allocates nothing for up to four rows,
/// and uses the calling thread only.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Activation, Dense, PackedDense};
///
/// let layer = Dense {
///     weight: Tensor::ones([2, 1], &Device::default()),
///     bias: None,
/// };
/// let packed = PackedDense::new(vec![layer], Activation::Relu, None);
/// let mut scratch = vec![0.0; packed.scratch(2)];
/// let mut y = [0.0; 2];
/// packed.apply(&[1.0, 2.0, 3.0, 4.0], &mut scratch, &mut y);
/// assert_eq!(y, [3.0, 7.0]);
/// ```
#[derive(Debug)]
pub struct PackedDense {
    layers: Vec<PackedLayer>,
}

#[derive(Debug)]
struct PackedLayer {
    inputs: usize,
    /// `[inputs, outputs]`.
    weight: Vec<f32>,
    /// One number an output.
    bias: Vec<f32>,
    activation: Option<Activation>,
}

impl PackedDense {
    /// `activation` is between two layers and `last` behind the last, as in [`dense`].
    ///
    /// # Panics
    ///
    /// Without a layer, or when one takes another number of features than it is given.
    pub fn new(layers: Vec<Dense>, activation: Activation, last: Option<Activation>) -> Self {
        let first = layers.first().expect("a network has a layer or more");
        check(first.weight.dims()[0], &layers);
        let end = layers.len() - 1;
        let layers = layers.into_iter().enumerate();
        let layers = layers.map(|(index, Dense { weight, bias })| {
            let [inputs, outputs] = weight.dims();
            PackedLayer {
                inputs,
                weight: host(weight),
                bias: bias.map_or_else(|| vec![0.0; outputs], host),
                activation: if index < end { Some(activation) } else { last },
            }
        });
        Self {
            layers: layers.collect(),
        }
    }

    /// Features of the input and the output.
    pub fn sizes(&self) -> [usize; 2] {
        let outputs = self.layers.last().map_or(0, |layer| layer.bias.len());
        [self.layers[0].inputs, outputs]
    }

    /// Numbers of the scratch for this many rows: the input and the output of a layer.
    pub fn scratch(&self, rows: usize) -> usize {
        2 * rows * self.widest()
    }

    fn widest(&self) -> usize {
        let widths = self
            .layers
            .iter()
            .map(|layer| layer.inputs.max(layer.bias.len()));
        widths.max().unwrap_or(0)
    }

    /// `[rows, inputs] → [rows, outputs]`. The first layer sees `x` within
    /// ±[`NETWORK_LIMIT`].
    ///
    /// # Panics
    ///
    /// When `x` or `y` has another size, or the scratch is too small.
    pub fn apply(&self, x: &[f32], scratch: &mut [f32], y: &mut [f32]) {
        let [inputs, outputs] = self.sizes();
        let rows = x.len() / inputs.max(1);
        assert!(
            x.len() == rows * inputs && y.len() == rows * outputs,
            "a network from {inputs} to {outputs} features, for {} numbers to {}",
            x.len(),
            y.len()
        );
        let (mut from, mut to) = scratch.split_at_mut(rows * self.widest());
        for (from, x) in from.iter_mut().zip(x) {
            *from = x.clamp(-NETWORK_LIMIT, NETWORK_LIMIT);
        }
        let (last, before) = self.layers.split_last().expect("a layer");
        for layer in before {
            layer.apply(from, to, rows);
            std::mem::swap(&mut from, &mut to);
        }
        last.apply(from, y, rows);
    }
}

impl PackedLayer {
    /// Both slices begin with the rows.
    #[cfg(feature = "flex")]
    fn apply(&self, x: &[f32], y: &mut [f32], rows: usize) {
        use crate::host::epilogue::{Bias, Epilogue};
        use crate::host::matrix::Matrix;
        use crate::host::product::multiply_with;

        let (inputs, outputs) = (self.inputs, self.bias.len());
        let x = Matrix::new(&x[..rows * inputs], rows, inputs);
        let weight = Matrix::new(&self.weight, inputs, outputs);
        let epilogue = Epilogue {
            bias: Bias::OfColumns(&self.bias),
            activation: self.activation,
        };
        multiply_with(&mut y[..rows * outputs], false, x, weight, epilogue);
    }

    #[cfg(not(feature = "flex"))]
    fn apply(&self, x: &[f32], y: &mut [f32], rows: usize) {
        let (inputs, outputs) = (self.inputs, self.bias.len());
        let x = x[..rows * inputs].chunks_exact(inputs.max(1));
        for (x, y) in x.zip(y.chunks_exact_mut(outputs.max(1))) {
            y.copy_from_slice(&self.bias);
            for (x, row) in x.iter().zip(self.weight.chunks_exact(outputs.max(1))) {
                y.iter_mut().zip(row).for_each(|(y, w)| *y += x * w);
            }
            for y in y {
                *y = match self.activation {
                    None => *y,
                    Some(Activation::Relu) => {
                        if *y < 0.0 {
                            0.0
                        } else {
                            *y
                        }
                    }
                    Some(Activation::Tanh) => y.tanh(),
                    Some(Activation::Silu) => *y / (1.0 + (-*y).exp()),
                    Some(Activation::LeakyRelu) => {
                        if *y < 0.0 {
                            0.1 * *y
                        } else {
                            *y
                        }
                    }
                };
            }
        }
    }
}
