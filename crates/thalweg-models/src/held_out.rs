//! Figures of held-out data, a baseline for densities of rows, and noise for rounded columns.

use std::fmt;

use burn::tensor::{Device, Tensor};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{BitsPerDim, Flow, FlowError, Noise, Whiten};

/// A mean over held-out samples and its standard error, `s/√n`.
///
/// ```
/// use thalweg_flow::BitsPerDim;
/// use thalweg_models::held_out::Estimate;
///
/// // Nats of four images of 64 numbers in 17 levels.
/// let nats = Estimate::of(&[58.0, 60.0, 62.0, 64.0]);
/// assert_eq!(format!("{nats:.1}"), "61.0 ± 1.3");
/// let bits = nats.in_bits(&BitsPerDim::new(64, 17));
/// assert_eq!(format!("{bits:.2}"), "2.71 ± 0.03");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Its standard error; NaN of fewer than two samples.
    pub error: f64,
}

impl Estimate {
    /// The mean of one value a sample.
    pub fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let error = (squares / (n - 1.0) / n).sqrt();
        Self { mean, error }
    }

    /// Nats a sample as bits a dimension, preprocessing included.
    pub fn in_bits(self, units: &BitsPerDim) -> Self {
        let mean = units.from_nats(self.mean);
        let error = units.from_nats(self.mean - self.error) - mean;
        Self { mean, error }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3);
        write!(f, "{:.digits$} ± {:.digits$}", self.mean, self.error)
    }
}

/// The normal density with the mean and the covariance of `rows`, `[rows, features]`: the baseline
/// that a density of rows has to beat.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::held_out::full_gaussian;
///
/// let x: Tensor<2> = Noise::seeded(0).normal([1000, 1], &Device::default(), DType::F32);
/// let rows = Tensor::cat(vec![x.clone(), x.clone() * 2.0 + 1.0 + x.powi_scalar(3)], 1);
/// let nats = full_gaussian(&rows)?.log_prob(rows).mean().into_scalar::<f32>();
/// assert!(nats.is_finite());
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Errors
///
/// As [`Whiten::fit`].
pub fn full_gaussian(rows: &Tensor<2>) -> Result<Flow<Whiten, StandardNormal>, FlowError> {
    let base = StandardNormal::new(rows.dims()[1]);
    Ok(Flow::new(Whiten::fit(rows, 0.0)?, base))
}

/// Uniform noise over the rounding of each column: `x + (u − ½) w`, `u ~ U(0, 1)`.
///
/// A density of rounded numbers is unbounded. With fresh noise at each step it is bounded, and no row
/// is seen twice. Pixels have [`Dequantize`](thalweg_flow::Dequantize).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::held_out::RoundingNoise;
///
/// let device = Device::default();
/// let noise = RoundingNoise::new(&[0.0, 0.5], &device);
/// let rows = Tensor::<2>::from_floats([[3.0, 1.5]], &device);
/// let noisy: Vec<f32> = noise.apply(rows, &mut Noise::seeded(0)).to_data().iter().collect();
/// assert_eq!(noisy[0], 3.0);
/// assert!((noisy[1] - 1.5).abs() <= 0.25);
/// ```
///
/// # References
///
/// Theis, van den Oord, Bethge: *A note on the evaluation of generative models*, 2016, section 3.1.
#[derive(Debug, Clone)]
pub struct RoundingNoise {
    /// `[1, columns]`.
    widths: Tensor<2>,
}

impl RoundingNoise {
    /// The step that each column was rounded to, 0 where it was not.
    pub fn new(widths: &[f64], device: &Device) -> Self {
        let widths = Tensor::<1>::from_floats(widths, device);
        Self {
            widths: widths.unsqueeze(),
        }
    }

    /// The rows, `[batch, columns]`, with noise.
    ///
    /// # Panics
    ///
    /// For another number of columns.
    pub fn apply(&self, rows: Tensor<2>, noise: &mut Noise) -> Tensor<2> {
        let (shape, columns) = (rows.dims(), self.widths.dims()[1]);
        assert!(
            shape[1] == columns,
            "noise for rows of shape [batch, {columns}], got {shape:?}"
        );
        let u = noise.uniform(shape, &rows.device(), rows.dtype());
        rows + (u - 0.5) * self.widths.clone()
    }
}
