//! The PLU form of a matrix.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};

use super::factors::HostFactors;
use super::{LinearForm, PluFactors, dense};
use crate::layers::fixed;
use crate::numerics::from_host;
use crate::{FlowError, Noise};

/// `W = P L (U + diag(σ exp(s)))`: a fixed order of the rows `P`, a unit lower triangle `L`, a
/// strictly upper triangle `U`, fixed signs `σ` and learned log-magnitudes `s`; `ln|det W| = Σ s`.
///
/// It cannot become singular, and its determinant costs a sum.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{LinearForm, Plu};
///
/// let matrix = Tensor::<2>::from_floats([[0.0, 2.0], [3.0, 1.0]], &Device::default());
/// let (weight, log_det) = Plu::factor(&matrix)?.weight();
/// assert!((weight - matrix).abs().max().into_scalar::<f32>() < 1e-6);
/// assert!((log_det.into_scalar::<f32>() - 6.0_f32.ln()).abs() < 1e-6);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
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
    ///
    /// A rotation of more than 128 features takes too long to draw and to factor: its matrix is orthogonal too, but
    /// made of rotations of 64 neighbouring features each, whose outputs are in a random order. Two maps one after the
    /// other mix 4,096 features.
    pub fn rotation(features: usize, noise: &mut Noise, device: &Device) -> Self {
        Self::of(
            HostFactors::of_rotation(features, noise),
            device,
            DType::F32,
        )
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
        let host = dense::to_host(matrix);
        match HostFactors::of(host.clone()) {
            Some(factors) => Ok(Self::of(factors, &matrix.device(), matrix.dtype())),
            None => Err(FlowError::SingularMatrix {
                condition_number: dense::condition_number(&host),
            }),
        }
    }

    fn of(factors: HostFactors, device: &Device, dtype: DType) -> Self {
        let features = factors.order.len();
        let order = factors.order.into_iter().map(|from| from as i64).collect();
        let square = |values| from_host(values, [features; 2], device, dtype);
        let row = |values| from_host(values, [features], device, dtype);
        Self {
            order: order_param(Tensor::from_data(
                TensorData::new::<i64, _>(order, [features]),
                device,
            )),
            lower: Param::from_tensor(square(factors.lower)),
            upper: Param::from_tensor(square(factors.upper)),
            log_diagonal: Param::from_tensor(row(factors.log_diagonal)),
            sign: fixed(row(factors.sign)),
        }
    }

    /// Given factors: the order of the rows, the triangles `[features, features]` (of each only
    /// its own side of the diagonal is read), `s` and `σ`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{LinearForm, Plu};
    ///
    /// let device = Device::default();
    /// let lower = Tensor::from_floats([[0.0, 0.0], [0.5, 0.0]], &device);
    /// let upper = Tensor::from_floats([[0.0, 1.0], [0.0, 0.0]], &device);
    /// let log_diagonal = Tensor::from_floats([2.0_f32.ln(), 3.0_f32.ln()], &device);
    /// let sign = Tensor::from_floats([1.0, -1.0], &device);
    /// let order = Tensor::from_ints([1, 0], &device);
    /// let (weight, log_det) = Plu::from_factors(order, lower, upper, log_diagonal, sign).weight();
    /// // The rows of L U, `[2, 1]` and `[1, −2.5]`, in the other order.
    /// let expected = Tensor::<2>::from_floats([[1.0, -2.5], [2.0, 1.0]], &device);
    /// assert!((weight - expected).abs().max().into_scalar::<f32>() < 1e-6);
    /// assert!((log_det.into_scalar::<f32>() - 6.0_f32.ln()).abs() < 1e-6);
    /// ```
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
            order: order_param(order),
            lower: Param::from_tensor(lower.tril(-1)),
            upper: Param::from_tensor(upper.triu(1)),
            log_diagonal: Param::from_tensor(log_diagonal),
            sign: fixed(sign),
        }
    }

    /// `σ exp(s)`.
    fn diagonal(&self) -> Tensor<1> {
        self.sign.val() * self.log_diagonal.val().exp()
    }
}

/// A whole number has no gradient.
fn order_param(order: Tensor<1, Int>) -> Param<Tensor<1, Int>> {
    Param::initialized(ParamId::new(), order)
}

impl LinearForm for Plu {
    fn weight(&self) -> (Tensor<2>, Tensor<1>) {
        let log_diagonal = self.log_diagonal.val();
        let [features] = log_diagonal.dims();
        let eye = Tensor::<2>::eye(features, &self.sign.val().device()).cast(log_diagonal.dtype());
        let lower = self.lower.val().tril(-1) + eye.clone();
        let upper = self.upper.val().triu(1) + eye * self.diagonal().unsqueeze::<2>();
        let weight = lower.matmul(upper).select(0, self.order.val());
        (weight, log_diagonal.sum())
    }

    fn factors(&self) -> Option<(PluFactors, Tensor<1>)> {
        let factors = PluFactors {
            order: self.order.val(),
            lower: self.lower.val(),
            upper: self.upper.val(),
            diagonal: self.diagonal(),
        };
        Some((factors, self.log_diagonal.val().sum()))
    }
}
