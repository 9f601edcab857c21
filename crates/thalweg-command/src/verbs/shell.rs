//! What a shell and `man` know of the command.

use std::io;
use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::command::Command;
use crate::failure::Failure;

/// Write completions for a shell to the standard output
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Command::command(), "thalweg", &mut text);
        Ok(io::Write::write_all(&mut io::stdout(), &text)?)
    }
}

/// Write the manual pages into a folder, one for each verb
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let failed = |problem| Failure::Io {
            path: self.folder.clone(),
            problem,
        };
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        clap_mangen::generate_to(Command::command(), &self.folder).map_err(failed)
    }
}
