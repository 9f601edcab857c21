//! Finds hours of weather in which one instrument went wrong, says how sure it is, and names the instrument.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Column, Table};
use thalweg::metrics::{average_precision, roc_auc, roc_curve};
use thalweg::plot::{CurveChart, Histogram, Page};
use thalweg::tabular::{Anomaly, Density};
use thalweg_examples::{Common, hold_out, run};

/// Planted anomalies in the embedded weather.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// The share of normal hours that may raise an alarm.
    #[arg(long, default_value_t = 0.01)]
    rate: f64,
}

const MEASURED: [&str; 6] = ["temp", "dewp", "humid", "wind_speed", "pressure", "visib"];

/// A fault: the instrument that has it, what is wrong, and what it shows in place of the truth.
type Fault = (&'static str, &'static str, fn(f64) -> f64);

const FAULTS: [Fault; 4] = [
    ("pressure", "drifted by 25 mbar", |x| x + 25.0),
    ("wind_speed", "stuck at 35 mph", |_| 35.0),
    ("visib", "stuck at 1 mile", |_| 1.0),
    ("temp", "15 °F too high", |x| x + 15.0),
];

/// The rows after a fault.
fn faulty(rows: &Table, (name, _, fault): Fault) -> Result<Table, Box<dyn Error>> {
    let old = rows.require(name)?;
    let values = rows.numbers(name)?.iter().map(|x| fault(*x)).collect();
    let new = Column::numbers(name, values).with_width(old.width());
    Ok(rows.clone().with_column(new)?)
}

/// The share of scores above a threshold, in percent.
fn above(scores: &[f64], threshold: f64) -> f64 {
    let alarms = scores.iter().filter(|score| **score > threshold);
    100.0 * alarms.count() as f64 / scores.len() as f64
}

fn anomaly(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("anomaly")?;
    let [train, normal] = hold_out(&Table::embedded("weather")?, 10);
    let model = example.density(Density::of(MEASURED)).fit(&train)?;
    println!("{}\n", model.summary());
    model.save(example.file("weather.safetensors"))?;

    // Scores and p-values of rows.
    let scores = |rows: &Table| -> Result<(Vec<f64>, Vec<f64>), Box<dyn Error>> {
        let rows: Result<Vec<Anomaly>, _> = model.anomaly(rows)?.into_iter().collect();
        Ok(rows?.iter().map(|row| (row.score, row.p_value)).unzip())
    };
    let (of_normal, p_values) = scores(&normal)?;
    let normal_p = Histogram::p_values().values("sound hours", p_values);
    let threshold = model.threshold(options.rate)?;
    let (rate, alarms) = (100.0 * options.rate, above(&of_normal, threshold));
    println!("{alarms:.2} % of held-out hours raise an alarm, {rate} % were allowed");

    let (mut curves, mut faulty_p) = (CurveChart::roc(), vec![]);
    let mut all = of_normal.clone();
    const EXPLAINED: usize = 10; // hours of each fault
    for (place, fault) in FAULTS.into_iter().enumerate() {
        // Each fault in hours of its own.
        let hours: Vec<usize> = (place..normal.rows()).step_by(20).collect();
        let planted = faulty(&normal.select(&hours), fault)?;
        let (found, p_values) = scores(&planted)?;
        let both = [of_normal.as_slice(), &found].concat();
        let labels: Vec<bool> = (0..both.len()).map(|row| row >= normal.rows()).collect();
        let (auc, points) = (roc_auc(&both, &labels)?, roc_curve(&both, &labels)?);
        let points = points.iter().map(|at| (at.false_alarm_rate, at.recall));
        let ((column, wrong, _), recall) = (fault, above(&found, threshold));
        curves = curves.series(format!("{column}, {auc:.3}"), points);
        println!("{column} {wrong}: area {auc:.3}, {recall:.0} % raise an alarm");

        let mut first = 0;
        for row in 0..EXPLAINED.min(hours.len()) {
            let parts = model.explain(&planted, row)?;
            first += usize::from(parts[0].column == column);
            if row == 0 {
                let parts = parts.iter().take(3);
                let parts = parts.map(|part| format!("{} {:.1}", part.column, part.nats));
                println!(
                    "    one by column: {} nats",
                    parts.collect::<Vec<_>>().join(", ")
                );
            }
        }
        println!("    the column comes first in {first} of {EXPLAINED} hours");
        faulty_p.extend(p_values);
        all.extend(found);
    }
    let labels: Vec<bool> = (0..all.len()).map(|row| row >= normal.rows()).collect();
    let (auc, precision) = (roc_auc(&all, &labels)?, average_precision(&all, &labels)?);
    println!("all faults: area {auc:.3}, average precision {precision:.3}");

    let faulty_p = Histogram::p_values().values("faulty hours", faulty_p);
    let page = Page::new("Faults of instruments in hourly weather").row(420, [curves]);
    let page = page.row(320, [normal_p, faulty_p]);
    page.save(example.file("anomaly.png"))?;

    example.set("nats", model.report(&normal)?.nats);
    example.set("auc", auc);
    example.set("average_precision", precision);
    example.set("false_alarms", alarms / 100.0);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| anomaly(&Options::parse()))
}
