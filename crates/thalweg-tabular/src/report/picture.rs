//! A report as a picture.

use thalweg_plot::{CurveChart, Figure, Histogram, Page};

use super::{ColumnReport, Losses, Report};
use crate::sheet::{bars, corner, percent, rows, wrapped};

/// Letters of a line of words.
const LETTERS: usize = 150;
/// Pictures beside each other, and their height.
const BESIDE: usize = 3;
const HEIGHT: u32 = 300;
/// Columns with a histogram.
const COLUMNS: usize = 12;
/// The height of the corner plot.
const CORNER: u32 = 1100;

impl Report {
    pub(super) fn page(&self) -> Page {
        let lines = wrapped(&self.to_string(), LETTERS);
        let height = 24 + 22 * lines.len() as u32;
        let page = Page::new("Density of a table on held-out rows");
        let mut page = page.row(height, [Figure::Words(lines)]);
        let losses: Vec<Figure> = self.losses.iter().filter_map(curves).take(BESIDE).collect();
        if !losses.is_empty() {
            page = page.row(HEIGHT, losses);
        }
        let columns: Vec<Figure> = self.worst(COLUMNS).into_iter().filter_map(fits).collect();
        for row in rows(&columns, BESIDE) {
            page = page.row(HEIGHT, row);
        }
        match corner(&self.corner, ["held-out rows", "draws"]) {
            Some(corner) => page.row(CORNER, [corner]),
            None => page,
        }
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
    let title = format!("{}, p {:.3}", column.name, pit.p_value);
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
