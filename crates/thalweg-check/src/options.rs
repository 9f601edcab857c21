//! How much is measured.

/// How much is measured: rows, sizes, evaluations.
///
/// ```
/// let quick = thalweg_check::Options { evaluations: 20_000, ..Default::default() };
/// assert!(quick.rows > 100);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The most rows that are used, from the first on: 256. Of wide samples fewer are taken, as many as have 65,536
    /// numbers together, and at least 8.
    pub rows: usize,
    /// Rows in which the log-determinant is compared with the Jacobian: 2. Each costs a backward pass of `D` copies.
    pub jacobians: usize,
    /// The most numbers of a sample with a Jacobian, of the model and of each layer: 64.
    pub jacobian_width: usize,
    /// The most features of a matrix whose condition number is computed: 512, since that costs `O(features³)`.
    pub matrix_width: usize,
    /// Rows of the sweep over magnitudes: 16. Of wide samples fewer are taken, as many as have 4,096 numbers
    /// together, and at least 2.
    pub sweep_rows: usize,
    /// The most evaluations of the density for its integral: 200,000.
    pub evaluations: usize,
    /// The seed of draws and of dequantization.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rows: 256,
            jacobians: 2,
            jacobian_width: 64,
            matrix_width: 512,
            sweep_rows: 16,
            evaluations: 200_000,
            seed: 0,
        }
    }
}

/// Numbers of all rows together.
const NUMBERS: usize = 65_536;
/// Rows of samples of any width.
const LEAST: usize = 8;
/// The same for the sweep, which evaluates each row 60 times.
const SWEPT: usize = 4_096;
const LEAST_SWEPT: usize = 2;

impl Options {
    /// The rows that are used, of `count` samples of this many numbers.
    pub(crate) fn rows_of(&self, count: usize, numbers: usize) -> usize {
        let fit = (NUMBERS / numbers.max(1)).max(LEAST);
        count.min(self.rows.max(1)).min(fit)
    }

    /// The rows of the sweep, of `rows` that are used.
    pub(crate) fn sweep_rows_of(&self, rows: usize, numbers: usize) -> usize {
        let fit = (SWEPT / numbers.max(1)).max(LEAST_SWEPT);
        rows.min(self.sweep_rows.max(1)).min(fit)
    }
}
