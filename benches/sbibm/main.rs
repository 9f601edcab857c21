//! Posteriors of the eight tasks of the benchmark of Lueckmann and others (2021), whose samples `c2st.py` compares with the
//! reference: `sbibm FOLDER SAMPLES [--simulations 10000] [--tasks a,b] [--observations 1,2,3,4] [--fresh 300]`.
//!
//! It trains once for each task, as the estimator is amortized, and writes `TASK.N.obsK.csv`.

mod calibration;
mod lotka_volterra;
mod sir;
mod tasks;

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Parser;
use thalweg::sbi::{Npe, Samples, SbiError};

/// Posteriors of the tasks.
#[derive(Parser)]
struct Options {
    /// The folder of the benchmark, with `TASK/obsK/observation.csv`.
    folder: PathBuf,
    /// Where the samples go.
    samples: PathBuf,
    /// Simulations of the training.
    #[arg(long, default_value_t = 10_000)]
    simulations: usize,
    /// These tasks only.
    #[arg(long, value_delimiter = ',')]
    tasks: Vec<String>,
    /// These observations only.
    #[arg(long, value_delimiter = ',', default_value = "1,2,3,4")]
    observations: Vec<usize>,
    /// The draws of each posterior.
    #[arg(long, default_value_t = 10_000)]
    draws: usize,
    /// Check the posteriors on this many fresh simulations.
    #[arg(long, default_value_t = 0)]
    fresh: usize,
    /// Determines simulations and trainings.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// The numbers of the only row of a file.
fn row(path: &Path) -> Result<Vec<f64>, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let line = text.lines().nth(1).ok_or("a file without a row")?;
    Ok(line.split(',').map(str::parse).collect::<Result<_, _>>()?)
}

fn write(samples: &Samples, path: &Path) -> Result<(), Box<dyn Error>> {
    let names: Vec<String> = (1..=samples.dims()).map(|k| format!("theta{k}")).collect();
    let mut text = names.join(",") + "\n";
    for row in samples.rows() {
        let row: Vec<String> = row.iter().map(f64::to_string).collect();
        writeln!(text, "{}", row.join(","))?;
    }
    Ok(fs::write(path, text)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    fs::create_dir_all(&options.samples)?;
    for task in tasks::tasks(&options.folder)? {
        if !options.tasks.is_empty() && !options.tasks.iter().any(|name| name == task.name) {
            continue;
        }
        let start = Instant::now();
        let simulate = task.simulate.seed(options.seed);
        let simulations = simulate.run(options.simulations)?;
        let simulated = start.elapsed();
        let posterior = Npe::new(simulate.prior())
            .seed(options.seed)
            .fit(&simulations)?;
        let trained = start.elapsed() - simulated;
        let mut drawn = Duration::ZERO;
        for observation in &options.observations {
            let folder = options
                .folder
                .join(task.name)
                .join(format!("obs{observation}"));
            let x = row(&folder.join("observation.csv"))?;
            let before = Instant::now();
            let samples = posterior.sample(&x, options.draws, 1)?;
            // The first draws compile the densities; a new observation does not.
            drawn = before.elapsed();
            let name = format!("{}.{}.obs{observation}.csv", task.name, options.simulations);
            write(&samples, &options.samples.join(name))?;
            if let Some(exact) = task.exact {
                calibration::print_errors(&posterior, &x, exact)?;
            }
        }
        let summary = posterior.summary();
        println!(
            "{:<24} {} simulations in {:.1} s, trained in {:.1} s, {} draws in {:.3} s, held out {:.3?} nats",
            task.name,
            simulations.len(),
            simulated.as_secs_f64(),
            trained.as_secs_f64(),
            options.draws,
            drawn.as_secs_f64(),
            summary.held_out,
        );
        for outcome in &summary.outcomes {
            println!("    {outcome}");
        }
        if options.fresh > 0 {
            let fresh = simulate.seed(options.seed + 1).run(options.fresh)?;
            calibration::print(&posterior, &fresh, options.seed)?;
        }
    }
    Ok::<(), Box<dyn Error>>(())
}

/// An error of a task's own definition.
type Built<T> = Result<T, SbiError>;
