//! Scores of images.

use serde_json::{Map, Value, json};
use thalweg::data::{Column, DataError, Table};
use thalweg::images::{AnyImages, ImagesError};

use super::sink::{Lines, number, numbers, words};
use super::{Measure, Score};
use crate::console::Console;
use crate::data::Part;
use crate::failure::Failure;
use crate::images::{ImageChunk, ImageChunks};

/// The score of an image, or why it has none.
struct Scored {
    name: String,
    nats: Option<f64>,
    bits: Option<f64>,
    p_value: Option<f64>,
    problem: Option<String>,
}

/// The columns of an output.
#[derive(Debug, Clone, Copy)]
struct Columns {
    nats: bool,
    p_value: bool,
}

impl Score {
    /// Scores images in parts of a fixed number of them.
    pub(super) fn images(&self, model: &AnyImages, console: &Console) -> Result<(), Failure> {
        if self.explain.is_some() {
            let problem =
                "`--explain` names columns of tables, and the model is a density of images";
            return Err(Failure::Usage(problem.to_owned()));
        }
        self.csv.refuse_for_images()?;
        let p_value = self.only.contains(&Measure::PValue);
        let columns = Columns {
            nats: self.only.contains(&Measure::Nats),
            p_value: p_value && model.has_p_values(),
        };
        if !columns.nats && !columns.p_value {
            return Err(ImagesError::NoReference.into());
        }
        let chunks = ImageChunks::open(&self.data, model)?;
        let score = |chunk| scored(model, &chunk);
        self.stream(
            Part::deal(self.part, chunks),
            columns,
            score,
            "images",
            console,
        )
    }
}

/// The scores of a chunk, in order.
fn scored(model: &AnyImages, chunk: &ImageChunk) -> Result<Vec<Scored>, Failure> {
    let nats = model.log_prob(&chunk.images)?;
    let p_values = match model.has_p_values() {
        true => Some(model.p_values(&nats)?),
        false => None,
    };
    let units = model.units();
    let places = chunk.places.iter();
    let score = |place: &crate::images::Place| {
        let name = place.name.clone();
        match &place.image {
            Ok(index) if nats[*index].is_nan() => Scored {
                problem: Some(
                    "its density is not a number; it is far from the images of the training"
                        .to_owned(),
                ),
                ..Scored::none(name)
            },
            Ok(index) => Scored {
                nats: Some(nats[*index]),
                bits: Some(units.from_nats(nats[*index])),
                p_value: p_values.as_ref().map(|all| all[*index]),
                ..Scored::none(name)
            },
            Err(problem) => Scored {
                problem: Some(problem.clone()),
                ..Scored::none(name)
            },
        }
    };
    Ok(places.map(score).collect())
}

impl Scored {
    fn none(name: String) -> Self {
        Self {
            name,
            nats: None,
            bits: None,
            p_value: None,
            problem: None,
        }
    }
}

impl Lines for Columns {
    type Row = Scored;

    fn problem(row: &Scored) -> Option<(String, &str)> {
        let problem = row.problem.as_deref()?;
        Some((row.name.clone(), problem))
    }

    fn table(&self, rows: &[Scored]) -> Result<Table, Failure> {
        let mut columns = vec![words("name", rows.iter().map(|row| Some(row.name.clone())))];
        let add = |name: &str, of: &dyn Fn(&Scored) -> Option<f64>| -> Column {
            numbers(name, rows.iter().map(of))
        };
        if self.nats {
            columns.push(add("nats", &|row| row.nats));
            columns.push(add("bits_per_dim", &|row| row.bits));
        }
        if self.p_value {
            columns.push(add("p_value", &|row| row.p_value));
        }
        columns.push(words("problem", rows.iter().map(|row| row.problem.clone())));
        Ok(Table::new(columns).map_err(DataError::from)?)
    }

    fn object(&self, row: &Scored) -> Value {
        let mut object = Map::new();
        object.insert("name".to_owned(), json!(row.name));
        if self.nats {
            object.insert("nats".to_owned(), number(row.nats));
            object.insert("bits_per_dim".to_owned(), number(row.bits));
        }
        if self.p_value {
            object.insert("p_value".to_owned(), number(row.p_value));
        }
        if let Some(problem) = &row.problem {
            object.insert("problem".to_owned(), json!(problem));
        }
        Value::Object(object)
    }
}
