//! The callbacks that come with the crate.

mod best_checkpoint;
mod csv_log;
mod early_stopping;
mod json_lines;
mod log_file;
mod progress_bar;
mod recover;
mod reduce_on_plateau;

pub use best_checkpoint::BestCheckpoint;
pub use csv_log::CsvLog;
pub use early_stopping::EarlyStopping;
pub use json_lines::JsonLines;
pub use progress_bar::ProgressBar;
pub use recover::Recover;
pub use reduce_on_plateau::ReduceOnPlateau;
