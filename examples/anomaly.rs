//! Finds hours of weather in which one instrument went wrong, says how sure it is, and names the instrument.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Column, Table};
use thalweg::metrics::{average_precision, roc_auc, roc_curve};
use thalweg::plot::{CurveChart, Figure, Histogram, Page};
use thalweg::tabular::{Anomaly, Density, FittedDensity};
use thalweg_examples::{Common, column, hold_out, run};

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

/// A fault: what it is, the instrument that has it, and what that shows in place of the truth.
type Fault = (&'static str, &'static str, fn(f64) -> f64);

const FAULTS: [Fault; 4] = [
    ("a barometer that drifted by 25 mbar", "pressure", |x| {
        x + 25.0
    }),
    ("a wind speed in the wrong unit", "wind_speed", |x| {
        3.6 * x + 20.0
    }),
    ("a visibility that is stuck at 1 mile", "visib", |_| 1.0),
    ("a thermometer that shows 15 °F too much", "temp", |x| {
        x + 15.0
    }),
];

/// The rows after a fault.
fn faulty(rows: &Table, (_, name, fault): Fault) -> Result<Table, Box<dyn Error>> {
    let old = rows.require(name)?;
    let values = column(rows, name)?.iter().map(|x| fault(*x)).collect();
    let new = Column::numbers(name, values).with_width(old.width());
    Ok(rows.clone().with_column(new)?)
}

fn scores(model: &FittedDensity, rows: &Table) -> Result<Vec<Anomaly>, Box<dyn Error>> {
    let scores: Result<_, _> = model.anomaly(rows)?.into_iter().collect();
    Ok(scores?)
}

/// The share of scores above a threshold.
fn above(scores: &[Anomaly], threshold: f64) -> f64 {
    let alarms = scores.iter().filter(|one| one.score > threshold);
    alarms.count() as f64 / scores.len() as f64
}

fn anomaly(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("anomaly")?;
    let [train, normal] = hold_out(&Table::embedded("weather")?, 10);
    let model = example.density(Density::of(MEASURED)).fit(&train)?;
    println!("{}\n", model.summary());
    model.save(example.file("weather.safetensors"))?;

    let of_normal = scores(&model, &normal)?;
    let threshold = model.threshold(options.rate)?;
    let (rate, alarms) = (100.0 * options.rate, 100.0 * above(&of_normal, threshold));
    println!(
        "threshold for {rate} % of false alarms: {threshold:.2}; {alarms:.2} % of held-out hours are above"
    );

    // Each fault in hours of its own.
    let mut all: Vec<f64> = of_normal.iter().map(|one| one.score).collect();
    let mut curves = CurveChart::roc().title("faults among held-out hours");
    let mut histogram = Histogram::p_values().title("held-out hours");
    histogram = histogram.values("normal", of_normal.iter().map(|one| one.p_value));
    let mut planted_p = vec![];
    for (place, fault) in FAULTS.into_iter().enumerate() {
        let (name, instrument, _) = fault;
        let hours: Vec<usize> = (place..normal.rows()).step_by(20).collect();
        let planted = faulty(&normal.select(&hours), fault)?;
        let found = scores(&model, &planted)?;
        let (mut own, mut labels) = (all[..normal.rows()].to_vec(), vec![false; normal.rows()]);
        own.extend(found.iter().map(|one| one.score));
        labels.resize(own.len(), true);
        let auc = roc_auc(&own, &labels)?;
        let points = roc_curve(&own, &labels)?.into_iter();
        let points = points.map(|point| (point.false_alarm_rate, point.recall));
        curves = curves.series(format!("{instrument}, area {auc:.3}"), points);
        let recall = 100.0 * above(&found, threshold);
        println!("{name}: area {auc:.3}, {recall:.0} % raise an alarm");

        let reasons = model.explain(&planted, 0)?;
        let words = reasons
            .iter()
            .take(3)
            .map(|one| format!("{} {:.1}", one.column, one.nats));
        println!(
            "  the first of them by columns, in nats: {}",
            words.collect::<Vec<_>>().join(", ")
        );
        planted_p.extend(found.iter().map(|one| one.p_value));
        all.extend(&own[normal.rows()..]);
    }
    let labels: Vec<bool> = (0..all.len()).map(|row| row >= normal.rows()).collect();
    let (auc, precision) = (roc_auc(&all, &labels)?, average_precision(&all, &labels)?);
    println!("all faults together: area {auc:.3}, average precision {precision:.3}");

    let planted = Histogram::p_values()
        .title("hours with a fault")
        .values("faulty", planted_p);
    let page = Page::new("Faults of instruments in hourly weather");
    let page = page.row(420, [Figure::from(curves)]);
    page.row(320, [histogram, planted])
        .save(example.file("anomaly.png"))?;

    let nats: Result<Vec<f64>, _> = model.log_prob(&normal)?.into_iter().collect();
    example.set("nats", nats?.iter().sum::<f64>() / normal.rows() as f64);
    example.set("auc", auc);
    example.set("average_precision", precision);
    example.set("false_alarms", alarms / 100.0);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| anomaly(&Options::parse()))
}
