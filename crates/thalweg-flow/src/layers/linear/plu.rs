//! The PLU form of a matrix.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use nalgebra::{DMatrix, DVector};

use super::{LinearForm, dense};
use crate::layers::fixed;
use crate::{FlowError, Noise};

/// `W = P L (U + diag(σ exp(s)))`: a fixed order of the rows `P`, a unit lower triangle `L`, a
/// strictly upper triangle `U`, fixed signs `σ` and learned log-magnitudes `s`; `ln|det W| = Σ s`.
///
/// It cannot become singular, and its determinant costs a sum.
///
/// # References
///
/// Kingma, Dhariwal: *Glow: Generative flow with invertible 1×1 convolutions*, 2018, eq. 10 and
/// 11.
#[derive(Module, Debug)]
pub struct Plu {
    /// Row `i` of `W` is row `order[i]` of `L U`.
    order: Param<Tensor<1, Int>>,
    /// Only the part below the diagonal is read.
    lower: Param<Tensor<2>>,
    /// Only the part above the diagonal is read.
    upper: Param<Tensor<2>>,
    log_diagonal: Param<Tensor<1>>,
    sign: Param<Tensor<1>>,
}

impl Plu {
    /// The factors of a random rotation, as in Glow.
    pub fn rotation(features: usize, noise: &mut Noise, device: &Device) -> Self {
        let rotation = dense::random_rotation(features, noise);
        Self::of(rotation, device, DType::F32).expect("a rotation is not singular")
    }

    /// The factors of a matrix, `[features, features]`.
    ///
    /// # Errors
    ///
    /// [`FlowError::SingularMatrix`].
    ///
    /// # Panics
    ///
    /// When the matrix is not square.
    pub fn factor(matrix: &Tensor<2>) -> Result<Self, FlowError> {
        let [rows, columns] = matrix.dims();
        assert!(
            rows == columns,
            "only a square matrix has an inverse, got [{rows}, {columns}]"
        );
        let host = dense::to_host(matrix.clone());
        let condition_number = dense::condition_number(&host);
        Self::of(host, &matrix.device(), matrix.dtype())
            .ok_or(FlowError::SingularMatrix { condition_number })
    }

    fn of(matrix: DMatrix<f64>, device: &Device, dtype: DType) -> Option<Self> {
        let features = matrix.nrows();
        let lu = matrix.lu();
        let mut rows = DVector::from_iterator(features, 0..features);
        lu.p().permute_rows(&mut rows);
        // Row `rows[i]` of the matrix is row `i` of L U.
        let mut order = vec![0; features];
        for (from, to) in rows.iter().enumerate() {
            order[*to] = from as i64;
        }
        let (lower, upper) = (lu.l(), lu.u());
        let diagonal = upper.diagonal();
        if diagonal.iter().any(|d| *d == 0.0 || !d.is_finite()) {
            return None;
        }
        let row = |values: DVector<f64>| {
            dense::to_tensor(
                &DMatrix::from_row_slice(1, features, values.as_slice()),
                device,
                dtype,
            )
            .reshape([features])
        };
        Some(Self::from_factors(
            Tensor::from_data(TensorData::new(order, [features]), device),
            dense::to_tensor(&lower, device, dtype),
            dense::to_tensor(&upper, device, dtype),
            row(diagonal.map(|d| d.abs().ln())),
            row(diagonal.map(f64::signum)),
        ))
    }

    /// Given factors: the order of the rows, the triangles `[features, features]` (of each only
    /// its own side of the diagonal is read), `s` and `σ`.
    ///
    /// # Panics
    ///
    /// When their sizes differ.
    pub fn from_factors(
        order: Tensor<1, Int>,
        lower: Tensor<2>,
        upper: Tensor<2>,
        log_diagonal: Tensor<1>,
        sign: Tensor<1>,
    ) -> Self {
        let [features] = log_diagonal.dims();
        assert!(
            lower.dims() == [features; 2]
                && upper.dims() == [features; 2]
                && order.dims() == [features]
                && sign.dims() == [features],
            "the factors of a matrix of {features} features have other sizes: order {:?}, lower \
             {:?}, upper {:?}, sign {:?}",
            order.dims(),
            lower.dims(),
            upper.dims(),
            sign.dims(),
        );
        Self {
            order: Param::initialized(ParamId::new(), order),
            lower: Param::from_tensor(lower.tril(-1)),
            upper: Param::from_tensor(upper.triu(1)),
            log_diagonal: Param::from_tensor(log_diagonal),
            sign: fixed(sign),
        }
    }
}

impl LinearForm for Plu {
    fn weight(&self) -> (Tensor<2>, Tensor<1>) {
        let log_diagonal = self.log_diagonal.val();
        let [features] = log_diagonal.dims();
        let eye = Tensor::<2>::eye(features, &self.sign.val().device()).cast(log_diagonal.dtype());
        let lower = self.lower.val().tril(-1) + eye.clone();
        let diagonal = self.sign.val() * log_diagonal.clone().exp();
        let upper = self.upper.val().triu(1) + eye * diagonal.unsqueeze::<2>();
        let weight = lower.matmul(upper).select(0, self.order.val());
        (weight, log_diagonal.sum())
    }
}
