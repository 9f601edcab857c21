//! Rows a second that a density of ten columns scores, from a CSV and from a Parquet file, and the memory that it takes:
//! `stream [--rows 10000000] [--folder out]`.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use thalweg::data::{Column, CsvOptions, Place, Table, TableReader, TableWriter};
use thalweg::prelude::*;
use thalweg::tabular::{Density, FittedDensity};

/// Streams scores of files.
#[derive(Parser)]
struct Options {
    /// Rows of each file.
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// The folder of the files.
    #[arg(long, default_value = "out")]
    folder: PathBuf,
    /// Reads the files, and scores nothing.
    #[arg(long)]
    read_only: bool,
}

const COLUMNS: usize = 10;
const CHUNK: usize = 100_000;

/// Rows of ten columns, each a bent sum of the ones before it.
fn rows(n: usize, noise: &mut Noise) -> Result<Table, Box<dyn Error>> {
    let z = noise.normal::<2>(
        [n, COLUMNS],
        &Device::default(),
        thalweg::burn::tensor::DType::F32,
    );
    let z: Vec<f32> = z.into_data().iter().collect();
    let mut columns = vec![Vec::with_capacity(n); COLUMNS];
    for z in z.chunks_exact(COLUMNS) {
        let mut before = 0.0;
        for (column, z) in columns.iter_mut().zip(z) {
            let x = f64::from(*z) + f64::sin(before);
            column.push(x);
            before = x;
        }
    }
    let named = columns.into_iter().enumerate();
    Ok(Table::new(
        named
            .map(|(k, x)| Column::numbers(&format!("x{k}"), x))
            .collect(),
    )?)
}

/// The largest resident memory of this process so far, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1e3
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    std::fs::create_dir_all(&options.folder)?;
    let noise = &mut Noise::seeded(0);
    let model = Density::of_all().steps(500).fit(&rows(20_000, noise)?)?;
    println!("{}", model.summary());
    for name in ["rows.csv", "rows.parquet"] {
        let file = options.folder.join(name);
        let mut writer = TableWriter::create(&file)?;
        for first in (0..options.rows).step_by(CHUNK) {
            writer.append(&rows(CHUNK.min(options.rows - first), noise)?)?;
        }
        writer.finish()?;
        println!(
            "{name}: {:.0} MB to read; {:.0} MB at most so far",
            file.metadata()?.len() as f64 / 1e6,
            peak()
        );
        let start = Instant::now();
        let read: usize = TableReader::open(&file, &CsvOptions::new())?
            .map(|chunk| chunk.map(|chunk| chunk.table.rows()))
            .sum::<Result<usize, _>>()?;
        println!(
            "  read alone: {:.0} rows/s",
            read as f64 / start.elapsed().as_secs_f64()
        );
        if options.read_only {
            continue;
        }
        time(&model, &file, "log_prob", |model, table, _| {
            model.log_prob(table)
        })?;
        time(&model, &file, "anomaly", |model, table, places| {
            let scores = model.anomaly_at(table, places)?.into_iter();
            Ok(scores.map(|score| Ok(score?.score)).collect())
        })?;
        std::fs::remove_file(&file)?;
    }
    Ok(())
}

/// Prints the rows a second of a score, and the largest memory.
fn time(
    model: &FittedDensity,
    file: &std::path::Path,
    name: &str,
    score: impl Fn(
        &FittedDensity,
        &Table,
        &[Place],
    ) -> Result<
        Vec<Result<f64, thalweg::tabular::RowError>>,
        thalweg::tabular::DensityError,
    >,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let (mut count, mut sum) = (0_u64, 0.0);
    let reader = TableReader::open(file, &model.csv_options())?;
    for rows in model.stream(reader, score) {
        for (place, nats) in rows? {
            count += 1;
            assert_eq!(place.row, count, "rows come in order");
            sum += nats?;
        }
    }
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!(
        "  {name}: {rate:.0} rows/s, mean {:.4}; {:.0} MB at most so far",
        sum / count as f64,
        peak()
    );
    Ok(())
}
