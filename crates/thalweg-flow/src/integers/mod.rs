//! Integers as data: dequantization and bits per dimension.

mod dequantize;
pub(crate) mod level;

pub use dequantize::{BlogNoise, Dequantize};

use burn::tensor::Tensor;

/// Converts between nats a sample and bits a dimension, for discrete data of `levels` values.
///
/// For data dequantized and scaled to the unit cube, `y = (x + u) / levels`,
/// `bits/dim = log₂ levels − log p(y) / (d ln 2)`, which includes the term `−d ln levels` of the scaling.
/// The uniform density on the cube has `log₂ levels`.
///
/// ```
/// use thalweg_flow::BitsPerDim;
///
/// let units = BitsPerDim::new(784, 256);
/// assert_eq!(units.from_nats(0.0), 8.0);
/// // NICE on MNIST: 1980.50 nats are 4.36 bits/dim.
/// assert!((units.from_nats(1980.50) - 4.36).abs() < 0.005);
/// ```
///
/// # References
///
/// Theis, van den Oord, Bethge: *A note on the evaluation of generative models*, 2016, section 3.1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BitsPerDim {
    dims: usize,
    levels: u32,
}

impl BitsPerDim {
    /// Samples of `dims` numbers, each one of `levels` values.
    pub fn new(dims: usize, levels: u32) -> Self {
        Self { dims, levels }
    }

    /// Bits a dimension from a log-density on the unit cube in nats.
    pub fn from_nats(&self, nats: f64) -> f64 {
        f64::from(self.levels).log2() - nats / self.nats_per_bit()
    }

    /// Formats a loss, the mean of `−log p` in nats, as bits a dimension: for the progress of a training.
    ///
    /// ```
    /// let format = thalweg_flow::BitsPerDim::new(784, 256).loss_format();
    /// assert_eq!(format(-1980.50), "4.356 bits/dim");
    /// ```
    pub fn loss_format(self) -> impl Fn(f64) -> String + Copy + Send + Sync + 'static {
        move |loss| format!("{:.3} bits/dim", self.from_nats(-loss))
    }

    /// The inverse of [`from_nats`](Self::from_nats).
    pub fn to_nats(&self, bits_per_dim: f64) -> f64 {
        (f64::from(self.levels).log2() - bits_per_dim) * self.nats_per_bit()
    }

    /// Bits a dimension for each sample: `[batch]` nats to `[batch]` bits.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::BitsPerDim;
    ///
    /// let units = BitsPerDim::new(784, 256);
    /// let nats = Tensor::<1>::from_floats([0.0, 1980.5], &Device::default());
    /// let bits = units.of_each(nats).into_data().try_to_vec::<f32>().unwrap();
    /// assert!((bits[0] - 8.0).abs() < 1e-5 && (bits[1] - 4.356).abs() < 1e-3);
    /// assert!((units.to_nats(f64::from(bits[1])) - 1980.5).abs() < 1e-2);
    /// ```
    pub fn of_each(&self, nats: Tensor<1>) -> Tensor<1> {
        // Not `div_scalar`, whose gradient Burn computes in f32.
        nats.mul_scalar(-self.nats_per_bit().recip())
            .add_scalar(f64::from(self.levels).log2())
    }

    fn nats_per_bit(&self) -> f64 {
        self.dims as f64 * std::f64::consts::LN_2
    }
}
