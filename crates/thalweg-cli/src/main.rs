//! The command `thalweg`.

use std::process::ExitCode;

/// Chunks of rows are freed and taken back all the time; this allocator keeps their memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    thalweg_command::run()
}
