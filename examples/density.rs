//! The density of a table in four lines: hourly weather, its held-out figures, and rows drawn from it.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::Table;
use thalweg::tabular::Density;
use thalweg_examples::{Common, hold_out, run};

/// A density of the embedded weather, or of all columns of a table (`--data FILE`, CSV).
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
}

fn density(Options { common }: &Options) -> Result<(), Box<dyn Error>> {
    let example = common.start("density")?;
    let measured = ["temp", "dewp", "humid", "wind_speed", "pressure", "visib"];
    let (table, density) = match &common.data {
        None => (Table::embedded("weather")?, Density::of(measured)),
        Some(file) => (Table::read(file)?, Density::of_all()),
    };
    let [train, held_out] = hold_out(&table, 10);
    let density = example.density(density);
    println!("{}", density.describe(&train)?);

    let model = density.fit(&train)?;
    println!("{}\n", model.summary());
    model.save(example.file("density.safetensors"))?;

    // One value or one error a row: a row that lacks a value does not stop the others.
    for (row, nats) in model.log_prob(&held_out)?.iter().enumerate().take(3) {
        match nats {
            Ok(nats) => println!("held-out row {}: {nats:.2} nats", row + 1),
            Err(problem) => println!("held-out row {}: {problem}", row + 1),
        }
    }
    let drawn = model.sample(1000, common.seed)?;
    drawn.write(example.file("drawn.csv"))?;
    let first = drawn.select(&[0, 1, 2, 3, 4]);
    println!("\nfive rows drawn from the density:\n{first}\n");

    let report = model.report(&held_out)?;
    println!("{report}\n");
    report.save(example.file("report.png"))?;
    report.save(example.file("report.json"))?;
    example.set("nats", report.nats);
    example.set("gaussian_nats", report.gaussian);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| density(&Options::parse()))
}
