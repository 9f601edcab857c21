//! Splits of rows into training, validation and test parts.

use std::collections::BTreeSet;

use crate::{DataError, rng};

/// Row numbers for training, validation and test; each row is in exactly one of the parts.
///
/// ```
/// use thalweg_data::RowSplit;
///
/// let split = RowSplit::random(100, [0.8, 0.1, 0.1], 7)?;
/// assert_eq!((split.train.len(), split.validation.len(), split.test.len()), (80, 10, 10));
/// assert_eq!(RowSplit::modulo(20).test, [9, 19]);
/// # Ok::<(), thalweg_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSplit {
    /// Rows that the model is fitted to.
    pub train: Vec<usize>,
    /// Rows for early stopping and the choice of settings.
    pub validation: Vec<usize>,
    /// Rows for the final score.
    pub test: Vec<usize>,
}

impl RowSplit {
    /// Rows `0..n` in random order, cut by the fractions for training, validation and test.
    ///
    /// The cuts are at the rounded cumulative fractions of `n`, so no row is left out.
    ///
    /// # Errors
    ///
    /// [`DataError::Fractions`] unless each fraction is in `0..=1` and their sum is 1.
    pub fn random(n: usize, fractions: [f64; 3], seed: u64) -> Result<Self, DataError> {
        let parts = shuffled_parts(n, fractions, seed)?;
        Ok(Self::from_parts(parts))
    }

    /// Rows `0..n` by their last digit: 0 to 7 train, 8 validation, 9 test.
    pub fn modulo(n: usize) -> Self {
        let rows = |digits: [usize; 2]| {
            let [first, last] = digits;
            (0..n)
                .filter(|i| (first..=last).contains(&(i % 10)))
                .collect()
        };
        Self::from_parts([[0, 7], [8, 8], [9, 9]].map(rows))
    }

    /// Rows by their groups: all rows of a group are in the same part.
    ///
    /// The distinct groups are shuffled and cut by the fractions; within a part, rows keep their
    /// order. The fractions count groups: the parts have these fractions of the rows only if groups
    /// have about the same size.
    ///
    /// ```
    /// use thalweg_data::RowSplit;
    ///
    /// let groups = ["a", "a", "b", "c", "c", "d"];
    /// let split = RowSplit::by_group(&groups, [0.5, 0.25, 0.25], 0)?;
    /// // No group is in two parts.
    /// let of = |rows: &[usize]| rows.iter().map(|row| groups[*row]).collect::<Vec<_>>();
    /// let (train, test) = (of(&split.train), of(&split.test));
    /// assert!(train.iter().all(|group| !test.contains(group)));
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Fractions`] unless each fraction is in `0..=1` and their sum is 1.
    pub fn by_group<G: AsRef<str>>(
        groups: &[G],
        fractions: [f64; 3],
        seed: u64,
    ) -> Result<Self, DataError> {
        let distinct: BTreeSet<&str> = groups.iter().map(AsRef::as_ref).collect();
        let names: Vec<&str> = distinct.into_iter().collect();
        let rows = |part: Vec<usize>| {
            let part: BTreeSet<&str> = part.into_iter().map(|i| names[i]).collect();
            let inside = |i: &usize| part.contains(groups[*i].as_ref());
            (0..groups.len()).filter(inside).collect()
        };
        let parts = shuffled_parts(names.len(), fractions, seed)?;
        Ok(Self::from_parts(parts.map(rows)))
    }

    fn from_parts([train, validation, test]: [Vec<usize>; 3]) -> Self {
        Self {
            train,
            validation,
            test,
        }
    }
}

/// The numbers below `n`, shuffled and cut by the fractions.
fn shuffled_parts(n: usize, fractions: [f64; 3], seed: u64) -> Result<[Vec<usize>; 3], DataError> {
    let inside = fractions.iter().all(|f| (0.0..=1.0).contains(f));
    let sum: f64 = fractions.iter().sum();
    if !inside || (sum - 1.0).abs() > 1e-9 {
        return Err(DataError::Fractions(fractions));
    }
    let [train, validation, _] = fractions;
    let end = |fraction: f64| ((n as f64 * fraction).round() as usize).min(n);
    let order = rng::permutation(n, seed, 0);
    let (train_rows, rest) = order.split_at(end(train));
    let (validation_rows, test) = rest.split_at(end(train + validation) - train_rows.len());
    Ok([train_rows, validation_rows, test].map(<[usize]>::to_vec))
}
