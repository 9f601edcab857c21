//! Scores of the splits of `evaluate.py --write-splits`, by one density with its defaults:
//! `adbench SPLITS SCORES [--sets a,b] [--seeds 0,1,2]`.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use thalweg::data::Table;
use thalweg::metrics::ks_one_sample_uniform;
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
    /// Steps of each training, in place of the default. The scores of these tables do not depend on it.
    #[arg(long)]
    steps: Option<usize>,
    /// These seeds only.
    #[arg(long, value_delimiter = ',', default_value = "0,1,2")]
    seeds: Vec<u64>,
}

/// Whether each test row is an anomaly.
fn labels(path: &Path) -> Result<Vec<bool>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    Ok(text
        .lines()
        .skip(1)
        .map(|line| line.starts_with('1'))
        .collect())
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
            let (train, test) = (Table::read(file("train"))?, Table::read(file("test"))?);
            let mut density = Density::of_all().seed(*seed);
            if let Some(steps) = options.steps {
                density = density.steps(steps);
            }
            let model = density.fit(&train)?;
            let fitted = start.elapsed().as_secs_f64();
            let labels = labels(&options.splits.join(format!("labels/{name}.seed{seed}.csv")))?;
            let (mut text, mut normal) = ("score\n".to_owned(), Vec::new());
            for (anomaly, is_anomaly) in model.anomaly(&test)?.into_iter().zip(labels) {
                let anomaly = anomaly?;
                writeln!(text, "{}", anomaly.score)?;
                if !is_anomaly {
                    normal.push(anomaly.p_value);
                }
            }
            fs::write(options.scores.join(format!("{name}.seed{seed}.csv")), text)?;
            let whole = start.elapsed().as_secs_f64();
            let ks = ks_one_sample_uniform(&normal)?;
            println!(
                "{name} {seed}: {fitted:.1} s to fit, {whole:.1} s in all; p-values of {} normal rows: distance {:.3}, \
                 p {:.3}; {}",
                normal.len(),
                ks.statistic,
                ks.p_value,
                model.summary()
            );
        }
    }
    Ok(())
}
