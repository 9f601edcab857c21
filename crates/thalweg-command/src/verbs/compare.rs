//! `thalweg compare`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use thalweg::data::{DataError, Values};
use thalweg::images::AnyImages;
use thalweg::metrics::{average_precision, roc_auc};
use thalweg::models::any::AnyVectors;
use thalweg::models::held_out::Estimate;
use thalweg::tabular::FittedDensity;

use crate::command::OpenArgs;
use crate::console::Console;
use crate::data::{CsvArgs, Rows, refuse};
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
    /// Rows with a density, and those of them that are impossible.
    rows: usize,
    impossible: usize,
    /// Rows without a density.
    without: usize,
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
        if self.data == "-" && self.models.len() > 1 {
            let problem = "the standard input can be read once, and each model reads the rows; name a file, or one model";
            return Err(Failure::Usage(problem.to_owned()));
        }
        let device = self.open.device()?;
        let mut rows = Vec::new();
        for path in &self.models {
            // Each model reads the columns as it knows them.
            rows.push(match self.open.model_on(path, &device)? {
                Loaded::Table(model) => self.rows(path, &model)?,
                Loaded::Images(model) => self.images(path, &model)?,
                Loaded::Vectors(model) => self.vectors(path, &*model)?,
            });
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
        let mut scores = Scores::default();
        for chunk in ImageChunks::open(&self.data, model)? {
            let images = chunk?.whole()?;
            scores.time(|| Ok(model.log_prob(&images)?.into_iter().map(Some)))?;
        }
        let mut row = scores.row(path)?;
        row.bits = Some(model.units().from_nats(row.nats[0]));
        row.bound = model.is_bound();
        Ok(row)
    }

    /// How a density of vectors does.
    fn vectors(&self, path: &Path, model: &dyn AnyVectors) -> Result<Row, Failure> {
        refuse(
            &[("labels", self.labels.is_some())],
            "for densities with anomaly scores, and a model has none",
        )?;
        let mut scores = Scores::default();
        for chunk in self.csv.all_chunks(&self.data, false)? {
            let table = chunk?.table;
            scores.time(|| {
                let nats = VectorRows::of(model, &table)?.log_prob(model)?;
                Ok(nats.into_iter().map(Result::ok))
            })?;
        }
        scores.row(path)
    }

    /// How a density of a table does.
    fn rows(&self, path: &Path, model: &FittedDensity) -> Result<Row, Failure> {
        let column = self.labels.as_deref();
        let mut scores = Scores::default();
        for chunk in self.csv.chunks_with(&self.data, model, column, false)? {
            let chunk = chunk?;
            scores.time(|| {
                let nats = model.log_prob(&chunk.table)?;
                Ok(nats.into_iter().map(Result::ok))
            })?;
            if let Some(column) = column {
                scores.label(model, &chunk, column)?;
            }
        }
        scores.row(path)
    }
}

/// The scores of all rows so far.
#[derive(Default)]
struct Scores {
    /// `ln p` of the rows that have one.
    nats: Vec<f64>,
    /// Rows without one, such as those with a missing value.
    without: usize,
    seconds: f64,
    /// Anomaly scores, and whether the row is an anomaly.
    anomalies: Option<(Vec<f64>, Vec<bool>)>,
}

impl Scores {
    /// Adds `ln p` of rows, or none, and the time that it takes to compute them.
    fn time<I: Iterator<Item = Option<f64>>>(
        &mut self,
        score: impl FnOnce() -> Result<I, Failure>,
    ) -> Result<(), Failure> {
        let start = Instant::now();
        let scores = score()?;
        self.seconds += start.elapsed().as_secs_f64();
        for score in scores {
            match score {
                Some(nats) => self.nats.push(nats),
                None => self.without += 1,
            }
        }
        Ok(())
    }

    /// Adds the anomaly scores and labels of the rows that have a score.
    fn label(&mut self, model: &FittedDensity, chunk: &Rows, column: &str) -> Result<(), Failure> {
        let values = chunk.table.require(column).map_err(DataError::from)?;
        let (scores, labels) = self.anomalies.get_or_insert_default();
        let places = chunk.places();
        let found = model.anomaly_at(&chunk.table, &places)?;
        for (row, (anomaly, place)) in found.into_iter().zip(places).enumerate() {
            let Ok(anomaly) = anomaly else { continue };
            labels.push(match values.values() {
                Values::Numbers(values) if values[row] == 0.0 => false,
                Values::Numbers(values) if values[row] == 1.0 => true,
                _ => {
                    return Err(Failure::Usage(format!(
                        "the column \"{column}\" of {place} is neither 0 nor 1; labels are 1 of anomalies and 0 of others"
                    )));
                }
            });
            scores.push(anomaly.score);
        }
        Ok(())
    }

    fn row(self, model: &Path) -> Result<Row, Failure> {
        let possible = self.nats.iter().copied().filter(|nats| nats.is_finite());
        let possible: Vec<f64> = possible.collect();
        let nats = Estimate::of(&possible);
        let areas = |(scores, labels): (Vec<f64>, Vec<bool>)| {
            let roc = roc_auc(&scores, &labels)?;
            Ok::<_, Failure>([roc, average_precision(&scores, &labels)?])
        };
        Ok(Row {
            model: model.to_owned(),
            rows: self.nats.len(),
            impossible: self.nats.len() - possible.len(),
            without: self.without,
            nats: [nats.mean, nats.error],
            bits: None,
            bound: false,
            areas: self.anomalies.map(areas).transpose()?,
            seconds: self.seconds,
        })
    }
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
        if row.without > 0 {
            text += &format!("  and {} without a density", row.without);
        }
    }
    text
}

fn object(row: &Row) -> Value {
    json!({
        "model": row.model,
        "rows": row.rows,
        "impossible": row.impossible,
        "without_score": row.without,
        "nats": finite(row.nats[0]),
        "nats_error": finite(row.nats[1]),
        "bits_per_dim": row.bits.and_then(finite),
        "bound": row.bound,
        "roc_auc": row.areas.map(|areas| areas[0]),
        "average_precision": row.areas.map(|areas| areas[1]),
        "seconds": row.seconds,
    })
}
