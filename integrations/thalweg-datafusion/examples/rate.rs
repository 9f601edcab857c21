//! Rows a second in SQL and by the command, of the same Parquet file, both into a Parquet file on two cores.
//!
//! `cargo build --release --examples && target/release/examples/rate --rows 1000000 --runs 5`

use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use clap::Parser;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use thalweg::data::{Column, Table, TableWriter};
use thalweg::tabular::{Density, Family, Network};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Options {
    /// The rows of the file
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// Runs of each, in turn
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Partitions in SQL
    #[arg(long, default_value_t = 2)]
    partitions: usize,
}

const COLUMNS: usize = 10;

/// Correlated numbers, one of them skewed and one of them positive.
fn table(rows: std::ops::Range<usize>) -> Result<Table, Box<dyn Error>> {
    let normal = |row: usize, column: usize| {
        let mut x = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (column as u64) << 40;
        let mut uniform = || {
            x = (x ^ x >> 29)
                .wrapping_mul(0xbf58_476d_1ce4_e5b9)
                .wrapping_add(1);
            (x >> 11) as f64 / (1_u64 << 53) as f64
        };
        (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
    };
    let column = |column: usize| {
        let value = |row| {
            let noise = (0..COLUMNS).map(|k| normal(column, 100 + k) * normal(row, k));
            let x: f64 = noise.sum();
            match column {
                3 => (x / 4.0).exp(),
                7 => x.abs(),
                _ => x,
            }
        };
        Column::numbers(&format!("x{column}"), rows.clone().map(value).collect())
    };
    let mut columns = vec![Column::numbers(
        "id",
        rows.clone().map(|row| row as f64 + 1.0).collect(),
    )];
    columns.extend((0..COLUMNS).map(column));
    Ok(Table::new(columns)?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("rows.parquet");
    let mut writer = TableWriter::create(&file)?;
    for first in (0..options.rows).step_by(1 << 16) {
        writer.append(&table(first..options.rows.min(first + (1 << 16)))?)?;
    }
    writer.finish()?;
    let bytes = std::fs::metadata(&file)?.len();
    println!(
        "{} rows of {COLUMNS} columns, {:.1} MB of Parquet",
        options.rows,
        bytes as f64 / 1e6
    );
    let train = table(1_000_000_000..1_000_020_000)?;
    for (name, family, layers) in [("affine", Family::Affine, 4), ("spline", Family::Spline, 5)] {
        let model = folder.path().join(name);
        let network = Network::new(family)
            .with_layers(layers)
            .with_hidden(&[64, 64]);
        let density = Density::of_all()
            .without(["id"])
            .network(network)
            .members(1)
            .steps(500);
        density.fit(&train)?.save(&model)?;
        for p_value in [false, true] {
            let (mut best, mut ratios) = ([f64::INFINITY; 2], vec![]);
            for _ in 0..options.runs {
                let by_command = command(&model, &file, p_value)?;
                let in_sql = sql(&model, &file, p_value, options.partitions).await?;
                best = [best[0].min(by_command), best[1].min(in_sql)];
                ratios.push(by_command / in_sql);
            }
            ratios.sort_by(f64::total_cmp);
            let [by_command, in_sql] = best.map(|seconds| options.rows as f64 / seconds);
            println!(
                "{name}, {}: command {by_command:.0} rows/s, SQL {in_sql:.0} rows/s ({:.1} MB/s of the file); ratio of each run \
                 {:.2} to {:.2}, median {:.2}",
                if p_value { "nats and p-values" } else { "nats" },
                bytes as f64 / 1e6 / best[1],
                ratios[0],
                ratios[ratios.len() - 1],
                ratios[ratios.len() / 2],
            );
        }
    }
    Ok(())
}

/// Seconds of the command, from the start of its process to its end.
fn command(model: &Path, file: &Path, p_value: bool) -> Result<f64, Box<dyn Error>> {
    let binary = std::env::current_exe()?.with_file_name("thalweg");
    let out = file.with_file_name("command.parquet");
    let only = if p_value { "nats,p-value" } else { "nats" };
    let start = Instant::now();
    let mut command = Command::new(binary);
    command
        .arg("score")
        .args([model, file])
        .args(["--only", only, "--force", "-q", "-o"])
        .arg(out);
    let status = command.status()?;
    assert!(status.success(), "the command failed");
    Ok(start.elapsed().as_secs_f64())
}

/// Seconds in SQL, from an empty session to the end of the file.
async fn sql(
    model: &Path,
    file: &Path,
    p_value: bool,
    partitions: usize,
) -> Result<f64, Box<dyn Error>> {
    let out = file.with_file_name("sql.parquet");
    let start = Instant::now();
    let config = SessionConfig::new().with_target_partitions(partitions);
    let session = SessionContext::new_with_config(config);
    thalweg_datafusion::register(&session)?;
    let path = file.to_str().ok_or("a path that is no text")?;
    session
        .register_parquet("t", path, ParquetReadOptions::default())
        .await?;
    let columns: Vec<String> = (0..COLUMNS).map(|column| format!("x{column}")).collect();
    let args = |row: &str| format!("('{}', {row}{})", model.display(), columns.join(", "));
    let mut scores = format!("id, log_density{} AS nats", args(""));
    if p_value {
        let p_value = args("CAST(id AS BIGINT), ");
        scores += &format!(", anomaly_p_value{p_value} AS p_value");
    }
    let sql = format!(
        "COPY (SELECT {scores} FROM t) TO '{}' STORED AS PARQUET",
        out.display()
    );
    session.sql(&sql).await?.collect().await?;
    Ok(start.elapsed().as_secs_f64())
}
