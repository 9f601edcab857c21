//! Monotone polynomials as transformers.

use burn::module::Module;
use thalweg_kernels::{Bernstein, Map, Pieces, PiecewisePolynomial, SumOfSquares};

use super::pointwise::{ByMap, transformer_by_map};

/// A monotone piecewise polynomial of degree 1, 2 or 3 on `[−B, B]`, the identity outside.
///
/// In a bin of width `w` that begins at `(x₀, y₀)`, with `t = (x − x₀) / w`: `y = y₀ + c₁ t + c₂ t² + c₃ t³` and
/// `dy/dx = (c₁ + 2 c₂ t + 3 c₃ t²) / w`. At zero parameters it is the identity, or near it of
/// [`Pieces::Quadratic`]. The inverse is a root, found by Newton's steps inside a bracket.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Pieces, PolynomialSpline, Transformer};
///
/// let device = Device::default();
/// let spline = PolynomialSpline::new(Pieces::Cubic, 4, 1.0, [1e-3; 2]);
/// let x = Tensor::<2>::from_floats([[0.25], [2.0]], &device);
/// let parameters = Tensor::random([2, 10], burn::tensor::Distribution::Default, &device);
/// let (y, _) = spline.forward(x.clone(), parameters.clone());
/// let (back, _) = spline.inverse(y, parameters);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # References
///
/// Müller, McWilliams, Rousselle, Gross, Novák: *Neural importance sampling*, 2019, section 4: degrees 1 and 2. Durkan,
/// Bekasov, Murray, Papamakarios: *Cubic-spline flows*, 2019, section 3.
#[derive(Module, Debug)]
pub struct PolynomialSpline {
    #[module(skip)]
    map: PiecewisePolynomial,
}

impl PolynomialSpline {
    /// A spline of this many bins on `[−bound, bound]`. Each bin is at least `least` of the range wide and high; lines
    /// have no least sizes, and of parabolas the second number is the least slope.
    ///
    /// # Panics
    ///
    /// When there are fewer than 2 bins or more than 500, when the bound is not positive, and when the least sizes of
    /// all bins together are the whole range or more.
    pub fn new(pieces: Pieces, bins: usize, bound: f64, least: [f64; 2]) -> Self {
        assert!(
            (2..=500).contains(&bins),
            "a spline has 2 to 500 bins, got {bins}"
        );
        assert!(
            bound > 0.0 && bound.is_finite(),
            "a spline needs a positive bound, got {bound}"
        );
        let largest = least[0].max(least[1]);
        assert!(
            largest * (bins as f64) < 1.0,
            "{bins} bins of at least {largest} of the range each do not fit into it"
        );
        let map = PiecewisePolynomial::new(pieces, bins, bound, least);
        Self { map }
    }
}

impl ByMap for PolynomialSpline {
    fn map(&self) -> Map {
        Map::Pieces(self.map)
    }
}

transformer_by_map! { [] PolynomialSpline }

/// `y = c + ∫₀ˣ (m + 1/K Σₖ (1 + Σⱼ aₖⱼ (u/B)ʲ)²) du`, of `K` polynomials of degree `L` with a least slope `m`.
///
/// The conditioner gives `K (L + 1) + 1` numbers a feature: the coefficients, polynomial by polynomial, then `c`. Beyond
/// `±10 B` it goes on as a line. The inverse is a root, found by Newton's steps inside a bracket.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{SumOfSquaresPolynomial, Transformer};
///
/// // With coefficients of 0 the slope is 1 and the least slope: 1.1.
/// let device = Device::default();
/// let polynomial = SumOfSquaresPolynomial::new(2, 3, 5.0, 0.1);
/// let parameters = Tensor::<2>::zeros([1, polynomial.parameters_per_feature()], &device);
/// let (y, log_det) = polynomial.forward(Tensor::full([1, 1], 2.0, &device), parameters);
/// assert!((y.into_scalar::<f32>() - 2.2).abs() < 1e-5);
/// assert!((log_det.into_scalar::<f32>() - 1.1_f32.ln()).abs() < 1e-5);
/// ```
///
/// # References
///
/// Jaini, Selby, Yu: *Sum-of-squares polynomial flow*, 2019, section 3.
#[derive(Module, Debug)]
pub struct SumOfSquaresPolynomial {
    #[module(skip)]
    map: SumOfSquares,
}

impl SumOfSquaresPolynomial {
    /// Of this many polynomials of a degree in `u/bound`.
    ///
    /// # Panics
    ///
    /// When there is no polynomial, the degree is 0 or above 20, or the bound or the least slope is not positive.
    pub fn new(polynomials: usize, degree: usize, bound: f64, least_slope: f64) -> Self {
        assert!(
            polynomials > 0 && (1..=20).contains(&degree),
            "a sum of squares has polynomials of a degree from 1 to 20, got {polynomials} of degree {degree}"
        );
        assert!(
            bound > 0.0 && bound.is_finite() && least_slope > 0.0 && least_slope.is_finite(),
            "a sum of squares needs a positive bound and a positive least slope, got {bound} and {least_slope}"
        );
        let map = SumOfSquares::new(polynomials, degree, bound, least_slope);
        Self { map }
    }
}

impl ByMap for SumOfSquaresPolynomial {
    fn map(&self) -> Map {
        Map::Squares(self.map)
    }
}

transformer_by_map! { [] SumOfSquaresPolynomial }

/// A monotone Bernstein polynomial from `[−B, B]` onto itself, the identity outside.
///
/// With `u = (x + B) / 2B`: `y = Σᵢ C(M, i) uⁱ (1 − u)^(M − i) θᵢ`. The conditioner gives the logarithms of `M − 4` steps
/// from one coefficient to the next, up to a constant; the outer steps make the slopes at the ends 1 and the second
/// derivatives 0. At zero it is the identity. The inverse is a root, found by Newton's steps inside a bracket.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{BernsteinPolynomial, Transformer};
///
/// let device = Device::default();
/// let polynomial = BernsteinPolynomial::new(8, 5.0);
/// let x = Tensor::<2>::from_floats([[2.0], [9.0]], &device);
/// let parameters = Tensor::<2>::ones([2, 8], &device) * x.clone();
/// let (y, _) = polynomial.forward(x.clone(), parameters.clone());
/// // Outside ±5 it is the identity.
/// assert_eq!(y.to_data().try_to_vec::<f32>().unwrap()[1], 9.0);
/// assert!((polynomial.inverse(y, parameters).0 - x).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
///
/// # References
///
/// Sick, Hothorn, Dürr: *Deep transformation models*, 2020, section 3. Arpogaus and others: *Short-term density
/// forecasting of low-voltage load using Bernstein-polynomial normalizing flows*, 2022.
#[derive(Module, Debug)]
pub struct BernsteinPolynomial {
    #[module(skip)]
    map: Bernstein,
}

impl BernsteinPolynomial {
    /// Of this many parameters a feature: of the degree `parameters + 4`.
    ///
    /// # Panics
    ///
    /// When there is no parameter or more than 40, or the bound is not positive.
    pub fn new(parameters: usize, bound: f64) -> Self {
        assert!(
            (1..=40).contains(&parameters),
            "a Bernstein polynomial has 1 to 40 parameters, got {parameters}"
        );
        assert!(
            bound > 0.0 && bound.is_finite(),
            "a Bernstein polynomial needs a positive bound, got {bound}"
        );
        let map = Bernstein::new(parameters, bound);
        Self { map }
    }
}

impl ByMap for BernsteinPolynomial {
    fn map(&self) -> Map {
        Map::Bernstein(self.map)
    }
}

transformer_by_map! { [] BernsteinPolynomial }
