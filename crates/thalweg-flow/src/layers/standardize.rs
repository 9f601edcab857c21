//! Zero mean and unit deviation, fitted to data.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::numerics::{centre_and_scale, from_host, scale_and_shift};
use crate::walk::{Detail, Visitor};
use crate::{Bijection, FlowError, LogDet, Warning, probe, warnings};

/// `z = (x − μ) exp(−s)` with `μ` and `s = ln σ` of the training data, feature by feature.
///
/// As a layer of the flow, it makes log-densities those of the given data, and is saved with the model.
/// The statistics are parameters that do not train.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Standardize};
///
/// let x = Tensor::<2>::from_floats([[1.0, 10.0], [3.0, 50.0]], &Device::default());
/// let layer = Standardize::<2>::fit(&x)?.layer;
/// let (z, _) = layer.forward(x, &());
/// let expected = Tensor::<2>::from_floats([[-1.0, -1.0], [1.0, 1.0]], &z.device());
/// assert!((z - expected).abs().max().into_scalar::<f32>() < 1e-6);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Shapes
///
/// `[batch, features, ..]` to the same; images get one mean and deviation a channel.
#[derive(Module, Debug)]
pub struct Standardize<const D: usize = 2> {
    pub(crate) mean: Param<Tensor<1>>,
    pub(crate) log_deviation: Param<Tensor<1>>,
}

/// A layer fitted to data, and the constant features of the data.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Fitted, Standardize};
///
/// let x = Tensor::<2>::from_floats([[1.0, 7.0], [3.0, 7.0]], &Device::default());
/// let Fitted { layer, constant_features } = Standardize::<2>::fit(&x)?;
/// assert_eq!(constant_features, [1]);
/// let (z, _) = layer.forward(x, &());
/// assert_eq!(z.into_data().try_to_vec::<f32>().unwrap(), [-1.0, 0.0, 1.0, 0.0]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Debug)]
pub struct Fitted<L> {
    /// The layer.
    pub layer: L,
    /// Indices of constant features, which are shifted and not scaled.
    pub constant_features: Vec<usize>,
}

impl<const D: usize> Standardize<D> {
    /// The layer with the statistics of `data`. A constant feature keeps a deviation of 1 and causes a
    /// [`Warning`].
    ///
    /// # Errors
    ///
    /// Fewer than two rows, or a value that is not finite, named by row and feature.
    pub fn fit(data: &Tensor<D>) -> Result<Fitted<Self>, FlowError> {
        Self::fit_named(data, &[])
    }

    /// As [`fit`](Self::fit), with names for the warnings.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Standardize, Warning};
    ///
    /// let x = Tensor::<2>::from_floats([[1.0, 7.0], [3.0, 7.0]], &Device::default());
    /// let names = ["age".to_owned(), "height".to_owned()];
    /// let (fitted, found) = Warning::gather(|| Standardize::<2>::fit_named(&x, &names));
    /// assert_eq!(fitted?.constant_features, [1]);
    /// assert!(found[0].to_string().contains("feature height is constant (7)"));
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit).
    pub fn fit_named(data: &Tensor<D>, names: &[String]) -> Result<Fitted<Self>, FlowError> {
        let moments = Moments::of("standardization", data)?;
        let device = data.device();
        let (mut log_deviations, mut constant_features) = (vec![], vec![]);
        for (feature, variance) in moments.variances.iter().enumerate() {
            if *variance == 0.0 {
                constant_features.push(feature);
                log_deviations.push(0.0);
            } else {
                log_deviations.push(0.5 * variance.ln());
            }
        }
        let means = moments.means;
        for &feature in &constant_features {
            let unnamed = format!("number {feature}");
            let name = names.get(feature).unwrap_or(&unnamed);
            warnings::warn(Warning::Constant {
                layer: "standardization",
                feature: name.clone(),
                value: means[feature],
                advice: "its density is not finite, so it is only centred: drop it or dequantize it",
            });
        }
        let layer = Self::from_statistics(
            fixed_vector(means, &device, data),
            fixed_vector(log_deviations, &device, data),
        );
        Ok(Fitted {
            layer,
            constant_features,
        })
    }

    /// Given means and logarithms of deviations, each `[features]`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Bijection, Standardize};
    ///
    /// let device = Device::default();
    /// let mean = Tensor::from_floats([4200.0], &device);
    /// let layer = Standardize::<2>::from_statistics(mean, Tensor::from_floats([800.0_f32.ln()], &device));
    /// let (z, _) = layer.forward(Tensor::from_floats([[5000.0]], &device), &());
    /// assert!((z.into_scalar::<f32>() - 1.0).abs() < 1e-5);
    /// ```
    pub fn from_statistics(mean: Tensor<1>, log_deviation: Tensor<1>) -> Self {
        Self {
            mean: fixed(mean),
            log_deviation: fixed(log_deviation),
        }
    }

    /// The identity on `features` features, to load saved statistics into.
    pub fn identity(features: usize, device: &Device) -> Self {
        Self::from_statistics(
            Tensor::zeros([features], device),
            Tensor::zeros([features], device),
        )
    }
}

impl<C, const D: usize> Bijection<C> for Standardize<D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer(
            "Standardize",
            centre_and_scale(x, self.mean.val(), self.log_deviation.val().neg()),
        )
    }

    fn inverse(&self, z: Tensor<D>, _: &C) -> (Tensor<D>, LogDet) {
        probe::layer(
            "Standardize",
            scale_and_shift(z, self.log_deviation.val(), self.mean.val()),
        )
    }

    fn walk<V: Visitor>(&self, x: Tensor<D>, context: &C, visitor: &mut V) -> Tensor<D> {
        let details = vec![Detail::Diagonal(self.log_deviation.val().neg())];
        visitor.layer(self, x, context, details)
    }
}

/// A parameter that travels with the weights and does not train.
pub(crate) fn fixed<const D: usize>(tensor: Tensor<D>) -> Param<Tensor<D>> {
    Param::from_tensor(tensor).set_require_grad(false)
}

fn fixed_vector<const D: usize>(values: Vec<f64>, device: &Device, like: &Tensor<D>) -> Tensor<1> {
    let features = values.len();
    from_host(values, [features], device, like.dtype())
}

/// Means and variances of the features, summed on the host in f64. The variance of a constant feature is
/// exactly 0.
pub(crate) struct Moments {
    pub(crate) means: Vec<f64>,
    pub(crate) variances: Vec<f64>,
}

impl Moments {
    /// The moments of `data`; `what` names the layer in errors.
    pub(crate) fn of<const D: usize>(
        what: &'static str,
        data: &Tensor<D>,
    ) -> Result<Self, FlowError> {
        let dims = data.dims();
        let (rows, features) = (dims[0], dims[1]);
        if rows < 2 {
            let needed = 2;
            return Err(FlowError::TooFewRows { what, rows, needed });
        }
        let positions: usize = dims[2..].iter().product();
        let count = (rows * positions) as f64;
        let feature_of = |index: usize| index / positions % features;

        let host = data.to_data();
        let mut means = vec![0.0; features];
        let mut ranges = vec![(f64::INFINITY, f64::NEG_INFINITY); features];
        for (index, value) in host.iter::<f64>().enumerate() {
            if !value.is_finite() {
                let row = index / (features * positions);
                let feature = feature_of(index);
                return Err(FlowError::NotFinite {
                    row,
                    feature,
                    value,
                });
            }
            let feature = feature_of(index);
            means[feature] += value / count;
            let (low, high) = ranges[feature];
            ranges[feature] = (low.min(value), high.max(value));
        }
        for (mean, (low, high)) in means.iter_mut().zip(ranges) {
            // Rounding can move a mean out of the range.
            *mean = mean.clamp(low, high);
        }
        let mut variances = vec![0.0; features];
        for (index, value) in host.iter::<f64>().enumerate() {
            let feature = feature_of(index);
            variances[feature] += (value - means[feature]).powi(2) / count;
        }
        Ok(Self { means, variances })
    }
}
