//! The bound of many samples.

use burn::tensor::Tensor;
use thalweg_flow::FlowError;

/// `ln (1/k Σ e^w)` over axis 0, without overflow: `[k, batch] → [batch]`.
///
/// Of log-weights `log p(x, z) − log q(z|x)` it is the importance-weighted bound on `log p(x)`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::log_mean_exp;
///
/// let weights = Tensor::<2>::from_floats([[1000.0], [1000.0]], &Device::default());
/// assert_eq!(log_mean_exp(weights).into_scalar::<f32>(), 1000.0);
/// ```
pub fn log_mean_exp(log_weights: Tensor<2>) -> Tensor<1> {
    let [k, batch] = log_weights.dims();
    // Its gradient cancels: it is subtracted and added again.
    let largest = log_weights.clone().detach().max_dim(0);
    let sum: Tensor<2> = (log_weights - largest.clone()).exp().sum_dim(0);
    (sum.log() + largest)
        .sub_scalar((k as f64).ln())
        .reshape([batch])
}

/// The importance-weighted bound of `k` samples, `ln (1/k Σ e^w)` for each row of a batch, in f64 and
/// in the memory of `chunk` samples.
///
/// `log_weights` receives a number of samples and returns their log-weights, `[samples, batch]`. The
/// bound rises towards `log p(x)` with `k`, in expectation, so a figure needs its `k`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::importance_bound;
///
/// let device = Device::default();
/// let bound = importance_bound(5000, 100, |n| Ok(Tensor::full([n, 2], -900.0, &device)))?;
/// assert_eq!(bound.len(), 2);
/// assert!((bound[0] + 900.0).abs() < 1e-9);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Errors
///
/// The errors of `log_weights`, and when the device cannot hand over the numbers.
///
/// # Panics
///
/// When `k` or `chunk` is 0.
///
/// # References
///
/// Burda, Grosse, Salakhutdinov: *Importance weighted autoencoders*, 2016, eq. 8.
pub fn importance_bound(
    k: usize,
    chunk: usize,
    mut log_weights: impl FnMut(usize) -> Result<Tensor<2>, FlowError>,
) -> Result<Vec<f64>, FlowError> {
    assert!(
        k > 0 && chunk > 0,
        "a bound needs samples, got {k} in chunks of {chunk}"
    );
    let mut sums: Vec<Sum> = vec![];
    let mut left = k;
    while left > 0 {
        let samples = chunk.min(left);
        let weights = log_weights(samples)?;
        let batch = weights.dims()[1];
        sums.resize(batch, Sum::default());
        let values = weights.try_into_data()?;
        for (index, value) in values.iter::<f64>().enumerate() {
            sums[index % batch].add(value);
        }
        left -= samples;
    }
    let log_k = (k as f64).ln();
    Ok(sums
        .into_iter()
        .map(|sum| sum.logarithm() - log_k)
        .collect())
}

/// A sum of exponentials, by its largest term and the rest in units of that.
#[derive(Clone, Copy)]
struct Sum {
    largest: f64,
    units: f64,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            largest: f64::NEG_INFINITY,
            units: 0.0,
        }
    }
}

impl Sum {
    fn add(&mut self, term: f64) {
        if term == f64::NEG_INFINITY {
            return; // adds nothing, and −∞ − −∞ is no number
        }
        if term > self.largest {
            self.units *= (self.largest - term).exp();
            self.largest = term;
        }
        self.units += (term - self.largest).exp();
    }

    fn logarithm(self) -> f64 {
        self.largest + self.units.ln()
    }
}
