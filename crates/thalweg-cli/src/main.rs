//! The command `thalweg`: fits densities to tables and to images, and scores, samples and describes by them.
//!
//! What it does it does through the library `thalweg`.

mod command;
mod console;
mod data;
mod failure;
mod images;
mod kinds;
mod model;
mod pictures;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use crate::command::Command;
use crate::console::Console;

/// Chunks of rows are freed and taken back all the time; this allocator keeps their memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Command { common, verb } = Command::parse();
    let console = Console::new(&common);
    match verb.run(&console) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.fail(&failure);
            failure.code()
        }
    }
}
