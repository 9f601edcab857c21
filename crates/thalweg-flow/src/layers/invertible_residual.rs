//! The invertible residual network.

use burn::module::Module;
use burn::tensor::{DType, Tensor};

use crate::elimination::solved;
use crate::numerics::{Precision, saturate};
use crate::shape::guarded;
use crate::{Activation, Bijection, LogDet, Mlp, Network, Tangents};

/// `z = x + g(x)` with a network `g` that moves two points by less than their distance: `ln|det J| = ln|det(I + ∂g/∂x)|`.
///
/// `g` is a perceptron times `min(1, c / L)`, `L` being a bound of its Lipschitz constant: the product of the spectral norms
/// of its matrices and of the largest slopes of its activations. So the layer is a bijection whatever the weights are. The
/// inverse is the fixed point of `x = z − g(x)`, and has a gradient.
///
/// The determinant is that of the whole Jacobian, for few features: `features` tangents of the network, then an elimination,
/// `O(features³)` a sample. Estimates of it for many features, as in the papers, are not here.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Activation, Bijection, InvertibleResidual, MlpConfig, Noise};
///
/// let device = Device::default();
/// let network = MlpConfig::new(2, vec![8], 2)
///     .with_activation(Activation::Silu)
///     .init(&mut Noise::seeded(0), &device);
/// let layer = InvertibleResidual::new(network, 0.9);
/// let x = Tensor::<2>::from_data([[0.5, -1.0]], &device);
/// let (z, _) = layer.forward(x.clone(), &());
/// let (back, _) = layer.inverse(z, &());
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # Shapes
///
/// `[batch, features]` to the same.
///
/// # References
///
/// Behrmann, Grathwohl, Chen, Duvenaud, Jacobsen: *Invertible residual networks*, 2019, theorem 1 and section 2; Chen,
/// Behrmann, Duvenaud, Jacobsen: *Residual flows for invertible generative modeling*, 2019.
#[derive(Module, Debug)]
pub struct InvertibleResidual {
    pub(crate) network: Mlp,
    lipschitz: f64,
}

/// Squarings of a Gram matrix: the bound of the norm of one of 128 columns is at most half a percent too large.
const SQUARINGS: i32 = 8;

impl InvertibleResidual {
    /// Of a perceptron with as many outputs as inputs, and the most that `g` may stretch distances.
    ///
    /// # Panics
    ///
    /// When the network has other outputs, and unless `lipschitz` lies between 0 and 1.
    pub fn new(network: Mlp, lipschitz: f64) -> Self {
        let size =
            |axis: usize, layer: Option<&burn::nn::Linear>| layer.map(|of| of.weight.dims()[axis]);
        let (inputs, outputs) = (
            size(0, network.layers.first()),
            size(1, network.layers.last()),
        );
        assert!(
            inputs == outputs && inputs.is_some() && network.output_activation.is_none(),
            "a residual layer adds as many linear outputs as inputs, got a network from {inputs:?} to {outputs:?}"
        );
        assert!(
            lipschitz > 0.0 && lipschitz < 1.0,
            "a residual layer stretches distances by less than 1 and more than 0, got {lipschitz}"
        );
        Self { network, lipschitz }
    }

    fn features(&self) -> usize {
        self.network.layers[0].weight.dims()[0]
    }

    /// `ln L`: a bound of the Lipschitz constant of the perceptron, `[1]`.
    fn log_bound(&self) -> Tensor<1> {
        let layers = &self.network.layers;
        let norms = layers.iter().map(|layer| log_norm(layer.weight.val()));
        let sum = norms
            .reduce(|sum, norm| sum + norm)
            .expect("a perceptron has a layer");
        let hidden = (layers.len() - 1) as f64;
        sum.add_scalar(hidden * steepest(self.network.activation).ln())
    }

    /// A bound of the Lipschitz constant of the perceptron, before its factor: where it is below that of the layer, the
    /// factor is 1.
    ///
    /// ```
    /// use burn::module::Param;
    /// use burn::nn::Linear;
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Activation, InvertibleResidual, Mlp};
    ///
    /// // One matrix, whose largest singular value is 3.
    /// let weight = Tensor::<2>::from_floats([[0.0, 3.0], [1.0, 0.0]], &Device::default());
    /// let linear = Linear { weight: Param::from_tensor(weight), bias: None };
    /// let layer = InvertibleResidual::new(Mlp::from_layers(vec![linear], Activation::Tanh), 0.9);
    /// assert!((layer.bound() - 3.0).abs() < 1e-4);
    /// ```
    pub fn bound(&self) -> f64 {
        self.log_bound().exp().inner().into_scalar::<f64>()
    }

    /// The factor of the perceptron, `[1]`.
    pub(crate) fn factor(&self) -> Tensor<1> {
        let most = self.lipschitz.ln();
        self.log_bound()
            .clamp_min(most)
            .neg()
            .add_scalar(most)
            .exp()
    }

    /// `g(x)`.
    fn change(&self, x: Tensor<2>, factor: &Tensor<1>) -> Tensor<2> {
        let change = Network::<()>::apply(&self.network, x, &());
        change * factor.clone().unsqueeze::<2>()
    }

    /// `g(x)`, and `I + ∂g/∂x`, `[batch, features, features]`: row `i` holds the derivatives of output `i`.
    fn jacobian(&self, x: Tensor<2>, factor: &Tensor<1>) -> (Tensor<2>, Tensor<3>) {
        let [batch, features] = x.dims();
        let eye = Tensor::<2>::eye(features, &x.device()).cast(x.dtype());
        let directions = eye.clone().reshape([features, 1, features]);
        let directions = directions.expand([features, batch, features]);
        let (change, columns) = Tangents::<()>::tangents(&self.network, x, directions, &());
        let jacobian = columns.permute([1, 2, 0]) * factor.clone().unsqueeze::<3>();
        let change = change * factor.clone().unsqueeze::<2>();
        (change, jacobian + eye.unsqueeze::<3>())
    }

    /// Iterations after which the distance to the fixed point is a rounding, at the latest.
    pub(crate) fn iterations(&self, dtype: DType) -> usize {
        let Precision { epsilon, .. } = Precision::of(dtype);
        (0.1 * epsilon).log(self.lipschitz).ceil() as usize
    }

    /// The fixed point of `x = z − g(x)`, without a gradient. A row that stands still is left alone, so that it does not
    /// depend on the others.
    fn fixed_point(&self, z: &Tensor<2>) -> Tensor<2> {
        let Precision { epsilon, .. } = Precision::of(z.dtype());
        let (z, factor) = (z.clone().detach(), self.factor().detach());
        let mut x = z.clone();
        for _ in 0..self.iterations(z.dtype()) {
            let next = (z.clone() - self.change(x.clone(), &factor)).detach();
            let next = saturate(next);
            let size = (z.clone().abs() + next.clone().abs()).max_dim(1);
            let change = (next.clone() - x.clone()).abs().max_dim(1);
            // Of NaN no comparison holds: such a row ends at once.
            let still = change.greater(size.mul_scalar(4.0 * epsilon)).bool_not();
            let is_done = still.clone().all().into_scalar::<bool>();
            x = next.mask_where(still.expand(x.dims()), x);
            if is_done {
                break;
            }
        }
        x
    }
}

/// The largest slope of an activation, in absolute value.
fn steepest(activation: Activation) -> f64 {
    match activation {
        Activation::Relu | Activation::Tanh | Activation::Elu | Activation::LeakyRelu => 1.0,
        Activation::LeakySlope(slope) => slope.abs().max(1.0),
        Activation::Silu => 1.099_840,
        Activation::Gelu => 1.128_905,
    }
}

/// A bound from above of the logarithm of the spectral norm of a matrix `W`, `[1]`.
///
/// `λ ≤ ‖Gⁿ‖^(1/n)` of the largest eigenvalue `λ` of `G = W Wᵀ` and the Frobenius norm, and with `n` doubled again and again
/// both become equal. An iteration with a vector would be a bound from below.
fn log_norm(weight: Tensor<2>) -> Tensor<1> {
    let [inputs, outputs] = weight.dims();
    let transposed = weight.clone().transpose();
    let mut power = match inputs < outputs {
        true => weight.matmul(transposed),
        false => transposed.matmul(weight),
    };
    let Precision { tiny, .. } = Precision::of(power.dtype());
    let mut log_norm: Option<Tensor<1>> = None;
    for squarings in 0..=SQUARINGS {
        let norm = power.clone().square().sum().add_scalar(tiny).sqrt();
        let share = norm.clone().log().mul_scalar(0.5_f64.powi(squarings + 1));
        log_norm = Some(log_norm.map_or(share.clone(), |sum| sum + share));
        power = power / norm.unsqueeze::<2>();
        power = power.clone().matmul(power);
    }
    log_norm.expect("a norm at least")
}

impl<C> Bijection<C> for InvertibleResidual {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        guarded("InvertibleResidual", Some(self.features()), x, |x| {
            let (change, jacobian) = self.jacobian(x.clone(), &self.factor());
            (saturate(x + change), solved(jacobian, None).0)
        })
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        guarded("InvertibleResidual", Some(self.features()), z, |z| {
            let (near, factor) = (self.fixed_point(&z), self.factor());
            // One step of Newton's method, which carries the gradient: dx = J⁻¹ (dz − ∂g).
            let (change, jacobian) = self.jacobian(near.clone(), &factor);
            let rest = z - near.clone() - change;
            let (_, step) = solved(jacobian.detach(), Some(rest));
            let x = step.map_or(near.clone(), |step| saturate(near + step));
            let (_, jacobian) = self.jacobian(x.clone(), &factor);
            (x, solved(jacobian, None).0.neg())
        })
    }
}
