//! Invalid configurations.

use thiserror::Error;

/// A number in a configuration that is out of its bounds.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Too small.
    #[error("{model}: {field} is {value}, but must be at least {least}")]
    TooSmall {
        /// The model.
        model: &'static str,
        /// The field of its configuration.
        field: &'static str,
        /// Its value.
        value: u64,
        /// The smallest that works.
        least: u64,
    },
    /// Too large.
    #[error("{model}: {field} is {value}, but must be at most {most}")]
    TooLarge {
        /// The model.
        model: &'static str,
        /// The field of its configuration.
        field: &'static str,
        /// Its value.
        value: u64,
        /// The largest that works.
        most: u64,
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
    /// Not a positive, finite number.
    #[error("{model}: {field} is {value}, but must be a finite number above 0")]
    NotPositive {
        /// The model.
        model: &'static str,
        /// The field of its configuration.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// Not a multiple of a number.
    #[error("{model}: {field} is {value}, but must be a multiple of {of}")]
    NotAMultiple {
        /// The model.
        model: &'static str,
        /// The field of its configuration.
        field: &'static str,
        /// Its value.
        value: u64,
        /// The number.
        of: u64,
    },
    /// A number that is not in its range.
    #[error("{model}: {field} is {value}, but must be in {least}..={most}")]
    OutOfRange {
        /// The model.
        model: &'static str,
        /// The field of its configuration.
        field: &'static str,
        /// Its value.
        value: f64,
        /// The smallest that works.
        least: f64,
        /// The largest that works.
        most: f64,
    },
}

impl ConfigError {
    /// `Ok` when `value` lies in `least ..= most`, which NaN does not.
    pub(crate) fn check_range(
        model: &'static str,
        field: &'static str,
        value: f64,
        [least, most]: [f64; 2],
    ) -> Result<(), Self> {
        match (least..=most).contains(&value) {
            true => Ok(()),
            false => Err(Self::OutOfRange {
                model,
                field,
                value,
                least,
                most,
            }),
        }
    }

    /// `Ok` when `value` is a positive, finite number.
    pub(crate) fn check_positive(
        model: &'static str,
        field: &'static str,
        value: f64,
    ) -> Result<(), Self> {
        match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(Self::NotPositive {
                model,
                field,
                value,
            }),
        }
    }

    /// `Ok` when each value is at least the number beside it.
    pub(crate) fn at_least(
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
        if value < least {
            return Err(Self::TooSmall {
                model,
                field,
                value,
                least,
            });
        }
        if value > most {
            return Err(Self::TooLarge {
                model,
                field,
                value,
                most,
            });
        }
        Ok(())
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
