//! Which rows train a model, which choose among models, which judge the one chosen.

use std::collections::BTreeSet;

use crate::{DataError, rng};

/// Row numbers for training, validation and test; no row is in two of them.
///
/// ```
/// use thalweg_data::Partition;
///
/// let split = Partition::random(100, [0.8, 0.1, 0.1], 7)?;
/// assert_eq!((split.train.len(), split.validation.len(), split.test.len()), (80, 10, 10));
/// assert_eq!(Partition::modulo(20).test, [9, 19]);
/// # Ok::<(), thalweg_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    /// Rows to train on.
    pub train: Vec<usize>,
    /// Rows to choose settings and stop by.
    pub validation: Vec<usize>,
    /// Rows for the final figure.
    pub test: Vec<usize>,
}

impl Partition {
    /// Rows `0..n` in random order, cut by the fractions for training, validation and test.
    ///
    /// The cuts are at the rounded cumulative fractions of `n`, so every row has a place.
    ///
    /// # Errors
    ///
    /// [`DataError::Fractions`] unless each fraction is in `0..=1` and they sum to 1.
    pub fn random(n: usize, fractions: [f64; 3], seed: u64) -> Result<Self, DataError> {
        let [first, second] = cuts(n, fractions)?;
        let order = rng::permutation(n, seed, 0);
        Ok(Self {
            train: order[..first].to_vec(),
            validation: order[first..second].to_vec(),
            test: order[second..].to_vec(),
        })
    }

    /// Rows `0..n` by their last digit: 0 to 7 train, 8 validation, 9 test.
    pub fn modulo(n: usize) -> Self {
        let rows = |digits: std::ops::RangeInclusive<usize>| {
            (0..n).filter(|i| digits.contains(&(i % 10))).collect()
        };
        Self {
            train: rows(0..=7),
            validation: rows(8..=8),
            test: rows(9..=9),
        }
    }

    /// Rows by the group each belongs to: a group lies on one side whole.
    ///
    /// The distinct groups are shuffled and cut by the fractions; within a part, rows keep their
    /// order. Fractions count groups, so parts have them by rows only if groups are alike in size.
    ///
    /// # Errors
    ///
    /// [`DataError::Fractions`] unless each fraction is in `0..=1` and they sum to 1.
    pub fn by_group<G: AsRef<str>>(
        groups: &[G],
        fractions: [f64; 3],
        seed: u64,
    ) -> Result<Self, DataError> {
        let distinct: BTreeSet<&str> = groups.iter().map(AsRef::as_ref).collect();
        let names: Vec<&str> = distinct.into_iter().collect();
        let [first, second] = cuts(names.len(), fractions)?;
        let order = rng::permutation(names.len(), seed, 0);

        let rows = |part: &[usize]| {
            let part: BTreeSet<&str> = part.iter().map(|&i| names[i]).collect();
            let inside = |i: &usize| part.contains(groups[*i].as_ref());
            (0..groups.len()).filter(inside).collect()
        };
        Ok(Self {
            train: rows(&order[..first]),
            validation: rows(&order[first..second]),
            test: rows(&order[second..]),
        })
    }
}

/// Where training and validation end among `n`.
fn cuts(n: usize, fractions: [f64; 3]) -> Result<[usize; 2], DataError> {
    let inside = fractions.iter().all(|f| (0.0..=1.0).contains(f));
    let sum: f64 = fractions.iter().sum();
    if !inside || (sum - 1.0).abs() > 1e-9 {
        return Err(DataError::Fractions { fractions });
    }
    let [train, validation, _] = fractions;
    let end = |fraction: f64| ((n as f64 * fraction).round() as usize).min(n);
    Ok([end(train), end(train + validation)])
}
