//! The weather of New York given hour and month: quantile bands of the temperature, how much the conditions tell of
//! held-out hours, and whether the bands are as wide as they should be.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::data::{Column, Table};
use thalweg::metrics::{PitHistogram, ks_one_sample_uniform};
use thalweg::plot::{Figure, Histogram, Page, QuantileBands};
use thalweg::tabular::{Density, FittedDensity, Kind};
use thalweg_examples::{Common, hold_out, paired, ranks, run};

/// A conditional density of the embedded weather.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Minutes to train each of the two densities for, in place of a number of steps.
    #[arg(long)]
    minutes: Option<f64>,
    /// Draws for each held-out row, among which its values are ranked.
    #[arg(long, default_value_t = 99)]
    draws: usize,
}

const MEASURED: [&str; 6] = ["temp", "dewp", "humid", "wind_speed", "pressure", "visib"];

/// Quantiles of the temperature over the hours of a month, by one call, and held-out temperatures.
fn bands(
    model: &FittedDensity,
    held_out: &Table,
    (month, name): (f64, &str),
    seed: u64,
) -> Result<Figure, Box<dyn Error>> {
    let hours: Vec<f64> = (0..24).map(f64::from).collect();
    let columns = [("hour", hours.clone()), ("month", vec![month; 24])];
    let columns = columns.map(|(name, values)| Column::numbers(name, values));
    let drawn = model.sample_given(&Table::new(columns.to_vec())?, 1000, seed)?;
    let quantiles = drawn.numbers("temp")?.chunks_exact(1000).map(|drawn| {
        let mut drawn = drawn.to_vec();
        drawn.sort_by(f64::total_cmp);
        [50, 250, 500, 750, 950].map(|place| drawn[place])
    });
    let [at, months, temp] = ["hour", "month", "temp"].map(|name| held_out.numbers(name));
    let rows = at?.iter().zip(months?).zip(temp?);
    let rows = rows.filter(|((_, own), _)| **own == month);
    let points = rows.map(|((hour, _), temp)| (*hour, *temp)).step_by(5);
    let chart = QuantileBands::new("hour", "temperature (°F)").title(name);
    Ok(chart
        .quantiles(hours.into_iter().zip(quantiles))
        .points(points)
        .into())
}

fn conditional_density(options: &Options) -> Result<(), Box<dyn Error>> {
    let (common, draws) = (&options.common, options.draws);
    let example = common.start("conditional_density")?;
    // Half of the rows are held out: chance alone then hardly moves ranks by 2 %.
    let [train, held_out] = hold_out(&Table::embedded("weather")?, 2);
    let fit = |density| {
        let density = example.density(density);
        match options.minutes {
            Some(minutes) => density.minutes(minutes).fit(&train),
            None => density.fit(&train),
        }
    };
    // Midnight follows 23 h, and January follows December.
    let given = Density::of(MEASURED).given(["hour", "month"]);
    let given = given.kind("hour", Kind::angle(24.0));
    let model = fit(given.kind("month", Kind::angle(12.0)))?;
    println!("{model}\n");
    model.save(example.file("weather.safetensors"))?;

    let mut nats = vec![];
    for model in [&model, &fit(Density::of(MEASURED))?] {
        let rows: Result<Vec<f64>, _> = model.log_prob(&held_out)?.into_iter().collect();
        nats.push(rows?);
    }
    let [mean, alone] = [0, 1].map(|k| nats[k].iter().sum::<f64>() / nats[k].len() as f64);
    let gain = paired(&nats[0], &nats[1]);
    println!("held out: {mean:.3} nats a row given hour and month, {alone:.3} without");
    println!("on the same rows, the conditions give {gain:.3} more\n");

    let drawn = model.sample_given(&held_out, draws, common.seed)?;
    let (mut histograms, mut worst) = (vec![], [0.0_f64; 2]);
    println!("ranks of held-out values among {draws} draws, largest deviation from uniform:");
    for name in MEASURED {
        let ranks = ranks(name, &held_out, &drawn, draws)?;
        let bin = 100.0 * PitHistogram::of(&ranks, 20)?.deviation();
        let curve = 100.0 * ks_one_sample_uniform(&ranks)?.statistic;
        println!("{name:>12}: {bin:.2} % of 20 bins, {curve:.2} % of the distribution");
        worst = [worst[0].max(bin), worst[1].max(curve)];
        histograms.push(Histogram::pit().title(name).values("", ranks));
    }
    let (last, first) = (histograms.split_off(3), histograms);
    let months = [(1.0, "January"), (7.0, "July")];
    let months = months.map(|month| bands(&model, &held_out, month, common.seed));
    let months: Result<Vec<_>, _> = months.into_iter().collect();
    let page = Page::new("Weather given hour and month").row(420, months?);
    page.row(300, first)
        .row(300, last)
        .save(example.file("bands.png"))?;

    example.set("nats", mean);
    example.set("unconditional_nats", alone);
    example.set("largest_bin_deviation", worst[0] / 100.0);
    example.set("largest_curve_deviation", worst[1] / 100.0);
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| conditional_density(&Options::parse()))
}
