//! The callbacks that come with the crate.

/// The state of a callback: these fields under these names.
macro_rules! remembers {
    ($($name:literal: $($field:ident).+),+ $(,)?) => {
        fn state(&self) -> thalweg_optim::State {
            let mut state = thalweg_optim::State::default();
            $(thalweg_optim::Remember::save(&self.$($field).+, $name, &mut state);)+
            state
        }

        fn restore(
            &mut self,
            state: &thalweg_optim::State,
            device: &burn::tensor::Device,
        ) -> Result<(), thalweg_optim::StateError> {
            let restored = ($(thalweg_optim::Remember::restore($name, state, device)?,)+);
            ($(self.$($field).+,)+) = restored;
            Ok(())
        }
    };
}

mod best_metric;
mod checkpoint;
#[cfg(feature = "csv")]
mod csv_log;
#[cfg(feature = "ctrl-c")]
mod ctrl_c;
mod draw_samples;
mod early_stopping;
#[cfg(feature = "json")]
mod json_lines;
#[cfg(any(feature = "csv", feature = "json", feature = "tensorboard"))]
#[cfg_attr(not(any(feature = "csv", feature = "json")), allow(dead_code))]
mod log_file;
mod plateau;
#[cfg(feature = "progress")]
mod progress_bar;
mod recover;
mod reduce_on_plateau;
#[cfg(feature = "tensorboard")]
mod tensor_board;
mod watch;

pub use best_metric::BestMetric;
pub use checkpoint::{BestCheckpoint, LastCheckpoint};
#[cfg(feature = "csv")]
pub use csv_log::CsvLog;
#[cfg(feature = "ctrl-c")]
pub use ctrl_c::CtrlC;
pub use draw_samples::DrawSamples;
pub use early_stopping::EarlyStopping;
#[cfg(feature = "json")]
pub use json_lines::JsonLines;
#[cfg(feature = "progress")]
pub use progress_bar::ProgressBar;
pub use recover::Recover;
pub use reduce_on_plateau::ReduceOnPlateau;
#[cfg(feature = "tensorboard")]
pub use tensor_board::TensorBoard;
pub use watch::Watch;

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
#[cfg(feature = "csv")]
pub fn records<M, F, E>(folder: impl AsRef<std::path::Path>, save: F) -> (CsvLog, BestCheckpoint<M>)
where
    F: FnMut(&M, &std::path::Path) -> Result<(), E> + Send + 'static,
    E: Into<thalweg_optim::BoxError>,
{
    let file = |name: &str| folder.as_ref().join(name);
    let best = BestCheckpoint::with(file("model.safetensors"), save);
    (CsvLog::new(file("log.csv")), best)
}
