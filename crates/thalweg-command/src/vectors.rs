//! Rows of densities of vectors, which know no names of columns.

use thalweg::burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg::data::{Column, DataError, Table};
use thalweg::models::any::AnyVectors;

use crate::failure::Failure;

/// Rows of a table for a density of vectors.
pub(crate) struct VectorRows {
    pub(crate) features: Tensor<2>,
    pub(crate) given: Option<Tensor<2>>,
    /// Why a row has no density; its numbers are zeros.
    pub(crate) problems: Vec<Option<String>>,
}

impl VectorRows {
    /// The columns of a table in order: the features, then the numbers of the condition.
    pub(crate) fn of(model: &dyn AnyVectors, table: &Table) -> Result<Self, Failure> {
        let (features, context) = (model.features(), model.context());
        let columns = numbers(
            table,
            &[(features, "features"), (context, "numbers of a condition")],
        )?;
        let rows = table.rows();
        let missing = |row: usize| {
            let column = columns.iter().position(|column| !column[row].is_finite())?;
            Some(format!(
                "no finite number in column \"{}\"",
                table.columns()[column].name()
            ))
        };
        let problems: Vec<Option<String>> = (0..rows).map(missing).collect();
        let part = |columns: &[&[f64]]| {
            let value = |row: usize, column: &[f64]| match &problems[row] {
                Some(_) => 0.0,
                None => column[row],
            };
            let values =
                (0..rows).flat_map(|row| columns.iter().map(move |column| value(row, column)));
            tensor(model, values.collect(), columns.len())
        };
        Ok(Self {
            features: part(&columns[..features]),
            given: (context > 0).then(|| part(&columns[features..])),
            problems,
        })
    }

    /// The latents of rows, `z_1`, `z_2` and so on; missing of a row without a density.
    pub(crate) fn encode(self, model: &dyn AnyVectors) -> Result<Table, Failure> {
        let z = model.encode(self.features, self.given.as_ref())?;
        columns("z", z, |row| self.problems[row].is_none())
    }

    /// The rows, `x_1`, `x_2` and so on, of latents in the place of features; missing of a latent that lacks a number.
    pub(crate) fn decode(self, model: &dyn AnyVectors) -> Result<Table, Failure> {
        let x = model.decode(self.features, self.given.as_ref())?;
        columns("x", x, |row| self.problems[row].is_none())
    }

    /// `ln p` of each row, or why it has none.
    pub(crate) fn log_prob(
        self,
        model: &dyn AnyVectors,
    ) -> Result<Vec<Result<f64, String>>, Failure> {
        let nats = model.log_prob(&self.features, self.given.as_ref())?;
        let row = |(nats, problem)| match problem {
            Some(problem) => Err(problem),
            None => Ok(nats),
        };
        Ok(nats.into_iter().zip(self.problems).map(row).collect())
    }
}

/// Rows of conditions alone.
pub(crate) fn conditions(model: &dyn AnyVectors, table: &Table) -> Result<Tensor<2>, Failure> {
    let columns = numbers(table, &[(model.context(), "numbers of a condition")])?;
    let values = row_by_row(&columns, table.rows());
    if values.iter().any(|x| !x.is_finite()) {
        return Err(Failure::Usage(
            "a condition lacks a number or has an infinite one".to_owned(),
        ));
    }
    Ok(tensor(model, values, model.context()))
}

/// All columns of a table, which are numbers.
pub(crate) fn all(table: &Table, device: &Device) -> Result<Tensor<2>, Failure> {
    let width = table.columns().len();
    let columns = numbers(table, &[(width, "numbers")])?;
    let values = row_by_row(&columns, table.rows());
    let data = TensorData::new(values, [table.rows(), width]);
    Ok(Tensor::from_data(data, (device, DType::F32)))
}

/// The numbers of the columns of a table, which has as many as all parts together.
fn numbers<'a>(table: &'a Table, parts: &[(usize, &str)]) -> Result<Vec<&'a [f64]>, Failure> {
    let needed: usize = parts.iter().map(|(count, _)| count).sum();
    let columns = table.columns();
    if columns.len() != needed {
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        return Err(Failure::Usage(format!(
            "the model knows no names of columns and takes {} in order, and the table has {} columns; give it a table of \
             those alone",
            parts.join(" and then "),
            columns.len()
        )));
    }
    let of = |column: &'a Column| {
        column.as_numbers().ok_or_else(|| {
            Failure::Usage(format!(
                "column \"{}\" holds text, and the model takes numbers",
                column.name()
            ))
        })
    };
    columns.iter().map(of).collect()
}

fn row_by_row(columns: &[&[f64]], rows: usize) -> Vec<f64> {
    (0..rows)
        .flat_map(|row| columns.iter().map(move |column| column[row]))
        .collect()
}

fn tensor(model: &dyn AnyVectors, values: Vec<f64>, width: usize) -> Tensor<2> {
    let placement = model.placement();
    let rows = values.len() / width.max(1);
    let data = TensorData::new(values, [rows, width]);
    Tensor::from_data(data, (&placement.device, placement.dtype))
}

/// Drawn rows as columns `x_1`, `x_2` and so on.
pub(crate) fn drawn(x: Tensor<2>) -> Result<Table, Failure> {
    columns("x", x, |_| true)
}

/// Rows of a tensor as numbered columns; those that are not there are missing.
fn columns(
    name: &str,
    rows: Tensor<2>,
    is_there: impl Fn(usize) -> bool,
) -> Result<Table, Failure> {
    let width = rows.dims()[1];
    let values: Vec<f64> = rows.into_data().iter().collect();
    let column = |k: usize| {
        let values = values.iter().skip(k).step_by(width.max(1)).enumerate();
        let values = values.map(|(row, x)| if is_there(row) { *x } else { f64::NAN });
        Column::numbers(&format!("{name}_{}", k + 1), values.collect())
    };
    Ok(Table::new((0..width).map(column).collect()).map_err(DataError::from)?)
}
