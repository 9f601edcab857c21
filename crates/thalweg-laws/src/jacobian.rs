//! Jacobians by autodiff, and their log-determinants on the host.

use burn::tensor::{Tensor, TensorData};

use crate::violation::host;
use crate::{Batched, Flat, Testable};

/// A square matrix on the host in 64 bits.
///
/// See [`jacobians`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    size: usize,
    rows: Vec<Vec<f64>>,
}

impl Matrix {
    /// The matrix of these rows.
    ///
    /// # Panics
    ///
    /// Where a row is not as long as there are rows.
    pub fn new(rows: Vec<Vec<f64>>) -> Self {
        let size = rows.len();
        assert!(
            rows.iter().all(|row| row.len() == size),
            "a square matrix of {size} rows needs {size} columns in each"
        );
        Self { size, rows }
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// `ln |det|` by LU factors with partial pivoting; `-∞` for a singular matrix.
    ///
    /// ```
    /// use thalweg_laws::Matrix;
    ///
    /// let matrix = Matrix::new(vec![vec![0.0, 2.0], vec![-3.0, 1.0]]);
    /// assert!((matrix.log_abs_det() - 6f64.ln()).abs() < 1e-15);
    /// ```
    pub fn log_abs_det(&self) -> f64 {
        let mut a = self.rows.clone();
        let mut sum = 0.0;
        for k in 0..self.size {
            let pivot = (k..self.size)
                .max_by(|i, j| a[*i][k].abs().total_cmp(&a[*j][k].abs()))
                .unwrap_or(k);
            a.swap(k, pivot);
            let (done, rest) = a.split_at_mut(k + 1);
            let pivot = &done[k];
            if pivot[k] == 0.0 {
                return f64::NEG_INFINITY;
            }
            sum += pivot[k].abs().ln();
            for row in rest {
                let factor = row[k] / pivot[k];
                for (value, above) in row.iter_mut().zip(pivot).skip(k + 1) {
                    *value -= factor * above;
                }
            }
        }
        sum
    }
}

/// The Jacobian `∂z/∂x` of these rows of `data`, with the columns of [`Flat::to_rows`].
///
/// One backward pass suffices: each row is repeated once for each of its `n` outputs, and row `i` of the
/// gradient of `Σᵢ zᵢᵢ` over the copies is `∂zᵢ/∂x`. An output without a graph has zeros.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Reverse;
/// use thalweg_laws::jacobians;
///
/// let x = Tensor::<2>::ones([5, 2], &Device::default().autodiff());
/// let found = jacobians(&Reverse::<2> {}, &x, &(), &[0, 3]);
/// assert_eq!(found.len(), 2);
/// assert_eq!(found[0].rows(), [[0.0, 1.0], [1.0, 0.0]]);
/// assert_eq!(found[0].log_abs_det(), 0.0);
/// ```
///
/// # Panics
///
/// Where data and latents have different numbers of elements.
pub fn jacobians<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    rows: &[usize],
) -> Vec<Matrix> {
    let n = data.width();
    let copies: Vec<usize> = rows.iter().flat_map(|row| vec![*row; n]).collect();
    jacobians_of(data.select_rows(&copies).to_rows(), |x| {
        let context = context.select_rows(&copies);
        bijection.forward(data.with_rows(x), &context).0.to_rows()
    })
}

/// The Jacobian of a map of rows, `[batch, n]` to the same, in each of them: `copies` holds each row `n` times, one after the
/// other.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_laws::jacobians_of;
///
/// // Of one row of two numbers, twice: both squared.
/// let copies = Tensor::<2>::from_floats([[3.0, 4.0], [3.0, 4.0]], &Device::default().autodiff());
/// let found = jacobians_of(copies, |x| x.square());
/// assert_eq!(found[0].rows(), [[6.0, 0.0], [0.0, 8.0]]);
/// ```
///
/// # Panics
///
/// When the map returns rows of another length.
pub fn jacobians_of(copies: Tensor<2>, map: impl FnOnce(Tensor<2>) -> Tensor<2>) -> Vec<Matrix> {
    let [count, n] = copies.dims();
    let x = copies.detach().autodiff().require_grad();
    let z = map(x.clone());
    assert_eq!(z.dims(), x.dims(), "the Jacobian of a bijection is square");

    let eye = (0..count).flat_map(|i| (0..n).map(move |j| f64::from(u8::from(j == i % n))));
    let eye = TensorData::new(eye.collect::<Vec<f64>>(), [count, n]);
    let eye = Tensor::<2>::from_data(eye, (&z.device().without_autodiff(), z.dtype()));
    let diagonal = (z * eye).sum();
    let gradient = match diagonal.is_autodiff() && diagonal.is_tracked() {
        true => x.grad(&diagonal.backward()).map(host),
        false => None,
    };
    let gradient = gradient.unwrap_or_else(|| vec![0.0; count * n]);
    gradient
        .chunks(n * n)
        .map(|m| Matrix::new(m.chunks(n).map(<[f64]>::to_vec).collect()))
        .collect()
}
