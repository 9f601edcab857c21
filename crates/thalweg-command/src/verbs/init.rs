//! `thalweg init`.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Failure;
use crate::outputs::{ForceArgs, Output};
use crate::verbs::fit::FitOptions;

/// Write a file with all options of `thalweg fit`, commented out
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The file
    #[arg(default_value = "thalweg.toml")]
    file: PathBuf,
    #[command(flatten)]
    force: ForceArgs,
}

const HEAD: &str = "\
# Options of `thalweg fit --config FILE`. The command line comes first. Take off a `#` to set an option.
";

impl Init {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        self.force.allow([&self.file], Output::Options)?;
        let written = thalweg_file::write(&self.file, text().as_bytes());
        written.map_err(|problem| Failure::Io {
            path: self.file.clone(),
            problem,
        })
    }
}

/// All options with their help, from the command line's own description.
fn text() -> String {
    let command = FitOptions::augment_args(clap::Command::new("fit"));
    let mut text = HEAD.to_owned();
    let of = |heading: Option<&str>| {
        let options = command.get_arguments();
        options
            .filter(|option| option.get_help_heading() == heading)
            .collect::<Vec<_>>()
    };
    for (options, table) in [
        (of(None), ""),
        (of(Some("Images")), "\n# Of images.\n# [images]\n"),
        (
            of(Some("CSV")),
            "\n# How to read CSV, where the file does not show it.\n# [csv]\n",
        ),
    ] {
        text += table;
        for option in options {
            let (id, help) = (
                option.get_id().as_str(),
                option.get_help().map(ToString::to_string),
            );
            text += &format!(
                "\n# {}\n# {} = {}\n",
                help.unwrap_or_default(),
                id.replace('_', "-"),
                example(id)
            );
        }
    }
    text
}

/// A value of an option, to show how it is written.
fn example(id: &str) -> &'static str {
    match id {
        "data" => "\"sales.csv\"",
        "output" => "\"sales.safetensors\"",
        "target" => "[\"price\", \"qty\"]",
        "given" => "[\"store\", \"weekday\"]",
        "without" => "[\"id\"]",
        "weights" => "\"weight\"",
        "kind" => "[\"price=above:0\", \"qty=rounded:1\"]",
        "missing" => "\"skip\"",
        "minutes" => "3.0",
        "steps" => "2000",
        "members" => "5",
        "flow" => "\"spline\"",
        "layers" => "6",
        "hidden" => "[64, 64]",
        "model" => "\"glow\"",
        "side" => "32",
        "levels" => "256",
        "depth" => "8",
        "epochs" => "30",
        "seed" => "1",
        "delimiter" => "\";\"",
        "decimal" => "\",\"",
        "thousands" => "\".\"",
        "header" => "false",
        "missing_words" => "[\"-999\"]",
        _ => "true",
    }
}
