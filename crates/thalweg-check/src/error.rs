//! Why there is no report.

use thalweg_flow::FlowError;
use thalweg_plot::PlotError;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// There are no rows.
    #[error("a check takes at least 1 row of data, got 0; give rows that the model was trained on")]
    NoRows,
    /// A row that the model does not take.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A file that cannot be written, or a picture that cannot be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
}
