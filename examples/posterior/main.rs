//! The posterior of a simulator's parameters: Lotka and Volterra's prey and predators, from simulations to a calibrated
//! posterior beside reference samples.
//!
//! Observation and reference samples (every fifth of 10,000) are those of the benchmark of Lueckmann, Boelts, Greenberg,
//! Gonçalves and Macke, *Benchmarking simulation-based inference*, 2021; their licence is in `data/`.

// The simulator of the benchmark. It lies there, since a package holds what its programs are made of.
#[path = "../../benches/sbibm/lotka_volterra.rs"]
mod lotka_volterra;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use lotka_volterra::lotka_volterra;
use thalweg::plot::CornerPlot;
use thalweg::sbi::Npe;
use thalweg_examples::{Common, run};

/// The parameters, in the order of the simulator.
const NAMES: [&str; 4] = ["α", "β", "γ", "δ"];
/// Simulations that the posterior learns from.
const SIMULATIONS: usize = 10_000;
/// Simulations that it is checked on.
const FRESH: usize = 300;

/// The rows of a table of numbers with a header.
fn rows(table: &str) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
    let row = |line: &str| line.split(',').map(str::parse).collect::<Result<_, _>>();
    Ok(table.lines().skip(1).map(row).collect::<Result<_, _>>()?)
}

fn infer(common: &Common) -> Result<(), Box<dyn Error>> {
    let example = common.start("posterior")?;
    let x = rows(include_str!("data/observation.csv"))?.concat();
    let reference = rows(include_str!("data/reference.csv"))?;

    let simulate = lotka_volterra()?.seed(common.seed);
    let simulations = simulate.run(SIMULATIONS)?;
    println!(
        "{} simulations, {} without data",
        simulations.len(),
        simulations.failures().len()
    );

    let npe = Npe::new(simulate.prior()).seed(common.seed).progress(true);
    let npe = match common.steps {
        Some(steps) => npe.steps(steps).members(2),
        None => npe,
    };
    let posterior = npe.device(&example.device).fit(&simulations)?;
    posterior.save(example.file("posterior.safetensors"))?;

    let draws = posterior.sample(&x, reference.len(), common.seed)?;
    let mut corner = CornerPlot::new("reference", "flow");
    for (k, name) in NAMES.into_iter().enumerate() {
        let exact: Vec<f64> = reference.iter().map(|row| row[k]).collect();
        let mean = exact.iter().sum::<f64>() / exact.len() as f64;
        println!(
            "{name}: mean {:.4}, of the reference {mean:.4}",
            draws.mean()[k]
        );
        example.set(&format!("{name}_mean"), draws.mean()[k]);
        corner = corner.numbers(name, exact, draws.rows().map(|row| row[k]));
    }
    corner.save(example.file("corner.png"))?;

    let simulate = simulate.seed(common.seed + 1);
    let fresh = simulate.run(FRESH)?;
    let calibration = posterior.calibrate(&fresh, 999, common.seed)?;
    println!("{calibration}");
    calibration.page().save(example.file("calibration.png"))?;

    println!("{}", posterior.familiarity(&x)?);
    let predictive = posterior.predict(&simulate, &x, 1000, common.seed)?;
    println!("{predictive}");
    predictive.picture().save(example.file("predictive.png"))?;
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| infer(&Common::parse()))
}
