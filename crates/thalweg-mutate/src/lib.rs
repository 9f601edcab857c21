//! Damages valid files, to test their readers.
//!
//! A reader meets files that were cut short, edited, or made to harm it. Bytes at random are refused at the first of
//! them; a valid file with a little damage comes deeper. [`damages`] are those of bytes, [`edits`] those of a JSON
//! value.
//! Both are strategies of `proptest`, whose failures are reproduced by their printed values.
//!
//! A checksum stops damage before it comes to the parser, but not someone who computes it anew: [`ModelFile`] and
//! [`sealed_run`] do.
//!
//! ```
//! use thalweg_mutate::{Damage, damaged};
//!
//! assert_eq!(damaged(b"a file", &[Damage::Cut(0.5)], &[]), b"a f");
//! ```

mod bytes;
mod json;
mod sealed;

pub use bytes::{Damage, damaged, damages};
pub use json::{Edit, edited, edits};
pub use sealed::{ModelFile, sealed_run};

use proptest::test_runner::{Config, RngSeed};

/// The same `normal` cases in each run, or as many as the environment variable `PROPTEST_CASES` says.
///
/// ```
/// use proptest::prelude::*;
/// use std::cell::RefCell;
///
/// let run = || {
///     let seen = RefCell::new(vec![]);
///     proptest!(thalweg_mutate::cases(8), |(number in any::<u64>())| {
///         seen.borrow_mut().push(number);
///     });
///     seen.into_inner()
/// };
/// assert_eq!(run(), run());
/// ```
///
/// # Panics
///
/// When the variable is no whole number.
pub fn cases(normal: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let asked = asked.map(|cases| cases.parse().expect("PROPTEST_CASES is a whole number"));
    Config {
        cases: asked.unwrap_or(normal),
        rng_seed: RngSeed::Fixed(0),
        failure_persistence: None,
        ..Config::default()
    }
}
