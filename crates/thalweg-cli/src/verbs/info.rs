//! `thalweg info`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use thalweg::data::ColumnType;
use thalweg::models::file;
use thalweg::tabular::{FittedDensity, Known, Role};

use crate::command::DeviceArgs;
use crate::console::Console;
use crate::failure::Failure;

/// Say what a model file holds, or without one what this program can do
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// The model
    model: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceArgs,
}
