//! Errors of arguments and data.

use burn::tensor::{DType, ExecutionError, TensorReadError};
use thiserror::Error;

use crate::integers::level::{shortest, way_to_levels};

/// An invalid argument or data set.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::{FlowError, Permutation};
///
/// let error = Permutation::<2>::new(&[0, 2, 2], &Device::default()).unwrap_err();
/// assert!(matches!(error, FlowError::NotAPermutation { position: 2, index: 2, features: 3 }));
/// assert!(error.to_string().ends_with("give each of 0..3 once"));
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FlowError {
    /// An order of features with a repetition.
    #[error(
        "not a permutation: entry {position} is {index}, which is a repetition or not below \
         {features}; give each of 0..{features} once"
    )]
    NotAPermutation {
        /// Position in the order.
        position: usize,
        /// The offending entry.
        index: usize,
        /// How many features there are.
        features: usize,
    },
    /// Too few rows to fit a layer to.
    #[error("{what} needs at least {needed} rows to be fitted, got {rows}; give it more data")]
    TooFewRows {
        /// The layer.
        what: &'static str,
        /// Rows given.
        rows: usize,
        /// Rows needed.
        needed: usize,
    },
    /// A value that is not finite in data or in a condition.
    #[error(
        "row {row}, feature {feature} is {}; remove or fill such values",
        shortest(*.value)
    )]
    NotFinite {
        /// Row of the data.
        row: usize,
        /// Feature (column) of the data.
        feature: usize,
        /// The value.
        value: f64,
    },
    /// An angle outside its circle.
    #[error(
        "row {row}, feature {feature} is {}, outside the circle from -{bound} to {bound}; give angles in \
         radians and wrap them, or make the model with a larger bound",
        shortest(*.value)
    )]
    OutsideCircle {
        /// Row of the data.
        row: usize,
        /// Feature (column) of the data.
        feature: usize,
        /// The value.
        value: f64,
        /// Half of the circle.
        bound: f64,
    },
    /// Linearly dependent or constant features.
    #[error(
        "the covariance is singular at feature {feature} (pivot {pivot:.1e}, ridge {ridge:.1e}); \
         dequantize the data, drop the feature, or raise the ridge"
    )]
    SingularCovariance {
        /// The feature at which the factorization stopped.
        feature: usize,
        /// The pivot, which should be positive.
        pivot: f64,
        /// The ridge that was added.
        ridge: f64,
    },
    /// A matrix that has no inverse.
    #[error(
        "the matrix is singular (condition number {condition_number:.1e}); start from an \
         invertible one, such as a rotation"
    )]
    SingularMatrix {
        /// The largest singular value over the smallest.
        condition_number: f64,
    },
    /// A value outside the levels of discrete data.
    #[error(
        "row {row}, feature {feature} is {}; discrete data must be whole numbers in \
         0..={largest} ({levels} levels): {}",
        shortest(*.value),
        way_to_levels(*.value, *.largest)
    )]
    NotALevel {
        /// Row of the data.
        row: usize,
        /// Feature (column) of the data.
        feature: usize,
        /// The value.
        value: f64,
        /// The largest level.
        largest: u32,
        /// How many levels there are.
        levels: u32,
    },
    /// A label outside the classes.
    #[error(
        "row {row} has label {label}; labels are 0..{classes}, one for each of {classes} classes"
    )]
    NotALabel {
        /// Row of the labels.
        row: usize,
        /// The label.
        label: i64,
        /// How many classes there are.
        classes: usize,
    },
    /// A code outside the levels of a categorical variable.
    #[error(
        "row {row}, variable {variable} has code {code}; codes are 0..{levels}, one for each of {levels} levels: \
         count a level for values that the training data do not have"
    )]
    NotACode {
        /// Row of the data.
        row: usize,
        /// Variable (column) of the data.
        variable: usize,
        /// The code.
        code: i64,
        /// How many levels the variable has.
        levels: usize,
    },
    /// A weight of a row that is negative or not finite.
    #[error("row {row} has weight {weight}; weights are finite numbers from 0 on")]
    NotAWeight {
        /// Row of the data.
        row: usize,
        /// The weight.
        weight: f64,
    },
    /// Weights that are all 0.
    #[error("all {rows} weights of rows are 0; give one of them a weight above 0")]
    NoWeight {
        /// The number of rows.
        rows: usize,
    },
    /// An attribute of all latents, or of none.
    #[error(
        "{} of {rows} latents has the attribute; its direction needs some that have it and some \
         that have not",
        if *.has { "every one" } else { "none" }
    )]
    OneSided {
        /// How many latents there are.
        rows: usize,
        /// Whether all have it, or none.
        has: bool,
    },
    /// A device whose f64 arithmetic is wrong.
    #[error(
        "{device} computes exp, ln or tanh in f64 with an error of {error:.1e}; use f32 there, or \
         a CPU device for f64"
    )]
    UnsoundF64 {
        /// The device.
        device: String,
        /// The largest relative error seen.
        error: f64,
    },
    /// A dtype that is not a float.
    #[error(
        "a model cannot be cast to {dtype:?}, which is no floating-point type; use F64, F32, F16 or \
         BF16"
    )]
    NotAFloat {
        /// The dtype.
        dtype: DType,
    },
    /// A dtype that a device has no arithmetic for.
    #[error("{device} does not compute in {dtype:?}; use F32 there, or another device")]
    UnsupportedDType {
        /// The device.
        device: String,
        /// The dtype.
        dtype: DType,
    },
    /// Rows of different lengths.
    #[error("row {row} has {found} numbers, the first row has {expected}; rows have one length")]
    Ragged {
        /// The row.
        row: usize,
        /// Numbers in it.
        found: usize,
        /// Numbers in the first row.
        expected: usize,
    },
    /// Settings that an integration of a [`Continuous`](crate::Continuous) flow cannot have.
    #[error("{problem}")]
    IntegrationSetting {
        /// The problem and the way out.
        problem: String,
    },
    /// A [`Continuous`](crate::Continuous) flow that was not integrated to its end: its field is stiff or explodes.
    #[error(
        "the flow was integrated from time {} to {time} and not to {}: with a step of {step:.1e}, after {evaluations} evaluations of the field, {problem}",
        .ends[0],
        .ends[1]
    )]
    Integration {
        /// The time of the last good state.
        time: f64,
        /// The size of the step from there.
        step: f64,
        /// The start and the end.
        ends: [f64; 2],
        /// Evaluations of the field.
        evaluations: usize,
        /// What stopped it.
        problem: IntegrationFailure,
    },
    /// Numbers that a device did not return.
    #[error("the device did not return its numbers: {reason}")]
    Unreadable {
        /// The message of the device.
        reason: String,
    },
}

/// What stopped an integration.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Continuous, FlowError, IntegrationFailure, Noise, TimeMlpConfig};
///
/// let device = Device::default();
/// let field = TimeMlpConfig::new(2, vec![8]).init(&mut Noise::seeded(0), &device);
/// let x = Tensor::<2>::full([1, 2], f32::NAN, &device);
/// let error = Continuous::new(field).try_forward(x, &()).unwrap_err();
/// assert!(error.to_string().contains("not finite"));
/// let FlowError::Integration { problem, .. } = error else { panic!() };
/// assert_eq!(problem, IntegrationFailure::NotFinite);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IntegrationFailure {
    /// It takes more evaluations than its bound.
    #[error(
        "it would take more than the bound of {bound}; raise the tolerance or the bound, take fixed steps, or \
         train the field with regularization"
    )]
    MostEvaluations {
        /// The bound.
        bound: usize,
    },
    /// A state that is not finite.
    #[error(
        "the state or its error is not finite; look for such numbers in the data, the condition and the \
         parameters, take more steps, or train the field with a smaller rate"
    )]
    NotFinite,
    /// A step that hardly changes the time.
    #[error(
        "the smallest step still errs by more than the tolerance; raise it, or look for jumps in the field"
    )]
    StepTooSmall,
}

impl FlowError {
    /// The same error with its row number increased by `rows`: a row of a batch becomes a row of the
    /// data.
    ///
    /// ```
    /// use thalweg_flow::FlowError;
    ///
    /// // Row 3 of the batch that begins at row 128 of the data.
    /// let error = FlowError::TooFewRows { what: "ActNorm", rows: 1, needed: 2 };
    /// assert_eq!(error.clone().after_rows(128).to_string(), error.to_string());
    /// let error = FlowError::NotFinite { row: 3, feature: 0, value: f64::NAN }.after_rows(128);
    /// assert!(error.to_string().starts_with("row 131, feature 0 is NaN"));
    /// ```
    pub fn after_rows(mut self, rows: usize) -> Self {
        match &mut self {
            Self::NotFinite { row, .. }
            | Self::NotALevel { row, .. }
            | Self::NotALabel { row, .. }
            | Self::NotACode { row, .. }
            | Self::NotAWeight { row, .. }
            | Self::Ragged { row, .. } => *row += rows,
            _ => {}
        }
        self
    }
}

impl From<ExecutionError> for FlowError {
    fn from(error: ExecutionError) -> Self {
        TensorReadError::from(error).into()
    }
}

impl From<TensorReadError> for FlowError {
    fn from(error: TensorReadError) -> Self {
        Self::Unreadable {
            reason: error.to_string(),
        }
    }
}
