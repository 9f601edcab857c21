//! Shared by the examples: command line, report, tables, pictures.

mod arguments;
#[cfg(feature = "tabular")]
mod density;
mod motion;
mod picture;
mod plane;
mod report;
mod table;

pub use arguments::{Bound, Common, Comparison};
#[cfg(feature = "tabular")]
pub use density::{hold_out, ranks};
pub use motion::{around, integral, integrations, motion};
pub use picture::{
    beside, bits_curve, centres, class_map, density_map, first, loss_curve, numbers, points, tiles,
    walk_latents,
};
pub use plane::learn_plane;
pub use report::Example;
pub use table::{Measurements, paired};

use std::error::Error;
use std::process::ExitCode;

/// Keeps freed memory for the next training step. The system's allocator returns large blocks, and each
/// step pays page faults to get them back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs an example; an error becomes one line on standard error and exit code 1.
pub fn run(example: impl FnOnce() -> Result<(), Box<dyn Error>>) -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .without_time()
        .init();
    match example() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
