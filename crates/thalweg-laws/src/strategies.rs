//! `proptest` strategies for shapes, seeds and numbers.
//!
//! With [`check_all`](crate::check_all) they test a layer in random shapes:
//!
//! ```
//! use burn::tensor::{DType, Device};
//! use proptest::prelude::*;
//! use thalweg_laws::{Sample, normal, strategies};
//!
//! proptest!(ProptestConfig::with_cases(4), |(
//!     batch in strategies::batch(), dims in strategies::dims(), seed in strategies::seed(),
//! )| {
//!     let x = normal([batch, dims]).sample(&Device::default(), DType::F64, seed);
//!     prop_assert_eq!(x.dims(), [batch, dims]);
//! });
//! ```

use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::sample::select;

use crate::sample::{REAL_EDGES, UNIT_EDGES};

/// The number of features: 2 to 6, so that a split has two sides, equal or not.
///
/// See the [module](self) for an example.
pub fn dims() -> RangeInclusive<usize> {
    2..=6
}

/// The number of rows: 2 to 5, so that a dependence between rows shows.
///
/// See the [module](self) for an example.
pub fn batch() -> RangeInclusive<usize> {
    2..=5
}

/// A seed for [`Sample::sample`](crate::Sample::sample).
///
/// See the [module](self) for an example.
pub fn seed() -> impl Strategy<Value = u64> {
    any::<u64>()
}

/// A number of the real line: both signs, the bulk, the tails to ±30, and [`REAL_EDGES`].
///
/// See [`rows`] for an example.
pub fn real() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -3.0..3.0f64,
        2 => -30.0..30.0f64,
        2 => select(REAL_EDGES.to_vec()),
    ]
}

/// A number of the open unit interval, [`UNIT_EDGES`] among them.
///
/// See [`rows`] for an example.
pub fn unit() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => 0.001..0.999f64,
        2 => select(UNIT_EDGES.to_vec()),
    ]
}

/// `batch · dims` numbers, row by row.
///
/// ```
/// use proptest::prelude::*;
/// use thalweg_laws::strategies::{real, rows, unit};
///
/// proptest!(ProptestConfig::with_cases(4), |(
///     a in rows(3, 2, real()), b in rows(3, 2, unit()),
/// )| {
///     prop_assert_eq!((a.len(), b.len()), (6, 6));
///     prop_assert!(b.iter().all(|u| 0.0 < *u && *u < 1.0));
/// });
/// ```
pub fn rows(
    batch: usize,
    dims: usize,
    number: impl Strategy<Value = f64>,
) -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec(number, batch * dims)
}
