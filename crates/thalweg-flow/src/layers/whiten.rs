//! A fixed linear map that removes the covariance of the training data.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};
use thalweg_kernels::channel_mix;

use crate::layers::{Moments, fixed};
use crate::numerics::{along_features, from_host, one_a_sample, saturate};
use crate::precision::f64_is_sound;
use crate::shape::guarded;
use crate::walk::{Detail, Visitor};
use crate::{Bijection, FlowError, LogDet};

/// `z = L⁻¹ (x − μ)` with `L Lᵀ = Σ + ε I` the Cholesky factor of the data's covariance;
/// `ln|det J| = −Σ ln Lᵢᵢ`.
///
/// With a standard normal base it is the Gaussian with full covariance, a baseline for flows. `L` and
/// `L⁻¹` are parameters that do not train.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::{Bijection, Noise, Whiten};
///
/// let device = Device::default();
/// let [a, b] = [0, 1].map(|seed| Noise::seeded(seed).normal([1000, 1], &device, DType::F32));
/// let x: Tensor<2> = Tensor::cat(vec![a.clone(), a + b], 1);
/// let (z, _) = Whiten::fit(&x, 0.0)?.forward(x, &());
/// let covariance = z.clone().transpose().matmul(z) / 1000.0;
/// assert!((covariance - Tensor::eye(2, &device)).abs().max().into_scalar::<f32>() < 1e-2);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Shapes
///
/// `[batch, features]` to the same.
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE*, 2014, section 5.1 (whitening of TFD, SVHN and CIFAR-10).
#[derive(Module, Debug)]
pub struct Whiten {
    pub(crate) mean: Param<Tensor<1>>,
    /// `L`, lower triangular.
    pub(crate) coloring: Param<Tensor<2>>,
    /// `L⁻¹`, lower triangular.
    pub(crate) whitening: Param<Tensor<2>>,
}

impl Whiten {
    /// Statistics of `data`, `[rows, features]`, with `ridge` (ε, in units of variance) added to
    /// each variance.
    ///
    /// # Errors
    ///
    /// Fewer than two rows, a value that is not finite, or a covariance that is singular because
    /// `ridge` is too small for data whose features depend on each other.
    pub fn fit(data: &Tensor<2>, ridge: f64) -> Result<Self, FlowError> {
        let Moments { means, .. } = Moments::of("whitening", data)?;
        let (device, dtype, features) = (data.device(), data.dtype(), means.len());
        let covariance = covariance(data, &means, ridge);
        let lower =
            cholesky(covariance).map_err(|(feature, pivot)| FlowError::SingularCovariance {
                feature,
                pivot,
                ridge,
            })?;
        let inverse = invert_lower(&lower);
        let matrix = |rows: Vec<Vec<f64>>| {
            fixed(from_host(
                rows.concat(),
                [features, features],
                &device,
                dtype,
            ))
        };
        Ok(Self {
            mean: fixed(from_host(means, [features], &device, dtype)),
            coloring: matrix(lower),
            whitening: matrix(inverse),
        })
    }

    /// The identity on `features` features, to load saved statistics into.
    pub fn identity(features: usize, device: &Device) -> Self {
        Self {
            mean: fixed(Tensor::zeros([features], device)),
            coloring: fixed(Tensor::eye(features, device)),
            whitening: fixed(Tensor::eye(features, device)),
        }
    }
}

impl<C> Bijection<C> for Whiten {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let (mean, whitening) = (self.mean.val(), self.whitening.val());
        guarded("Whiten", Some(mean.dims()[0]), x, |x| {
            let log_det = log_diagonal(whitening.clone(), x.dims()[0]);
            let centred = saturate(x - along_features(mean));
            (channel_mix(whitening, centred), log_det)
        })
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let (mean, coloring) = (self.mean.val(), self.coloring.val());
        guarded("Whiten", Some(mean.dims()[0]), z, |z| {
            let log_det = log_diagonal(coloring.clone(), z.dims()[0]);
            let x = saturate(channel_mix(coloring, z) + along_features(mean));
            (x, log_det)
        })
    }

    fn walk<V: Visitor>(&self, x: Tensor<2>, context: &C, visitor: &mut V) -> Tensor<2> {
        let details = vec![Detail::Matrix(self.whitening.val())];
        visitor.layer(self, x, context, details)
    }
}

/// `Σ ln mᵢᵢ` of a triangular matrix, for each of `batch` samples.
fn log_diagonal(matrix: Tensor<2>, batch: usize) -> LogDet {
    let features = matrix.dims()[0];
    let eye = Tensor::<2>::eye(features, &matrix.device()).cast(matrix.dtype());
    one_a_sample((matrix * eye).sum_dim(1).log().sum(), batch)
}

/// `XᵀX / rows + ridge · I` of the centred data, row by row: one matrix product on the device, in f64
/// where its f64 is sound.
fn covariance(data: &Tensor<2>, means: &[f64], ridge: f64) -> Vec<Vec<f64>> {
    let device = data.device();
    let dtype = if f64_is_sound(&device) {
        DType::F64
    } else {
        data.dtype()
    };
    let [rows, features] = data.dims();
    let means: Tensor<2> = from_host(means.to_vec(), [1, features], &device, dtype);
    let centred = data.clone().cast(dtype) - means;
    let product = centred.clone().transpose().matmul(centred);
    let values: Vec<f64> = product.into_data().iter::<f64>().collect();
    let scaled = |row: &[f64]| row.iter().map(|sum| sum / rows as f64).collect();
    let mut covariance: Vec<Vec<f64>> = values.chunks(features).map(scaled).collect();
    for (index, row) in covariance.iter_mut().enumerate() {
        row[index] += ridge;
    }
    covariance
}

/// The least share of a feature's variance that the features before it leave unexplained. A smaller
/// share is rounding.
const RESOLUTION: f64 = 1e-12;

/// The lower Cholesky factor of a symmetric matrix, or the row and the pivot that is not positive.
/// Reads the lower triangle only.
fn cholesky(mut a: Vec<Vec<f64>>) -> Result<Vec<Vec<f64>>, (usize, f64)> {
    for i in 0..a.len() {
        for j in 0..=i {
            let dot: f64 = a[i][..j].iter().zip(&a[j][..j]).map(|(x, y)| x * y).sum();
            let rest = a[i][j] - dot;
            if i != j {
                a[i][j] = rest / a[j][j];
            } else if rest > RESOLUTION * a[i][i] {
                a[i][i] = rest.sqrt();
            } else {
                return Err((i, rest));
            }
        }
        a[i][i + 1..].fill(0.0);
    }
    Ok(a)
}

/// `L⁻¹` by forward substitution, row by row.
fn invert_lower(lower: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = lower.len();
    let mut inverse: Vec<Vec<f64>> = vec![vec![0.0; n]; n];
    for i in 0..n {
        let (above, row) = inverse.split_at_mut(i);
        let row = &mut row[0];
        for (k, previous) in above.iter().enumerate() {
            let factor = lower[i][k] / lower[i][i];
            for (entry, value) in row.iter_mut().zip(previous).take(k + 1) {
                *entry -= factor * value;
            }
        }
        row[i] = 1.0 / lower[i][i];
    }
    inverse
}
