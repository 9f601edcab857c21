#![doc = include_str!("../README.md")]

mod command;
mod console;
mod data;
mod failure;
mod images;
mod kinds;
mod model;
mod outputs;
mod pictures;
mod pipeline;
mod transform;
mod vectors;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use crate::command::Command;
use crate::console::Console;
pub use crate::verbs::fit::check_config;

/// Does what the command line of this process says, and gives its exit code.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// fn main() -> ExitCode {
///     thalweg_command::run() // reads the command line of this process
/// }
/// ```
///
/// A wrong command line ends the process with the code 2; `--help` and `--version` end it with 0.
pub fn run() -> ExitCode {
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
