//! Configurations that describe no model.

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
}

impl ConfigError {
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
