//! Langevin dynamics: descent with noise, which samples.

mod noise;
mod overdamped;
mod underdamped;

pub(crate) use noise::normal;
pub use overdamped::Langevin;
pub use underdamped::Underdamped;

/// # Panics
///
/// Unless the value is a finite number from 0 on.
fn check(value: f64, what: &str) {
    assert!(
        value >= 0.0 && value.is_finite(),
        "a {what} is a finite number from 0 on, got {value}"
    );
}
