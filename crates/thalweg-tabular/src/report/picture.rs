//! A report as a picture.

use thalweg_plot::{CurveChart, Figure, Histogram, Page};

use super::{ColumnReport, Losses, Report};
use crate::sheet::{self, bars, percent, probability};

/// Parts of a density: numbers, angles, categories.
const PARTS: usize = 3;
/// Columns with a histogram.
const COLUMNS: usize = 12;

impl Report {
    pub(super) fn page(&self) -> Page {
        let losses = self.losses.iter().filter_map(curves).take(PARTS);
        let columns = self.worst(COLUMNS).into_iter().filter_map(fits);
        sheet::page(
            "Density of a table on held-out rows",
            &self.to_string(),
            losses.collect(),
            columns.collect(),
            (&self.corner, ["held-out rows", "draws"]),
        )
    }
}

/// The losses of the first member's training of a part.
fn curves(losses: &Losses) -> Option<Figure> {
    let line = |of: &dyn Fn(&super::LossPoint) -> Option<f64>| -> Vec<(f64, f64)> {
        let points = losses.points.iter();
        points
            .filter_map(|point| Some((point.step as f64, of(point)?)))
            .collect()
    };
    let (training, held_out) = (line(&|point| point.training), line(&|point| point.held_out));
    if losses.member != 1 || (training.is_empty() && held_out.is_empty()) {
        return None;
    }
    let chart = CurveChart::new("step", "nats a row")
        .title(format!("loss of the {}", losses.part))
        .series("training", training)
        .series("held out", held_out);
    Some(chart.into())
}

/// The histogram of a column's ranks; of a category its frequencies.
fn fits(column: &ColumnReport) -> Option<Figure> {
    let pit = column.pit.as_ref()?;
    let title = format!("{}, p {}", column.name, probability(pit.p_value));
    if let Some(distance) = column.total_variation {
        let title = format!("{title}, total variation {}", percent(distance));
        let values = column.frequencies.iter();
        let values = values.map(|of| (of.value.clone(), [of.observed, of.predicted]));
        return Some(bars(
            title,
            &values.collect::<Vec<_>>(),
            ["observed", "predicted"],
        ));
    }
    let bins = pit.counts.len();
    let middles = pit
        .counts
        .iter()
        .enumerate()
        .flat_map(|(bin, count)| std::iter::repeat_n((bin as f64 + 0.5) / bins as f64, *count));
    Some(
        Histogram::pit()
            .bins(bins)
            .values("", middles)
            .title(title)
            .into(),
    )
}
