//! Configurations that describe no model.

use thiserror::Error;

/// A number in a configuration that is out of its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
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
}

impl ConfigError {
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
