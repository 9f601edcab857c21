//! Glow's activation normalization.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Int, Tensor};

use crate::layers::Moments;
use crate::numerics::{centre_and_scale, from_host, scale_and_shift};
use crate::parameter::with_value;
use crate::shape::assert_alike;
use crate::walk::{Detail, Visitor};
use crate::{Bijection, FlowError, LogDet, Warning, probe, warnings};

/// `z = (x − μ) ⊙ exp(s)`, `ln|det J| = Σ s · positions`, with a learned `μ` and `s` for each feature,
/// axis 1, initialized from the statistics of a batch.
///
/// [`initialize`](Bijection::initialize) sets `μ` and `s` so that each feature of the batch has mean 0
/// and deviation 1. It does so once; a flag is saved with the weights. Before, the layer is the identity.
/// A deviation below [`FLOOR`](Self::FLOOR) is replaced by it. A constant feature is centred, not scaled,
/// and causes a [`Warning`].
///
/// The equal map `exp(s) x + t` would lose the digits of features with a large mean.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ActNorm, Bijection};
///
/// let device = Device::default();
/// let x = Tensor::<2>::from_floats([[1.0, 10.0], [3.0, 50.0]], &device);
/// let (layer, z) = ActNorm::new(2, &device).initialize(x, &())?;
/// assert!(layer.is_initialized());
/// let expected = Tensor::<2>::from_floats([[-1.0, -1.0], [1.0, 1.0]], &device);
/// assert!((z - expected).abs().max().into_scalar::<f32>() < 1e-6);
///
/// // A deviation of 5e-9 is replaced by the floor.
/// let x = Tensor::<2>::from_floats([[0.0], [1e-8]], &device);
/// let (layer, _) = ActNorm::<2>::new(1, &device).initialize(x, &())?;
/// let log_scale = layer.log_scale().into_scalar::<f64>();
/// assert!((log_scale + ActNorm::<2>::FLOOR.ln()).abs() < 1e-5);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Shapes
///
/// `[batch, features, ..]` to the same; `positions` is 1 for vectors and `height · width` for
/// images.
///
/// # References
///
/// Kingma, Dhariwal: *Glow: Generative flow with invertible 1×1 convolutions*, 2018, section 3.1.
#[derive(Module, Debug)]
pub struct ActNorm<const D: usize = 2> {
    mean: Param<Tensor<1>>,
    log_scale: Param<Tensor<1>>,
    /// 1 after `initialize`; a parameter, so that a record contains it.
    initialized: Param<Tensor<1, Int>>,
}

impl<const D: usize> ActNorm<D> {
    /// The smallest deviation that is scaled to 1.
    pub const FLOOR: f64 = 1e-6;

    /// The identity, until `initialize` fits it.
    pub fn new(features: usize, device: &Device) -> Self {
        Self {
            mean: Param::from_tensor(Tensor::zeros([features], device)),
            log_scale: Param::from_tensor(Tensor::zeros([features], device)),
            initialized: flag(false, device),
        }
    }

    /// The identity, which `initialize` does not fit: the start of Su Jianlin's Glow.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{ActNorm, Bijection};
    ///
    /// let device = Device::default();
    /// let layer = ActNorm::<2>::identity(2, &device);
    /// let x = Tensor::<2>::from_floats([[1.0, 10.0], [3.0, 50.0]], &device);
    /// let (layer, z) = layer.initialize(x.clone(), &())?;
    /// assert_eq!(z.to_data(), x.to_data());
    /// # let _ = layer;
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    pub fn identity(features: usize, device: &Device) -> Self {
        Self {
            initialized: flag(true, device),
            ..Self::new(features, device)
        }
    }

    /// Given means and log-scales, each `[features]`, which `initialize` does not fit.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{ActNorm, Bijection};
    ///
    /// let device = Device::default();
    /// let mean = Tensor::from_floats([1.0, 2.0], &device);
    /// let layer = ActNorm::<2>::from_parameters(mean, Tensor::zeros([2], &device));
    /// let (z, _) = layer.forward(Tensor::ones([1, 2], &device), &());
    /// assert_eq!(z.into_data().try_to_vec::<f32>().unwrap(), [0.0, -1.0]);
    /// ```
    ///
    /// # Panics
    ///
    /// When their lengths differ.
    pub fn from_parameters(mean: Tensor<1>, log_scale: Tensor<1>) -> Self {
        assert_alike(
            "an actnorm",
            ["means", "log-scales"],
            [mean.dims(), log_scale.dims()],
        );
        Self {
            initialized: flag(true, &mean.device().without_autodiff()),
            mean: Param::from_tensor(mean),
            log_scale: Param::from_tensor(log_scale),
        }
    }

    /// `μ`, `[features]`.
    pub fn mean(&self) -> Tensor<1> {
        self.mean.val()
    }

    /// `s`, `[features]`.
    pub fn log_scale(&self) -> Tensor<1> {
        self.log_scale.val()
    }

    /// Whether `initialize` leaves the layer unchanged.
    pub fn is_initialized(&self) -> bool {
        self.initialized
            .val()
            .into_data()
            .iter::<i64>()
            .all(|flag| flag == 1)
    }

    fn fit(self, x: &Tensor<D>) -> Result<Self, FlowError> {
        let Moments { means, variances } = Moments::of("actnorm", x)?;
        let log_scales = variances.iter().enumerate().map(|(feature, variance)| {
            if *variance == 0.0 {
                warnings::warn(Warning::Constant {
                    layer: "actnorm",
                    feature: format!("number {feature}"),
                    value: means[feature],
                    advice: "it is only centred",
                });
                return 0.0;
            }
            -variance.sqrt().max(Self::FLOOR).ln()
        });
        let log_scales: Vec<f64> = log_scales.collect();
        let fitted = |param: Param<Tensor<1>>, values: Vec<f64>| {
            with_value(param, |old| {
                from_host(values, old.dims(), &old.device(), old.dtype())
            })
        };
        Ok(Self {
            mean: fitted(self.mean, means),
            log_scale: fitted(self.log_scale, log_scales),
            initialized: self.initialized.map(|old| old.ones_like()),
        })
    }
}

fn flag(initialized: bool, device: &Device) -> Param<Tensor<1, Int>> {
    let value = Tensor::from_data([i64::from(initialized)], device);
    Param::initialized(ParamId::new(), value)
}

impl<C, const D: usize> Bijection<C> for ActNorm<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer(
            "ActNorm",
            centre_and_scale(x, self.mean.val(), self.log_scale.val()),
        )
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer(
            "ActNorm",
            scale_and_shift(z, self.log_scale.val().neg(), self.mean.val()),
        )
    }

    fn walk<V: Visitor>(&self, x: Tensor<D>, context: &C, visitor: &mut V) -> Tensor<D> {
        let details = vec![Detail::Diagonal(self.log_scale.val())];
        visitor.layer(self, x, context, details)
    }

    fn initialize(self, x: Tensor<D>, context: &C) -> Result<(Self, Tensor<D>), FlowError> {
        let layer = if self.is_initialized() {
            self
        } else {
            self.fit(&x)?
        };
        let (z, _) = layer.valid().forward(x, context);
        Ok((layer, z))
    }
}
