//! A perceptron of a point, the time and a condition.

use std::f64::consts::PI;

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::VectorField;
use crate::numerics::{assert_features, expanded};
use crate::shape::assert_rows;
use crate::{Activation, Mlp, MlpConfig, Noise, Tangents, WeightInit, WithContext};

/// Sizes and choices of a [`TimeMlp`].
///
/// See [`TimeMlp`] for an example.
#[derive(Config, Debug)]
pub struct TimeMlpConfig {
    /// Features of the points.
    pub features: usize,
    /// Widths of the hidden layers, first to last.
    pub hidden: Vec<usize>,
    /// Numbers of a condition; 0 by default.
    #[config(default = "0")]
    pub context: usize,
    /// Frequencies of the time.
    #[config(default = "3")]
    pub frequencies: usize,
    /// After each hidden layer. A smooth one needs fewer steps.
    #[config(default = "Activation::Silu")]
    pub activation: Activation,
    /// Initial weights of the hidden layers.
    #[config(default = "WeightInit::FanIn")]
    pub init: WeightInit,
    /// Initial weights of the last layer; with [`WeightInit::Zero`] the flow starts as the identity.
    #[config(default = "WeightInit::FanIn")]
    pub output_init: WeightInit,
}

/// A vector field by a perceptron of `[x | cos ω₁t … | sin ω₁t … | c]` with `ω_k = k π`.
///
/// With one or two hidden layers its exact divergence costs about as much as the field itself, whatever the
/// number of features; see [`Tangents`].
///
/// A field with a condition is a [`WithContext`] around it, which takes `[batch, context]`, or `[1, context]`
/// for all rows:
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Noise, TimeMlpConfig, VectorField, WithContext};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let [x, t] = [[5, 2], [1, 1]].map(|shape| Tensor::<2>::ones(shape, &device));
/// let field = TimeMlpConfig::new(2, vec![32, 32]).init(&mut noise, &device);
/// assert_eq!(field.velocity(t.clone(), x.clone(), &()).dims(), [5, 2]);
///
/// let field = TimeMlpConfig::new(2, vec![32]).with_context(3).init(&mut noise, &device);
/// let context = Tensor::<2>::zeros([1, 3], &device);
/// assert_eq!(WithContext::new(field).velocity(t, x, &context).dims(), [5, 2]);
/// ```
///
/// # References
///
/// The time as Fourier features: Rozet and others: *Zuko: Normalizing flows in PyTorch*, 2022, `CNF`.
#[derive(Module, Debug)]
pub struct TimeMlp {
    pub(crate) network: Mlp,
    pub(crate) features: usize,
    pub(crate) frequencies: usize,
}

impl TimeMlpConfig {
    /// The field, its initial weights drawn from `noise`.
    ///
    /// # Panics
    ///
    /// Without features.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> TimeMlp {
        assert!(
            self.features > 0,
            "a vector field needs one feature or more, got 0"
        );
        let inputs = self.features + 2 * self.frequencies + self.context;
        TimeMlp {
            network: MlpConfig::new(inputs, self.hidden.clone(), self.features)
                .with_activation(self.activation)
                .with_init(self.init)
                .with_output_init(self.output_init)
                .init(noise, device),
            features: self.features,
            frequencies: self.frequencies,
        }
    }
}

impl TimeMlp {
    /// A field of a given network of `[x | cos ωt | sin ωt | context]`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{MlpConfig, Noise, TimeMlp, VectorField};
    ///
    /// // Two features, the cosine and sine of one frequency, no condition.
    /// let device = Device::default();
    /// let network = MlpConfig::new(2 + 2 * 1, vec![8], 2).init(&mut Noise::seeded(0), &device);
    /// let field = TimeMlp::from_network(network, 2, 1);
    /// assert_eq!((VectorField::<()>::features(&field), field.context()), (2, 0));
    /// ```
    ///
    /// # Panics
    ///
    /// When the network takes fewer inputs than that without a context.
    pub fn from_network(network: Mlp, features: usize, frequencies: usize) -> Self {
        let field = Self {
            network,
            features,
            frequencies,
        };
        let (inputs, least) = (field.inputs(), features + 2 * frequencies);
        assert!(
            inputs >= least,
            "a field of {features} features and {frequencies} frequencies needs a network of {least} inputs \
             or more, got one of {inputs}"
        );
        field
    }

    fn inputs(&self) -> usize {
        crate::Network::<()>::inputs(&self.network).unwrap_or(0)
    }

    /// Numbers of a condition.
    pub fn context(&self) -> usize {
        self.inputs() - self.features - 2 * self.frequencies
    }

    /// The angular frequencies `ω_k = k π`.
    pub(crate) fn angular(&self) -> impl Iterator<Item = f64> + use<> {
        (1..=self.frequencies).map(|k| k as f64 * PI)
    }

    /// `[x | cos ωt | sin ωt | c]`.
    fn joined(&self, t: Tensor<2>, x: Tensor<2>, context: Option<&Tensor<2>>) -> Tensor<2> {
        assert_features("TimeMlp", self.features, &x);
        let ([batch, _], given) = (x.dims(), context.map_or(0, |context| context.dims()[1]));
        assert!(
            given == self.context(),
            "a field made for a condition of {} numbers got {given}; a `TimeMlp` with a condition is used as \
             `WithContext::new(field)`",
            self.context()
        );
        let [times, _] = t.dims();
        assert!(
            t.dims() == [batch, 1] || t.dims() == [1, 1],
            "times are [1, 1] or [batch, 1] = [{batch}, 1], got {:?}",
            t.dims()
        );
        let mut parts = vec![x];
        if self.frequencies > 0 {
            let angles: Vec<_> = self.angular().map(|w| t.clone().mul_scalar(w)).collect();
            let angles = Tensor::cat(angles, 1);
            let time = Tensor::cat(vec![angles.clone().cos(), angles.sin()], 1);
            parts.push(match times == batch {
                true => time,
                false => expanded(time, [batch, 2 * self.frequencies]),
            });
        }
        if let Some(context) = context {
            let [rows, numbers] = context.dims();
            assert_rows(rows, batch);
            parts.push(expanded(context.clone(), [batch, numbers]));
        }
        Tensor::cat(parts, 1)
    }
}

impl<C> VectorField<C> for TimeMlp {
    fn features(&self) -> usize {
        self.features
    }

    fn velocity(&self, t: Tensor<2>, x: Tensor<2>, _: &C) -> Tensor<2> {
        self.network.forward(self.joined(t, x, None))
    }

    fn tangents(
        &self,
        t: Tensor<2>,
        x: Tensor<2>,
        directions: Tensor<3>,
        _: &C,
    ) -> (Tensor<2>, Tensor<3>) {
        let inputs = self.joined(t, x, None);
        self.network.tangents(inputs, directions, &())
    }

    fn divergence(&self, t: Tensor<2>, x: Tensor<2>, _: &C) -> (Tensor<2>, Tensor<1>) {
        let inputs = self.joined(t, x, None);
        self.network.divergence(inputs, self.features, &())
    }

    fn has_cheap_divergence(&self) -> bool {
        Tangents::<()>::has_cheap_divergence(&self.network)
    }
}

impl VectorField<Tensor<2>> for WithContext<TimeMlp> {
    fn features(&self) -> usize {
        self.network.features
    }

    fn velocity(&self, t: Tensor<2>, x: Tensor<2>, context: &Tensor<2>) -> Tensor<2> {
        let field = &self.network;
        field.network.forward(field.joined(t, x, Some(context)))
    }

    fn tangents(
        &self,
        t: Tensor<2>,
        x: Tensor<2>,
        directions: Tensor<3>,
        context: &Tensor<2>,
    ) -> (Tensor<2>, Tensor<3>) {
        let field = &self.network;
        let inputs = field.joined(t, x, Some(context));
        field.network.tangents(inputs, directions, &())
    }

    fn divergence(
        &self,
        t: Tensor<2>,
        x: Tensor<2>,
        context: &Tensor<2>,
    ) -> (Tensor<2>, Tensor<1>) {
        let field = &self.network;
        let inputs = field.joined(t, x, Some(context));
        field.network.divergence(inputs, field.features, &())
    }

    fn has_cheap_divergence(&self) -> bool {
        VectorField::<()>::has_cheap_divergence(&self.network)
    }
}
