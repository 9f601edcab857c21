//! A density of a table: rows of the data and of the model side by side, and the density of a slice.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thalweg::data::{Column, Table, Values};
use thalweg::tabular::{FittedDensity, Kind, Known, Role};

use crate::frame::frame;
use crate::grid::cells;
use crate::http::{Body, Refusal};
use crate::limits::within;

/// Rows that are shown, of the data and of the model.
const ROWS: usize = 500;
/// The largest number of cells along a side of a slice.
const SIDE: usize = 128;

/// A density of a table, and rows to compare it with.
#[derive(Debug)]
pub(crate) struct TablePage {
    density: FittedDensity,
    data: Option<Table>,
    /// The rows drawn last, which slices may go through.
    drawn: Mutex<Option<Table>>,
}

/// Where rows come from.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Data,
    Draws,
}

/// Rows to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowsAsk {
    source: Source,
    seed: u64,
}

/// A slice: the values of two columns vary, those of the others are the row's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SliceAsk {
    source: Source,
    row: usize,
    x: String,
    y: String,
    /// Left, right, low, high.
    bounds: [f64; 4],
    side: usize,
}

/// What the page says of a table.
#[derive(Debug, Serialize)]
pub(crate) struct AboutTable {
    columns: Vec<AboutColumn>,
    has_data: bool,
}

#[derive(Debug, Serialize)]
struct AboutColumn {
    name: String,
    unit: Option<String>,
    kind: String,
    /// Whether a slice may vary it.
    varies: bool,
}

/// Columns of rows; their numbers lie behind it, column after column. A missing value is NaN.
#[derive(Debug, Serialize)]
struct Rows {
    rows: usize,
    columns: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Shown {
    name: String,
    /// The words that the numbers count, of a column of text.
    words: Option<Vec<String>>,
}

impl TablePage {
    pub(crate) fn new(density: FittedDensity, data: Option<Table>) -> Self {
        // Evenly spaced, so that a table in the order of time shows all of it.
        let some = |table: Table| {
            let step = table.rows().div_ceil(ROWS).max(1);
            table.select(&(0..table.rows()).step_by(step).collect::<Vec<_>>())
        };
        Self {
            density,
            data: data.map(some),
            drawn: Mutex::default(),
        }
    }

    pub(crate) fn about(&self) -> AboutTable {
        let column = |known: &Known| AboutColumn {
            name: known.name.clone(),
            unit: known.unit.clone(),
            kind: known.kind.to_string(),
            varies: known.role == Role::Target
                && matches!(known.kind, Kind::Number { .. } | Kind::Angle { .. }),
        };
        AboutTable {
            columns: self.density.columns().iter().map(column).collect(),
            has_data: self.data.is_some(),
        }
    }

    /// Rows of the data, or new ones of the model.
    pub(crate) fn rows(&self, ask: &RowsAsk) -> Result<Body, Refusal> {
        let table = match ask.source {
            Source::Data => self.data()?.clone(),
            Source::Draws => {
                let table = self.draw(ask.seed)?;
                *self.drawn.lock().unwrap_or_else(PoisonError::into_inner) = Some(table.clone());
                table
            }
        };
        let mut numbers = vec![];
        let mut columns = vec![];
        for known in self.density.columns() {
            let column = table.require(&known.name).map_err(refused)?;
            columns.push(shown(column, &mut numbers));
        }
        let rows = table.rows();
        frame(&Rows { rows, columns }, &numbers)
    }

    /// The density of a slice, in nats of whole rows.
    pub(crate) fn slice(&self, ask: &SliceAsk) -> Result<Body, Refusal> {
        #[derive(Serialize)]
        struct Slice {
            side: usize,
        }
        within("the side of a slice", ask.side, 1..=SIDE)?;
        let table = match ask.source {
            Source::Data => self.data()?.clone(),
            Source::Draws => {
                let drawn = self
                    .drawn
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                drawn.ok_or_else(|| Refusal::new(422, "no rows were drawn yet"))?
            }
        };
        if ask.row >= table.rows() {
            let problem = format!("the row is one of {}, got {}", table.rows(), ask.row);
            return Err(Refusal::new(422, problem));
        }
        let points = cells(ask.bounds, ask.side);
        let mut table = table.select(&vec![ask.row; points.len()]);
        for (axis, name) in [&ask.x, &ask.y].into_iter().enumerate() {
            let values = points.iter().map(|point| f64::from(point[axis])).collect();
            let column = Column::numbers(name, values);
            let without = table.without(name).map_err(refused)?;
            table = without.with_column(column).map_err(refused)?;
        }
        let nats = self.density.log_prob(&table).map_err(refused)?;
        // A row without a density has none to show.
        let nats: Vec<f32> = nats
            .into_iter()
            .map(|nats| nats.map_or(f32::NAN, |nats| nats as f32))
            .collect();
        frame(&Slice { side: ask.side }, &nats)
    }

    fn data(&self) -> Result<&Table, Refusal> {
        let none = || Refusal::new(422, "no data was given; give it by `--data`");
        self.data.as_ref().ok_or_else(none)
    }

    /// Rows of the model: given the conditions of the data where it is conditional.
    fn draw(&self, seed: u64) -> Result<Table, Refusal> {
        let mut columns = self.density.columns().iter();
        let conditional = columns.any(|known| known.role == Role::Condition);
        let drawn = match conditional {
            true => self.density.sample_given(self.data()?, 1, seed),
            false => self.density.sample(ROWS, seed),
        };
        drawn.map_err(refused)
    }
}

fn refused<E: ToString>(problem: E) -> Refusal {
    Refusal::new(422, problem.to_string())
}

/// The numbers of a column, put behind those of the others.
fn shown(column: &Column, numbers: &mut Vec<f32>) -> Shown {
    /// Seconds of a mean Gregorian year: years keep in `f32` what seconds since 1970 do not.
    const YEAR: f64 = 365.2425 * 86_400.0;
    let name = column.name().to_owned();
    let words = match column.values() {
        Values::Text(text) => {
            let code = |row| text.code(row).map_or(f32::NAN, |code| code as f32);
            numbers.extend((0..text.len()).map(code));
            Some(text.levels().to_vec())
        }
        Values::Times(seconds) => {
            numbers.extend(
                seconds
                    .iter()
                    .map(|seconds| (1970.0 + seconds / YEAR) as f32),
            );
            None
        }
        Values::Numbers(values) => {
            numbers.extend(values.iter().map(|value| *value as f32));
            None
        }
        _ => {
            numbers.extend(std::iter::repeat_n(f32::NAN, column.len()));
            None
        }
    };
    Shown { name, words }
}
