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
