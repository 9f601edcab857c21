//! `thalweg compare`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use thalweg::data::{CsvOptions, Table, Values};
use thalweg::images::AnyImages;
use thalweg::metrics::{average_precision, roc_auc};
use thalweg::models::any::AnyVectors;
use thalweg::models::held_out::Estimate;
use thalweg::tabular::FittedDensity;

use crate::command::OpenArgs;
use crate::console::Console;
use crate::data::{CsvArgs, refuse};
use crate::failure::Failure;
use crate::images::ImageChunks;
use crate::model::Loaded;
use crate::vectors::VectorRows;
use crate::verbs::fit::finite;

/// Compare models on one table or set of images: nats, time, and with labels how well anomalies are found
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The table, or images, as for `thalweg score`: rows that no model was fitted to
    data: String,
    /// The models
    #[arg(required = true)]
    models: Vec<PathBuf>,
    /// The column of labels: 1 of anomalies, 0 of others
    #[arg(long, value_name = "COLUMN")]
    labels: Option<String>,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

/// How a model does.
struct Row {
    model: PathBuf,
    /// Rows with a density, and those that are impossible.
    rows: usize,
    impossible: usize,
    /// The mean of `ln p` of the possible rows, and its standard error.
    nats: [f64; 2],
    /// Bits a dimension, of images.
    bits: Option<f64>,
    /// Whether the nats are a lower bound.
    bound: bool,
    /// The areas under the ROC curve and under that of precision.
    areas: Option<[f64; 2]>,
    seconds: f64,
}

impl Compare {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let device = self.open.device()?;
        let mut rows = Vec::new();
        for path in &self.models {
            let model = match self.open.model_on(path, &device)? {
                Loaded::Table(model) => model,
                Loaded::Images(model) => {
                    rows.push(self.images(path, &model)?);
                    continue;
                }
                Loaded::Vectors(model) => {
                    rows.push(self.vectors(path, &*model, console)?);
                    continue;
                }
            };
            // Each model reads the columns as it knows them.
            let table = self.csv.table(&self.data, model.csv_options(), console)?;
            rows.push(self.row(path, &model, &table)?);
        }
        console.result(|| text(&rows), || rows.iter().map(object).collect())
    }

    /// How a model of images does.
    fn images(&self, path: &Path, model: &AnyImages) -> Result<Row, Failure> {
        refuse(
            &[("labels", self.labels.is_some())],
            "a column of tables, and the data are images",
        )?;
        self.csv.refuse_for_images()?;
        let images = ImageChunks::open(&self.data, model)?.all()?;
        let start = Instant::now();
        let all = model.log_prob(&images)?;
        let seconds = start.elapsed().as_secs_f64();
        let mut row = Row::of(path, &all, seconds);
        row.bits = Some(model.units().from_nats(row.nats[0]));
        row.bound = model.is_bound();
        Ok(row)
    }

    /// How a density of vectors does.
    fn vectors(
        &self,
        path: &Path,
        model: &dyn AnyVectors,
        console: &Console,
    ) -> Result<Row, Failure> {
        refuse(
            &[("labels", self.labels.is_some())],
            "for densities with anomaly scores, and a model has none",
        )?;
        let table = self.csv.table(&self.data, CsvOptions::new(), console)?;
        let (start, rows) = (Instant::now(), VectorRows::of(model, &table)?);
        let all = rows.log_prob(model)?;
        Ok(Row::of(
            path,
            &all.into_iter().flatten().collect::<Vec<f64>>(),
            start.elapsed().as_secs_f64(),
        ))
    }

    fn row(&self, path: &Path, model: &FittedDensity, table: &Table) -> Result<Row, Failure> {
        let start = Instant::now();
        let all: Vec<f64> = model.log_prob(table)?.into_iter().flatten().collect();
        let seconds = start.elapsed().as_secs_f64();
        Ok(Row {
            areas: self
                .labels
                .as_ref()
                .map(|labels| areas(model, table, labels))
                .transpose()?,
            ..Row::of(path, &all, seconds)
        })
    }
}

impl Row {
    /// The figures of `ln p` of all rows or images.
    fn of(model: &Path, all: &[f64], seconds: f64) -> Self {
        let possible = all.iter().copied().filter(|nats| nats.is_finite());
        let possible: Vec<f64> = possible.collect();
        let nats = Estimate::of(&possible);
        Self {
            model: model.to_owned(),
            rows: all.len(),
            impossible: all.len() - possible.len(),
            nats: [nats.mean, nats.error],
            bits: None,
            bound: false,
            areas: None,
            seconds,
        }
    }
}

/// The areas of anomaly scores of rows that have one.
fn areas(model: &FittedDensity, table: &Table, column: &str) -> Result<[f64; 2], Failure> {
    let label = |row: usize| match table.require(column).map(|column| column.values()) {
        Ok(Values::Numbers(values)) if values[row] == 0.0 || values[row] == 1.0 => {
            Ok(values[row] == 1.0)
        }
        Ok(_) => Err(Failure::Usage(format!(
            "row {} of the column \"{column}\" is neither 0 nor 1; labels are 1 of anomalies and 0 of others",
            row + 1
        ))),
        Err(problem) => Err(Failure::Data(problem.into())),
    };
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for (row, anomaly) in model.anomaly(table)?.into_iter().enumerate() {
        if let Ok(anomaly) = anomaly {
            scores.push(anomaly.score);
            labels.push(label(row)?);
        }
    }
    Ok([
        roc_auc(&scores, &labels)?,
        average_precision(&scores, &labels)?,
    ])
}

fn text(rows: &[Row]) -> String {
    let width = rows
        .iter()
        .map(|row| row.model.display().to_string().chars().count());
    let width = width.max().unwrap_or(0).max("model".len());
    let mut text = format!(
        "{:width$}  {:>20}  {:>7}  {:>8}",
        "model", "nats a row", "rows", "rows/s"
    );
    if rows.iter().any(|row| row.bits.is_some()) {
        text += "  bits/dim";
    }
    if rows.iter().any(|row| row.areas.is_some()) {
        text += "   ROC area  precision";
    }
    for row in rows {
        let nats = format!("{:.4} ± {:.4}", row.nats[0], row.nats[1]);
        let rate = row.rows as f64 / row.seconds;
        text += &format!(
            "\n{:width$}  {nats:>20}  {:>7}  {rate:>8.0}",
            row.model.display(),
            row.rows
        );
        if let Some(bits) = row.bits {
            text += &format!("  {bits:>8.4}");
        }
        if row.bound {
            text += "  (a bound)";
        }
        if let Some([roc, precision]) = row.areas {
            text += &format!("  {roc:>9.4}  {precision:>9.4}");
        }
        if row.impossible > 0 {
            text += &format!("  without {} impossible rows", row.impossible);
        }
    }
    text
}

fn object(row: &Row) -> Value {
    json!({
        "model": row.model,
        "rows": row.rows,
        "impossible": row.impossible,
        "nats": finite(row.nats[0]),
        "nats_error": finite(row.nats[1]),
        "bits_per_dim": row.bits.and_then(finite),
        "bound": row.bound,
        "roc_auc": row.areas.map(|areas| areas[0]),
        "average_precision": row.areas.map(|areas| areas[1]),
        "seconds": row.seconds,
    })
}
