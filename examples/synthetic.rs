//! Draws penguins with their species, and says how well they pass for real ones, in a minute.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Table, penguins};
use thalweg::tabular::{Density, quality};
use thalweg_examples::{Common, hold_out, run};

/// Synthetic rows of a table: a density of all its columns, draws from it, and how alike real and drawn rows are.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Synthetic rows to draw.
    #[arg(long, default_value_t = 1000)]
    rows: usize,
}

fn synthetic(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("synthetic")?;
    // Each fifth row is held out: it says how alike new real rows are.
    let [train, held_out] = hold_out(&Table::from(&penguins()), 5);
    let model = example.density(Density::of_all()).fit(&train)?;
    println!("{model}\n");
    model.save(example.file("penguins.safetensors"))?;

    let report = model.report(&held_out)?;
    println!("{report}\n");
    report.save(example.file("report.png"))?;

    let drawn = model.sample(options.rows, common.seed)?;
    let quality = quality(&train, &drawn, Some(&held_out), common.seed)?;
    println!("{quality}\n");
    quality.save(example.file("quality.png"))?;
    quality.save(example.file("quality.json"))?;

    example.set("nats", report.nats);
    example.set("gaussian_nats", report.gaussian);
    example.set("quality", quality.score);
    example.set("held_out_quality", quality.held_out_score);
    example.set("auc", quality.auc);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| synthetic(&Options::parse()))
}
