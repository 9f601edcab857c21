//! Invalid configurations.

use std::fmt;

use thiserror::Error;

/// An invalid configuration.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_models::config::{Bound, ConfigNumber};
/// use thalweg_models::{ConfigError, CouplingFlowConfig};
///
/// let config = CouplingFlowConfig::nsf(2).with_couplings(0);
/// let error = config.try_init(&Device::default()).unwrap_err();
/// let ConfigError::Field { field, value, bound, .. } = error else { panic!() };
/// assert_eq!((field, value, bound), ("couplings", ConfigNumber::Whole(0), Bound::AtLeast(1)));
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A number out of its bounds.
    #[error("{model}: {field} is {value}, but must be {bound}")]
    Field {
        /// The model.
        model: &'static str,
        /// The field of its configuration.
        field: &'static str,
        /// Its value.
        value: ConfigNumber,
        /// Its bound.
        bound: Bound,
    },
    /// An image that cannot be halved once a scale.
    #[error(
        "{model}: {scales} scales need an image that can be halved {halvings} times, \
         {height} × {width} can be {most} times; {}",
        admissible(*.scales, *.halvings, *.most)
    )]
    Indivisible {
        /// The model.
        model: &'static str,
        /// The image's height.
        height: usize,
        /// Its width.
        width: usize,
        /// The number of scales.
        scales: usize,
        /// The halvings of that number of scales.
        halvings: usize,
        /// The halvings that the image admits.
        most: u32,
    },
    /// A choice that the model does not have.
    #[error("{model}: {field}: {problem}")]
    Setting {
        /// The model.
        model: &'static str,
        /// The field of its configuration.
        field: &'static str,
        /// The reason, and the way out.
        problem: String,
    },
}

/// A number in a configuration.
///
/// See [`ConfigError`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ConfigNumber {
    /// A size.
    Whole(u64),
    /// Any other number.
    Real(f64),
}

impl fmt::Display for ConfigNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(f),
            Self::Real(number) => number.fmt(f),
        }
    }
}

/// The bound of a number in a configuration.
///
/// See [`ConfigError`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Bound {
    /// At least this number.
    AtLeast(u64),
    /// At most this number.
    AtMost(u64),
    /// In a closed interval.
    In(f64, f64),
    /// Positive and finite.
    Positive,
    /// A multiple of this number.
    MultipleOf(u64),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "at least {least}"),
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::In(least, most) => write!(f, "in {least}..={most}"),
            Self::Positive => write!(f, "a finite number above 0"),
            Self::MultipleOf(of) => write!(f, "a multiple of {of}"),
        }
    }
}

impl ConfigError {
    /// `Ok` when the number has the bound.
    fn require(
        model: &'static str,
        field: &'static str,
        value: ConfigNumber,
        (holds, bound): (bool, Bound),
    ) -> Result<(), Self> {
        let error = Self::Field {
            model,
            field,
            value,
            bound,
        };
        if holds { Ok(()) } else { Err(error) }
    }

    /// `Ok` when `value` lies in `least ..= most`, which NaN does not.
    pub(crate) fn check_range(
        model: &'static str,
        field: &'static str,
        value: f64,
        [least, most]: [f64; 2],
    ) -> Result<(), Self> {
        let holds = (least..=most).contains(&value);
        Self::require(
            model,
            field,
            ConfigNumber::Real(value),
            (holds, Bound::In(least, most)),
        )
    }

    /// `Ok` when `value` is a positive, finite number.
    pub(crate) fn check_positive(
        model: &'static str,
        field: &'static str,
        value: f64,
    ) -> Result<(), Self> {
        let holds = value > 0.0 && value.is_finite();
        Self::require(
            model,
            field,
            ConfigNumber::Real(value),
            (holds, Bound::Positive),
        )
    }

    /// `Ok` when `value` is a multiple of `of`.
    pub(crate) fn check_multiple(
        model: &'static str,
        field: &'static str,
        value: usize,
        of: usize,
    ) -> Result<(), Self> {
        let bound = (value.is_multiple_of(of), Bound::MultipleOf(of as u64));
        Self::require(model, field, ConfigNumber::Whole(value as u64), bound)
    }

    /// `Ok` when each value is at least the number beside it.
    ///
    /// ```
    /// use thalweg_models::ConfigError;
    ///
    /// assert!(ConfigError::at_least("my flow", [("features", 2, 1), ("layers", 1, 1)]).is_ok());
    /// let error = ConfigError::at_least("my flow", [("features", 0, 1)]).unwrap_err();
    /// assert!(error.to_string().contains("features"));
    /// ```
    ///
    /// # Errors
    ///
    /// The first value that is smaller, with its name and its bounds.
    pub fn at_least(
        model: &'static str,
        sizes: impl IntoIterator<Item = (&'static str, usize, u64)>,
    ) -> Result<(), Self> {
        let most = u64::from(u32::MAX);
        sizes.into_iter().try_for_each(|(field, value, least)| {
            Self::check(model, field, value as u64, [least, most])
        })
    }

    /// `Ok` when `value` lies in `least ..= most`.
    pub(crate) fn check(
        model: &'static str,
        field: &'static str,
        value: u64,
        [least, most]: [u64; 2],
    ) -> Result<(), Self> {
        let number = ConfigNumber::Whole(value);
        Self::require(
            model,
            field,
            number,
            (value >= least, Bound::AtLeast(least)),
        )?;
        Self::require(model, field, number, (value <= most, Bound::AtMost(most)))
    }
}

/// `Ok` when the widths are those of a residual network: one width, once for each block.
pub(crate) fn check_residual(model: &'static str, hidden: &[usize]) -> Result<(), ConfigError> {
    let is_one_width = hidden
        .first()
        .is_some_and(|first| hidden.iter().all(|width| width == first));
    let problem = || ConfigError::Setting {
        model,
        field: "hidden",
        problem: format!("a residual network has one width, once for each block, got {hidden:?}"),
    };
    is_one_width.then_some(()).ok_or_else(problem)
}

/// The widths of the hidden layers, of which a residual block has two behind a first one.
pub(crate) fn layers_of(hidden: &[usize], residual: bool) -> Vec<usize> {
    match residual {
        false => hidden.to_vec(),
        true => vec![hidden[0]; 1 + 2 * hidden.len()],
    }
}

/// The number of values in the weights and biases of a perceptron with layers of these widths.
pub(crate) fn perceptron(widths: impl IntoIterator<Item = usize>) -> u128 {
    let widths: Vec<u128> = widths.into_iter().map(|width| width as u128).collect();
    let layers = widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]);
    layers.fold(0, u128::saturating_add)
}

/// Adds the fields that a configuration of an earlier version lacks.
pub(crate) fn add_missing<const N: usize>(
    config: &mut serde_json::Value,
    fields: [(&str, serde_json::Value); N],
) {
    if let Some(config) = config.as_object_mut() {
        for (field, value) in fields {
            config.entry(field).or_insert(value);
        }
    }
}

/// Advice for an image that can be halved `most` times.
fn admissible(scales: usize, halvings: usize, most: u32) -> String {
    let fewest = 1.max(scales - halvings);
    let working: Vec<String> = (fewest..=scales - halvings + most as usize)
        .map(|scales| scales.to_string())
        .collect();
    match working.is_empty() {
        true => "pad or crop it to even sizes".to_owned(),
        false => format!("use {} scales, or pad or crop it", working.join(" or ")),
    }
}
