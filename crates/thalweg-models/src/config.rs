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
    /// An image that cannot be halved as often as the model has scales.
    #[error(
        "{model}: an image of {height} × {width} cannot be halved {scales} times, once a scale; {}",
        admissible(*.most)
    )]
    Indivisible {
        /// The model.
        model: &'static str,
        /// The image's height.
        height: usize,
        /// Its width.
        width: usize,
        /// The scales that were asked for.
        scales: usize,
        /// The most that work.
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

/// The way out for an image that can be halved `most` times.
fn admissible(most: u32) -> String {
    match most {
        0 => "pad or crop it to even sizes".to_owned(),
        _ => {
            let scales: Vec<String> = (1..=most).map(|scales| scales.to_string()).collect();
            format!("use {} scales, or pad or crop it", scales.join(" or "))
        }
    }
}
