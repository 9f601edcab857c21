//! Bounds on what a page may ask for.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::http::Refusal;

/// A refusal of a value outside its bounds, which names all three.
pub(crate) fn within<T: PartialOrd + Display>(
    what: &str,
    value: T,
    bounds: RangeInclusive<T>,
) -> Result<(), Refusal> {
    if bounds.contains(&value) {
        return Ok(());
    }
    let (low, high) = bounds.into_inner();
    let problem = format!("{what} lies between {low} and {high}, got {value}");
    Err(Refusal::new(422, problem))
}
