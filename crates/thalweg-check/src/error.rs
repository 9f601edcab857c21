//! Why there is no report.

use thalweg_flow::FlowError;
use thalweg_models::ModelFileError;
use thalweg_plot::PlotError;

/// Why there is no report.
///
/// ```
/// use thalweg_check::{CheckError, Options, check};
/// use thalweg_flow::{DiagonalScale, Flow, base::StandardNormal};
///
/// let flow = Flow::new(DiagonalScale::<2>::new(2, &Default::default()), StandardNormal::new(2));
/// let none: Vec<Vec<f64>> = vec![];
/// assert!(matches!(check(&flow, &none, &Options::default()), Err(CheckError::NoRows)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// There are no rows.
    #[error("a check takes at least 1 row of data, got 0; give rows that the model was trained on")]
    NoRows,
    /// A file without a flow.
    #[error("holds a '{kind}', which has no flow of vectors or images to check")]
    NoFlow {
        /// The kind of model.
        kind: String,
    },
    /// Rows of another width than the model's.
    #[error("a '{kind}' of {needed} numbers a row, conditions included, got rows of {found}")]
    Columns {
        /// The kind of model.
        kind: &'static str,
        /// Its numbers a row: features, then those of the condition.
        needed: usize,
        /// Those of the rows.
        found: usize,
    },
    /// A model with a condition, and no rows.
    #[error(
        "a '{kind}' is conditional on {needed} numbers, so nothing is drawn from it alone; give rows with conditions"
    )]
    NoConditions {
        /// The kind of model.
        kind: &'static str,
        /// The numbers of a condition.
        needed: usize,
    },
    /// A linear map without an inverse.
    #[error(
        "the matrix of {features} features of layer '{layer}' is singular, so the flow has no inverse and no density; go \
         back to an earlier model, or parametrize the map by `Plu`, which stays invertible"
    )]
    Singular {
        /// The path of the layer.
        layer: String,
        /// The features of the map.
        features: usize,
    },
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] ModelFileError),
    /// A row that the model does not take.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A file that cannot be written, or a picture that cannot be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
}
