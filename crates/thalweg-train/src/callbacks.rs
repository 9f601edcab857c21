//! The callbacks that come with the crate.

mod best_metric;
mod checkpoint;
mod csv_log;
mod ctrl_c;
mod draw_samples;
mod early_stopping;
mod json_lines;
mod log_file;
mod plateau;
mod progress_bar;
mod recover;
mod reduce_on_plateau;
mod tensor_board;
mod watch;

pub use best_metric::BestMetric;
pub use checkpoint::{BestCheckpoint, LastCheckpoint};
pub use csv_log::CsvLog;
pub use ctrl_c::CtrlC;
pub use draw_samples::DrawSamples;
pub use early_stopping::EarlyStopping;
pub use json_lines::JsonLines;
pub use progress_bar::ProgressBar;
pub use recover::Recover;
pub use reduce_on_plateau::ReduceOnPlateau;
pub use tensor_board::TensorBoard;
pub use watch::Watch;

use std::path::Path;

use thalweg_optim::BoxError;

/// A row for each epoch in `log.csv`, and the best weights in `model.safetensors`, of a folder. `save`
/// writes the weights to the path that it is given.
///
/// ```
/// # use std::path::Path;
/// # struct Flow;
/// # impl Flow { fn save(&self, _: &Path) -> std::io::Result<()> { Ok(()) } }
/// let callbacks = thalweg_train::records("out", |flow: &Flow, path| flow.save(path));
/// # let _ = callbacks;
/// ```
pub fn records<M, F, E>(folder: impl AsRef<Path>, save: F) -> (CsvLog, BestCheckpoint<M>)
where
    F: FnMut(&M, &Path) -> Result<(), E> + Send + 'static,
    E: Into<BoxError>,
{
    let file = |name: &str| folder.as_ref().join(name);
    let best = BestCheckpoint::with(file("model.safetensors"), save);
    (CsvLog::new(file("log.csv")), best)
}
