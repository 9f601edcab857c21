//! What a command says, and where.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use crate::command::Common;
use crate::failure::Failure;

/// Results go to the standard output, and everything else to the standard error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    /// Results are one JSON object.
    pub(crate) json: bool,
    quiet: bool,
    verbose: bool,
}

impl Console {
    pub(crate) fn new(common: &Common) -> Self {
        Self {
            json: common.json,
            quiet: common.quiet,
            verbose: common.verbose,
        }
    }

    /// What is going on; `--quiet` leaves it out.
    pub(crate) fn note(&self, text: impl AsRef<str>) {
        if !self.quiet {
            // A closed standard error leaves nowhere to say so.
            writeln!(io::stderr(), "{}", text.as_ref().trim_end()).ok();
        }
    }

    /// What only `--verbose` shows.
    pub(crate) fn detail(&self, text: impl FnOnce() -> String) {
        if self.verbose {
            self.note(text());
        }
    }

    /// Whether to draw progress: on a terminal, or where `--verbose` asks for its lines.
    pub(crate) fn progress(&self) -> bool {
        !self.quiet && (self.verbose || io::stderr().is_terminal())
    }

    /// The result: the text, or with `--json` the object.
    pub(crate) fn result(
        &self,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> Value,
    ) -> Result<(), Failure> {
        let result = match self.json {
            true => json().to_string(),
            false => text(),
        };
        writeln!(io::stdout().lock(), "{}", result.trim_end())?;
        Ok(())
    }

    /// Says why a command ended early.
    pub(crate) fn fail(&self, failure: &Failure) {
        if !failure.is_broken_pipe() {
            writeln!(io::stderr(), "error: {failure}").ok();
        }
    }
}
