//! Conditions: one row a sample, or one row for all.

use burn::tensor::{Int, Tensor};

use crate::FlowError;
use crate::integers::level::first_not_finite;

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
pub trait Condition: Clone {
    /// The number of rows; `None` for no condition.
    fn rows(&self) -> Option<usize>;

    /// Repeats each row `times` times in place: `[a, b]` becomes `[a, a, b, b]`.
    fn repeat_each(&self, times: usize) -> Self;

    /// Repeats the whole batch `times` times: `[a, b]` becomes `[a, b, a, b]`.
    fn repeat_rows(&self, times: usize) -> Self;

    /// The first row, or a row of zeros where there is none.
    fn one(&self) -> Self;

    /// Rows `start .. start + count`.
    fn part(&self, start: usize, count: usize) -> Self;

    /// Checks that every number is finite and, given `classes`, that every label is below it.
    ///
    /// # Errors
    ///
    /// [`FlowError::NotFinite`] or [`FlowError::NotALabel`], naming the first row.
    fn check(&self, classes: Option<usize>) -> Result<(), FlowError>;
}

impl Condition for () {
    fn rows(&self) -> Option<usize> {
        None
    }

    fn repeat_each(&self, _: usize) -> Self {}

    fn repeat_rows(&self, _: usize) -> Self {}

    fn one(&self) -> Self {}

    fn part(&self, _: usize, _: usize) -> Self {}

    fn check(&self, _: Option<usize>) -> Result<(), FlowError> {
        Ok(())
    }
}

macro_rules! rows {
    () => {
        fn rows(&self) -> Option<usize> {
            Some(self.dims()[0])
        }

        fn repeat_each(&self, times: usize) -> Self {
            let mut shape = self.dims();
            if shape[0] * times == 0 {
                shape[0] = 0;
                return Tensor::zeros(shape, (&self.device(), self.dtype()));
            }
            let rows = self.clone().reshape([shape[0] as i64, -1]);
            let rows = rows.repeat_dim(1, times);
            shape[0] *= times;
            rows.reshape(shape)
        }

        fn repeat_rows(&self, times: usize) -> Self {
            self.clone().repeat_dim(0, times)
        }

        fn one(&self) -> Self {
            let mut shape = self.dims();
            match shape[0] {
                0 => {
                    shape[0] = 1;
                    Tensor::zeros(shape, (&self.device(), self.dtype()))
                }
                _ => self.clone().narrow(0, 0, 1),
            }
        }

        fn part(&self, start: usize, count: usize) -> Self {
            self.clone().narrow(0, start, count)
        }
    };
}

impl<A: Condition, B: Condition> Condition for (A, B) {
    fn rows(&self) -> Option<usize> {
        self.0.rows().or_else(|| self.1.rows())
    }

    fn repeat_each(&self, times: usize) -> Self {
        (self.0.repeat_each(times), self.1.repeat_each(times))
    }

    fn repeat_rows(&self, times: usize) -> Self {
        (self.0.repeat_rows(times), self.1.repeat_rows(times))
    }

    fn one(&self) -> Self {
        (self.0.one(), self.1.one())
    }

    fn part(&self, start: usize, count: usize) -> Self {
        (self.0.part(start, count), self.1.part(start, count))
    }

    fn check(&self, classes: Option<usize>) -> Result<(), FlowError> {
        self.0.check(classes)?;
        self.1.check(classes)
    }
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
