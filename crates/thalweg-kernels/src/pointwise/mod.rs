//! Invertible maps of one number at a time, the transformers of couplings: in one pass over memory.
//!
//! A map writes its formula once, generic over [`Number`]. The step on the tape and the compiled form
//! both run it, in lanes, through [`apply_in_place`].

mod affine;
mod bernstein;
mod block;
mod formula;
mod gaussianization;
mod in_place;
mod normal;
mod pieces;
mod range;
mod root;
mod spline;
mod squares;
#[cfg(feature = "host")]
mod tape;

pub use affine::{AffineMap, Shift};
pub use bernstein::Bernstein;
pub(crate) use block::{BLOCK, load, store};
pub use formula::Formula;
pub use gaussianization::Gaussianization;
pub(crate) use in_place::values;
pub use in_place::{Blocks, apply_in_place};
pub use pieces::{Pieces, PiecewisePolynomial};
pub use root::root;
pub use spline::{Ends, Knots, Least, Spline};
pub use squares::SumOfSquares;
#[cfg(feature = "host")]
use tape::run;

use std::fmt::Debug;

use burn::tensor::Tensor;

use crate::Places;
use crate::number::Number;
use crate::places::{plain_gather, plain_merge};

/// The direction of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Data to latent.
    Forward,
    /// Latent to data.
    Inverse,
}

/// An invertible map `y = τ(x; p)` of one number, given parameters for it.
///
/// ```
/// use thalweg_kernels::{AffineMap, Direction, LogScale, Pointwise};
///
/// // y = x eˢ + t with t = 1 and eˢ = 3.
/// let (map, mut p) = (AffineMap::new(LogScale::Plain), vec![1.0, 3.0_f64.ln()]);
/// let [y, log_slope] = map.value(Direction::Forward, 2.0, &mut p);
/// assert!((y - 7.0).abs() < 1e-12 && log_slope == p[1]);
/// // dy/dx = eˢ, dy/dt = 1 and dy/ds = x eˢ.
/// let to_x = map.gradient(Direction::Forward, 2.0, &mut p, [1.0, 0.0]);
/// assert!((to_x - 3.0).abs() < 1e-12 && p[0] == 1.0 && (p[1] - 6.0).abs() < 1e-12);
/// ```
pub trait Pointwise: Debug + Clone + Send + Sync + 'static {
    /// Whether [`value`](Self::value) leaves the parameters as they are.
    const READS: bool;

    /// How many parameters each number has.
    fn parameters(&self) -> usize;

    /// `τ(x)` and `ln τ′(x)`, or `τ⁻¹(x)` and `ln (τ⁻¹)′(x)`. It may use `p` as memory, unless
    /// it [`READS`](Self::READS) only.
    fn value<N: Number>(&self, direction: Direction, x: N, p: &mut impl MapParameters<N>)
    -> [N; 2];

    /// From the gradients of a value and of its log-slope to those of `x`, which is returned, and of the
    /// parameters, which replace `p`.
    fn gradient<N: Number>(
        &self,
        direction: Direction,
        x: N,
        p: &mut impl MapParameters<N>,
        gradients: [N; 2],
    ) -> N;

    /// The definition as operations of tensors: `x [batch, features, ..]`, `p [batch, parameters ·
    /// features, ..]`, parameter `k` of every feature before parameter `k + 1`.
    fn chain<const D: usize>(
        &self,
        direction: Direction,
        x: Tensor<D>,
        p: Tensor<D>,
    ) -> (Tensor<D>, Tensor<1>);
}

/// The parameters of one number, or of the numbers in the lanes of a register.
///
/// ```
/// use thalweg_kernels::MapParameters;
///
/// fn swap<N>(p: &mut impl MapParameters<N>) {
///     let [first, second] = [p.get(0), p.get(1)];
///     p.set(0, second);
///     p.set(1, first);
/// }
///
/// let mut p = vec![1.0, 2.0];
/// swap(&mut p);
/// assert_eq!(p, [2.0, 1.0]);
/// ```
pub trait MapParameters<N> {
    /// Parameter `k`.
    fn get(&self, k: usize) -> N;
    /// Replaces it.
    fn set(&mut self, k: usize, value: N);
}

impl<N: Copy> MapParameters<N> for Vec<N> {
    #[inline(always)]
    fn get(&self, k: usize) -> N {
        self[k]
    }

    #[inline(always)]
    fn set(&mut self, k: usize, value: N) {
        self[k] = value;
    }
}

/// The maps of the kernels.
///
/// An enum where a generic argument would do: the loops are compiled once, here, and not in each crate that
/// calls them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Map {
    /// `y = x eˢ + t`.
    Affine(AffineMap),
    /// `y = x + t`.
    Shift(Shift),
    /// A rational-quadratic spline.
    Spline(Spline),
    /// A piecewise polynomial.
    Pieces(PiecewisePolynomial),
    /// The integral of a sum of squares.
    Squares(SumOfSquares),
    /// A Bernstein polynomial.
    Bernstein(Bernstein),
    /// From a mixture of normal distributions to one.
    Gaussianization(Gaussianization),
}

/// One body for each map, which knows it.
macro_rules! with_map {
    ($map:expr, $known:ident => $body:expr) => {
        match $map {
            $crate::Map::Affine($known) => $body,
            $crate::Map::Shift($known) => $body,
            $crate::Map::Spline($known) => $body,
            $crate::Map::Pieces($known) => $body,
            $crate::Map::Squares($known) => $body,
            $crate::Map::Bernstein($known) => $body,
            $crate::Map::Gaussianization($known) => $body,
        }
    };
}

pub(crate) use with_map;

impl Map {
    /// How many parameters each number has.
    pub fn parameters(&self) -> usize {
        with_map!(self, map => Pointwise::parameters(map))
    }
}

/// A map at some features, the others as they are, and the log-determinant a sample, `Σ ln |slope|`.
///
/// `places` are those of the features that stay and of those that are mapped. `parameters` are
/// `[batch, parameters · mapped, ..]` for `x` of `[batch, features, ..]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{AffineMap, Direction, LogScale, Map, Places, pointwise};
///
/// let device = Device::default();
/// let x = Tensor::<2>::ones([5, 3], &device);
/// let places = [Places::NONE, Places::all(3)];
/// let map = Map::Affine(AffineMap::new(LogScale::Plain));
/// let parameters = Tensor::<2>::zeros([5, 3 * map.parameters()], &device);
/// let (y, log_det) = pointwise(map, Direction::Forward, x.clone(), places, parameters);
/// assert_eq!(y.to_data(), x.to_data());
/// assert_eq!(log_det.dims(), [5]);
/// ```
///
/// # Panics
///
/// When the parameters have another shape, no feature is mapped, or the places are not those of all
/// features.
pub fn pointwise<const D: usize>(
    map: Map,
    direction: Direction,
    x: Tensor<D>,
    places: [Places; 2],
    parameters: Tensor<D>,
) -> (Tensor<D>, Tensor<1>) {
    let (mut expected, [kept, mapped]) = (x.dims(), places);
    let features = expected[1];
    assert!(
        kept.are_among(features)
            && mapped.are_among(features)
            && mapped.count > 0
            && kept.count + mapped.count == features,
        "{kept:?} and {mapped:?} are not all of the {features} features that were given"
    );
    let (each, found) = (map.parameters(), parameters.dims());
    expected[1] = each * mapped.count;
    assert!(
        found == expected,
        "a map of {} of the features of {:?} takes parameters {expected:?}, {each} for each number, \
         and got {found:?}",
        mapped.count,
        x.dims()
    );
    if x.dims()[0] == 0 {
        let none = Tensor::empty([0], (&x.device(), x.dtype()));
        return (x, none);
    }
    #[cfg(feature = "host")]
    if let Some(found) = run(map, direction, &x, mapped, &parameters) {
        return found;
    }
    #[cfg(not(feature = "host"))]
    crate::chain::without_host();
    chain(map, direction, x, places, parameters)
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn chain<const D: usize>(
    map: Map,
    direction: Direction,
    x: Tensor<D>,
    [kept, mapped]: [Places; 2],
    parameters: Tensor<D>,
) -> (Tensor<D>, Tensor<1>) {
    if kept.count == 0 {
        return with_map!(map, map => map.chain(direction, x, parameters));
    }
    let part = plain_gather(x.clone(), mapped);
    let (part, log_det) = with_map!(map, map => map.chain(direction, part, parameters));
    (
        plain_merge([plain_gather(x, kept), part], [kept, mapped]),
        log_det,
    )
}
