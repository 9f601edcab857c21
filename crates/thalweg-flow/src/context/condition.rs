//! Conditions: one row a sample, or one row for all.

use std::ops::Range;

use burn::tensor::{Int, Tensor, TensorData};

use crate::FlowError;
use crate::integers::level::first_not_finite;
use crate::shape::assert_rows;

/// A condition of a batch: a vector or a label for each row, or one for all rows.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::Condition;
///
/// let labels = Tensor::<1, Int>::from_ints([3, 5], &Device::default());
/// assert_eq!(labels.rows(), Some(2));
/// let each = labels.repeat_each(2).into_data();
/// assert_eq!(each.iter::<i64>().collect::<Vec<_>>(), [3, 3, 5, 5]);
/// assert!(labels.check(Some(5)).is_err());
/// ```
pub trait Condition: Clone + Send {
    /// The number of rows; `None` for no condition.
    fn rows(&self) -> Option<usize>;

    /// The rows with these indices, repetitions included. Rows of an empty condition are zeros.
    fn select(&self, rows: &[usize]) -> Self;

    /// Checks that every number is finite and, given `classes`, that every label is below it.
    ///
    /// # Errors
    ///
    /// [`FlowError::NotFinite`] or [`FlowError::NotALabel`] with the first such row.
    fn check(&self, classes: Option<usize>) -> Result<(), FlowError>;

    /// Repeats each row `times` times in place: `[a, b]` becomes `[a, a, b, b]`.
    fn repeat_each(&self, times: usize) -> Self {
        let count = self.rows().unwrap_or(0);
        self.select(
            &(0..count * times)
                .map(|row| row / times)
                .collect::<Vec<_>>(),
        )
    }

    /// Repeats the whole batch `times` times: `[a, b]` becomes `[a, b, a, b]`.
    fn repeat_rows(&self, times: usize) -> Self {
        let count = self.rows().unwrap_or(0);
        self.select(
            &(0..count * times)
                .map(|row| row % count)
                .collect::<Vec<_>>(),
        )
    }

    /// The first row, or a row of zeros where there is none.
    fn one(&self) -> Self {
        self.select(&[0])
    }

    /// Rows `start .. start + count`.
    fn part(&self, start: usize, count: usize) -> Self {
        self.select(&(start..start + count).collect::<Vec<_>>())
    }

    /// The part for a range of the rows of a batch of `count`: all of a condition of one row.
    ///
    /// # Panics
    ///
    /// When it has neither one row nor one for each.
    fn part_of(&self, range: Range<usize>, count: usize) -> Self {
        match self.rows() {
            None => self.clone(),
            Some(rows) => {
                assert_rows(rows, count);
                match rows == count {
                    true => self.part(range.start, range.len()),
                    false => self.clone(),
                }
            }
        }
    }
}

impl Condition for () {
    fn rows(&self) -> Option<usize> {
        None
    }

    fn select(&self, _: &[usize]) -> Self {}

    fn check(&self, _: Option<usize>) -> Result<(), FlowError> {
        Ok(())
    }
}

impl<A: Condition, B: Condition> Condition for (A, B) {
    fn rows(&self) -> Option<usize> {
        self.0.rows().or_else(|| self.1.rows())
    }

    fn select(&self, rows: &[usize]) -> Self {
        (self.0.select(rows), self.1.select(rows))
    }

    fn check(&self, classes: Option<usize>) -> Result<(), FlowError> {
        self.0.check(classes)?;
        self.1.check(classes)
    }

    fn part_of(&self, range: Range<usize>, count: usize) -> Self {
        // One of the two may have one row for all.
        (
            self.0.part_of(range.clone(), count),
            self.1.part_of(range, count),
        )
    }
}

macro_rules! rows {
    () => {
        fn rows(&self) -> Option<usize> {
            Some(self.dims()[0])
        }

        fn select(&self, rows: &[usize]) -> Self {
            let mut shape = self.dims();
            if shape[0] * rows.len() == 0 {
                shape[0] = rows.len();
                return Tensor::zeros(shape, (&self.device(), self.dtype()));
            }
            let indices: Vec<i64> = rows.iter().map(|row| *row as i64).collect();
            let indices = TensorData::new(indices, [rows.len()]);
            let device = self.device().without_autodiff();
            Tensor::select(
                self.clone(),
                0,
                Tensor::<1, Int>::from_data(indices, &device),
            )
        }

        fn part(&self, start: usize, count: usize) -> Self {
            // A view, without indices that go to the device.
            self.clone().narrow(0, start, count)
        }
    };
}

impl<const D: usize> Condition for Tensor<D> {
    rows!();

    fn check(&self, _: Option<usize>) -> Result<(), FlowError> {
        let features: usize = self.dims()[1..].iter().product();
        match first_not_finite(self) {
            None => Ok(()),
            Some((index, value)) => Err(FlowError::NotFinite {
                row: index / features.max(1),
                feature: index % features.max(1),
                value,
            }),
        }
    }
}

impl<const D: usize> Condition for Tensor<D, Int> {
    rows!();

    fn check(&self, classes: Option<usize>) -> Result<(), FlowError> {
        let Some(classes) = classes else {
            return Ok(());
        };
        let each: usize = self.dims()[1..].iter().product();
        let host = self.to_data();
        let mut labels = host.iter::<i64>().enumerate();
        match labels.find(|(_, label)| !(0..classes as i64).contains(label)) {
            None => Ok(()),
            Some((index, label)) => Err(FlowError::NotALabel {
                row: index / each.max(1),
                label,
                classes,
            }),
        }
    }
}
