//! The flows of the papers: configuration, model, one-file save and load.
//!
//! | model | paper | blog |
//! |---|---|---|
//! | [`Nice`] | [`NiceConfig::paper`] | [`NiceConfig::blog`] |
//!
//! Each is a named struct whose `forward` reads like its paper; `init` makes it, `save` and `load`
//! keep it in one file with its configuration and preprocessing.
#![recursion_limit = "256"]

pub mod config;
pub mod file;
pub mod nice;

pub use config::ConfigError;
pub use file::ModelFileError;
pub use nice::{Nice, NiceConfig, NiceStyle};
