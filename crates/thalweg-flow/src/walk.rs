//! The layers of a bijection one by one, each with its input: for reports on a model.
//!
//! [`Bijection::walk`] shows each layer to a [`Visitor`], from data to latents. A chain shows its steps, and [`step`]
//! names them. A layer tells [`Detail`]s of itself: the matrix of a linear map, the use that a coupling makes of its
//! scales.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use thalweg_flow::walk::{Detail, Visitor};
//! use thalweg_flow::{Bijection, DiagonalScale, Reverse};
//!
//! /// Counts layers.
//! struct Count(usize);
//!
//! impl Visitor for Count {
//!     fn layer<C, B: Bijection<C>>(
//!         &mut self, layer: &B, x: B::Data, context: &C, _: Vec<Detail>,
//!     ) -> B::Latent {
//!         self.0 += 1;
//!         layer.forward(x, context).0
//!     }
//! }
//!
//! let device = Device::default();
//! let scales = || DiagonalScale::<2>::new(3, &device);
//! let (flow, mut count) = ((Reverse::<2> {}, vec![scales(), scales()]), Count(0));
//! flow.walk(Tensor::ones([5, 3], &device), &(), &mut count);
//! assert_eq!(count.0, 3);
//! ```

use std::fmt::Display;

use burn::tensor::Tensor;

use crate::Bijection;
use crate::layers::dense;

/// Sees the layers of a bijection in the order from data to latents.
///
/// See the [module](self) for an example.
pub trait Visitor {
    /// The next layers belong to this step of a chain.
    fn enter(&mut self, step: String) {
        let _ = step;
    }

    /// That step ends.
    fn exit(&mut self) {}

    /// A layer with its input; returns its output.
    fn layer<C, B: Bijection<C>>(
        &mut self,
        layer: &B,
        x: B::Data,
        context: &C,
        details: Vec<Detail>,
    ) -> B::Latent;
}

/// Visits a named step of a chain.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::walk::{self, Detail, Visitor};
/// use thalweg_flow::Bijection;
///
/// struct Names(Vec<String>);
///
/// impl Visitor for Names {
///     fn enter(&mut self, step: String) {
///         self.0.push(step);
///     }
///
///     fn layer<C, B: Bijection<C>>(
///         &mut self, layer: &B, x: B::Data, context: &C, _: Vec<Detail>,
///     ) -> B::Latent {
///         layer.forward(x, context).0
///     }
/// }
///
/// let mut names = Names(vec![]);
/// let two = walk::step(&mut names, "encoder", |names| walk::step(names, 0, |_| 2));
/// assert_eq!((two, names.0), (2, vec!["encoder".to_string(), "0".to_string()]));
/// ```
pub fn step<V: Visitor, R>(
    visitor: &mut V,
    name: impl Display,
    visit: impl FnOnce(&mut V) -> R,
) -> R {
    visitor.enter(name.to_string());
    let result = visit(visitor);
    visitor.exit();
    result
}

/// What a layer tells of itself.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::walk::Detail;
///
/// let device = Device::default();
/// let scales = Detail::Diagonal(Tensor::from_floats([0.0, 10.0_f32.ln()], &device));
/// assert!((scales.condition_number().unwrap() - 10.0).abs() < 1e-5);
/// let matrix = Tensor::from_floats([[1.0, 2.0], [2.0, 4.0]], &device);
/// assert!(Detail::Matrix(matrix).is_singular());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Detail {
    /// `z = W x + c` at each position: `W`.
    Matrix(Tensor<2>),
    /// `z = exp(s) ⊙ x + c`: `s`, one a feature.
    Diagonal(Tensor<1>),
    /// The use of a transformer's range.
    Usage(Usage),
}

impl Detail {
    /// The ratio of the largest singular value of a linear map to the smallest; infinite for a singular map and for
    /// one with numbers that are not finite, `None` for what is no linear map.
    ///
    /// A matrix takes `O(features³)`.
    pub fn condition_number(&self) -> Option<f64> {
        match self {
            Self::Matrix(weight) => {
                let weight = dense::to_host(weight);
                // The search for singular values does not end on NaN.
                Some(match weight.iter().all(|number| number.is_finite()) {
                    true => dense::condition_number(&weight),
                    false => f64::INFINITY,
                })
            }
            Self::Diagonal(log_scale) => {
                let log_scales = log_scale.to_data();
                let finite = log_scales.iter::<f64>().all(f64::is_finite);
                let most = log_scales.iter::<f64>().fold(f64::NEG_INFINITY, f64::max);
                let least = log_scales.iter::<f64>().fold(f64::INFINITY, f64::min);
                Some(if finite {
                    (most - least).exp()
                } else {
                    f64::INFINITY
                })
            }
            Self::Usage(_) => None,
        }
    }

    /// Whether this is a matrix without an inverse: by elimination, as the layer inverts it. `O(features³)`.
    pub fn is_singular(&self) -> bool {
        match self {
            Self::Matrix(weight) => dense::invert(dense::to_host(weight)).is_none(),
            _ => false,
        }
    }
}

/// How a transformer uses its range on a batch.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Affine, Transformer, walk::Usage};
///
/// // The log-scale of the first of two features is 0.
/// let device = Device::default();
/// let parameters = Tensor::<2>::from_floats([[1.0, 1.0, 0.0, 1.0]], &device);
/// let usage = Affine::new().usage(Tensor::ones([1, 2], &device), parameters);
/// let Some(Usage::Scales { features, dead, largest, .. }) = usage else { panic!() };
/// assert_eq!((features, dead), (2, 1));
/// assert!((largest - 0.8).abs() < 1e-6); // 1/(1 + 1/4)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Usage {
    /// Scales of an affine map, `y = x eˢ + t`.
    Scales {
        /// Transformed features.
        features: usize,
        /// Features with `|s| < 10⁻⁶` in every row: they are shifted, not scaled.
        dead: usize,
        /// The share of scales within 1 % of a bound of their map, where its gradient vanishes.
        saturated: f64,
        /// The largest `|s|`.
        largest: f64,
    },
    /// Monotone splines on an interval, the identity outside.
    Spline {
        /// Transformed features.
        features: usize,
        /// Features with `|ln dy/dx| < 10⁻⁶` in every row: the spline does nothing there.
        dead: usize,
        /// The share of inputs outside the interval.
        outside: f64,
        /// The share of bins whose width or height is within 1 % of the least, a thousandth of the interval.
        thin: f64,
    },
}

/// The details of a layer with a transformer.
pub(crate) fn usage(usage: Option<Usage>) -> Vec<Detail> {
    usage.map(Detail::Usage).into_iter().collect()
}

/// The details of all layers of a bijection.
pub(crate) fn details<C, B: Bijection<C>>(bijection: &B, x: B::Data, context: &C) -> Vec<Detail> {
    struct Collect(Vec<Detail>);

    impl Visitor for Collect {
        fn layer<C, B: Bijection<C>>(
            &mut self,
            layer: &B,
            x: B::Data,
            context: &C,
            details: Vec<Detail>,
        ) -> B::Latent {
            self.0.extend(details);
            layer.forward(x, context).0
        }
    }

    let mut collect = Collect(vec![]);
    bijection.walk(x, context, &mut collect);
    collect.0
}
