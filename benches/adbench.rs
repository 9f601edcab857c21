//! Scores of the splits of `evaluate.py --write-splits`, by one density with its defaults:
//! `adbench SPLITS SCORES [--sets a,b] [--seeds 0,1,2]`.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use thalweg::data::{Columns, NumericTable, Table};
use thalweg::tabular::Density;

/// Anomaly scores of ADBench.
#[derive(Parser)]
struct Options {
    /// The folder with `NAME.seedS.train.csv` and `NAME.seedS.test.csv`.
    splits: PathBuf,
    /// The folder for `NAME.seedS.csv`.
    scores: PathBuf,
    /// These sets only.
    #[arg(long, value_delimiter = ',')]
    sets: Vec<String>,
    /// These seeds only.
    #[arg(long, value_delimiter = ',', default_value = "0,1,2")]
    seeds: Vec<u64>,
}

fn table(path: &Path) -> Result<Table, Box<dyn Error>> {
    Ok((&NumericTable::from_csv(path, &Columns::all())?).into())
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    fs::create_dir_all(&options.scores)?;
    let mut names: Vec<String> = fs::read_dir(&options.splits)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_suffix(".seed0.train.csv")?.to_owned()))
        .filter(|name| options.sets.is_empty() || options.sets.contains(name))
        .collect();
    names.sort_by_key(|name| name.to_lowercase());
    for name in names {
        for seed in &options.seeds {
            let file = |part: &str| options.splits.join(format!("{name}.seed{seed}.{part}.csv"));
            let start = Instant::now();
            let (train, test) = (table(&file("train"))?, table(&file("test"))?);
            let model = Density::of_all().seed(*seed).fit(&train)?;
            let fitted = start.elapsed().as_secs_f64();
            let mut text = "score,local,p\n".to_owned();
            for score in model.anomaly(&test)? {
                let score = score?;
                writeln!(text, "{},{},{}", score.score, score.score, score.p_value)?;
            }
            fs::write(options.scores.join(format!("{name}.seed{seed}.csv")), text)?;
            let whole = start.elapsed().as_secs_f64();
            println!(
                "{name} {seed}: {fitted:.1} s to fit, {whole:.1} s in all; {}",
                model.summary()
            );
        }
    }
    Ok(())
}
