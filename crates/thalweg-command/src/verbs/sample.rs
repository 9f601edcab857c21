//! `thalweg sample`.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use thalweg::data::{Column, ColumnType, CsvOptions, DataError, Table, TableWriter};
use thalweg::flow::{Condition, Noise};
use thalweg::images::AnyImages;
use thalweg::models::any::AnyVectors;
use thalweg::tabular::{FittedDensity, Role};

use crate::command::{ForceArgs, OpenArgs};
use crate::console::Console;
use crate::data::{CsvArgs, refuse};
use crate::failure::Failure;
use crate::model::Loaded;
use crate::pictures;
use crate::vectors;

/// Draw rows, or images, from a density
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sample {
    /// The model, of `thalweg fit`, `thalweg convert` or a Rust program
    model: PathBuf,
    /// The number of rows or images; with conditions, of each condition
    #[arg(default_value_t = 10)]
    rows: usize,
    /// A condition of all rows
    #[arg(
        short,
        long,
        value_name = "COLUMN=VALUE",
        conflicts_with = "given_table"
    )]
    given: Vec<String>,
    /// A table of conditions, one a row
    #[arg(long, value_name = "TABLE")]
    given_table: Option<String>,
    /// The width of the distribution that images are drawn from, 1 for the model's own [default: by the model]
    #[arg(long, value_name = "T")]
    temperature: Option<f64>,
    /// The seed: the same one gives the same rows
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The file of the rows: .csv, .csv.gz, .csv.zst or .parquet [default: CSV on the standard output]; of images: a .png
    /// sheet, an .idx file, or a folder such as drawn/
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

const EXAMPLES: &str = "\
Examples:
  thalweg sample sales.safetensors 1000 -o drawn.parquet
  thalweg sample weather.safetensors 100 --given month=7 --given hour=15
  thalweg sample digits.safetensors 100 --temperature 0.8 -o sheet.png";

impl Sample {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let model = match self.open.model(&self.model)? {
            Loaded::Table(model) => model,
            Loaded::Images(model) => return self.images(&model, console),
            Loaded::Vectors(model) => return self.vectors(&*model, console),
        };
        let temperature = [("temperature", self.temperature.is_some())];
        refuse(
            &temperature,
            "an option of images, and the model is a density of a table",
        )?;
        let conditions = match &self.given_table {
            Some(name) => Some(self.csv.table(name, model.csv_options(), console)?),
            None if self.given.is_empty() => None,
            None => Some(self.conditions(&model)?),
        };
        let drawn = match conditions {
            Some(conditions) => model.sample_given(&conditions, self.rows, self.seed)?,
            None => model.sample(self.rows, self.seed)?,
        };
        write(&drawn, self.output.as_ref(), &self.force, console)
    }

    fn images(&self, model: &AnyImages, console: &Console) -> Result<(), Failure> {
        let given = [
            ("given", !self.given.is_empty()),
            ("given-table", self.given_table.is_some()),
        ];
        refuse(
            &given,
            "an option of tables, and the model is a density of images",
        )?;
        self.csv.refuse_for_images()?;
        let Some(output) = &self.output else {
            let problem =
                "say where the images go: `-o sheet.png`, `-o images.idx` or `-o folder/`";
            return Err(Failure::Usage(problem.to_owned()));
        };
        pictures::Target::of(output)?;
        let temperature = self.temperature.unwrap_or(model.temperature());
        let images = model.sample(self.rows, temperature, self.seed)?;
        pictures::write(&images, output, None, &self.force, console)
    }

    fn vectors(&self, model: &dyn AnyVectors, console: &Console) -> Result<(), Failure> {
        refuse(
            &[("given", !self.given.is_empty())],
            "for densities of tables, whose columns have names; give conditions by `--given-table`",
        )?;
        let noise = &mut Noise::seeded(self.seed);
        let temperature = self.temperature.unwrap_or(1.0);
        let drawn = match (&self.given_table, model.context()) {
            (None, 0) => model.sample(self.rows, temperature, None, noise)?,
            (None, numbers) => {
                return Err(Failure::Usage(format!(
                    "the density is conditional on {numbers} numbers; give rows of them by `--given-table`"
                )));
            }
            (Some(name), _) => {
                let table = self.csv.table(name, CsvOptions::new(), console)?;
                let given = vectors::conditions(model, &table)?.repeat_each(self.rows);
                let n = given.dims()[0];
                model.sample(n, temperature, Some(&given), noise)?
            }
        };
        write(
            &vectors::drawn(drawn)?,
            self.output.as_ref(),
            &self.force,
            console,
        )
    }

    /// One row of the conditions of `--given`, with the types that the model knows: read as a table, so that numbers and
    /// times have the spellings that files have.
    fn conditions(&self, model: &FittedDensity) -> Result<Table, Failure> {
        let mut columns: Vec<Column> = Vec::new();
        for text in &self.given {
            let Some((name, value)) = text.split_once('=') else {
                return Err(Failure::Usage(format!(
                    "\"{text}\" is no condition; say `--given COLUMN=VALUE`"
                )));
            };
            let known = model
                .columns()
                .iter()
                .filter(|known| known.role == Role::Condition);
            let names: Vec<&str> = known.clone().map(|known| known.name.as_str()).collect();
            let Some(known) = known.clone().find(|known| known.name == name) else {
                return Err(Failure::Usage(match names.is_empty() {
                    true => format!("the density has no conditions, and \"{name}\" is given"),
                    false => format!(
                        "\"{name}\" is no condition of the density; those are {}",
                        names.join(", ")
                    ),
                }));
            };
            columns.push(match known.column_type() {
                ColumnType::Text => Column::text(name, [value]),
                kind => {
                    let options = CsvOptions::new().names(&[name]).types(&[(name, kind)]);
                    let read = Table::parse(value.as_bytes(), &options);
                    let read = read.map_err(|_| {
                        let kind = if kind == ColumnType::Times {
                            "time"
                        } else {
                            "number"
                        };
                        Failure::Usage(format!("`--given {text}`: \"{value}\" is no {kind}"))
                    })?;
                    read.columns()[0].clone()
                }
            });
        }
        Ok(Table::new(columns).map_err(DataError::from)?)
    }
}

/// Writes a table to a file or to the standard output.
pub(crate) fn write(
    table: &Table,
    output: Option<&PathBuf>,
    force: &ForceArgs,
    console: &Console,
) -> Result<(), Failure> {
    force.allow(output)?;
    match output {
        Some(path) => {
            table.write(path)?;
            written(table.rows(), path, console)
        }
        None if console.json => console.result(String::new, || columns(table)),
        None => {
            let mut writer = TableWriter::csv(io::stdout());
            writer.append(table)?;
            Ok(writer.finish()?)
        }
    }
}

/// Says that rows are in a file.
pub(crate) fn written(rows: usize, path: &Path, console: &Console) -> Result<(), Failure> {
    console.result(
        || format!("{rows} rows written to {}", path.display()),
        || json!({ "rows": rows, "output": path }),
    )
}

/// A table as an object of columns.
fn columns(table: &Table) -> serde_json::Value {
    use thalweg::data::Values;
    let column = |column: &Column| {
        let values = match column.values() {
            Values::Text(text) => text.iter().map(|word| json!(word)).collect(),
            Values::Numbers(values) | Values::Times(values) => values
                .iter()
                .map(|x| json!(Some(*x).filter(|x| x.is_finite())))
                .collect(),
            // A type that this program does not know.
            _ => serde_json::Value::Null,
        };
        (column.name().to_owned(), values)
    };
    serde_json::Value::Object(table.columns().iter().map(column).collect())
}
