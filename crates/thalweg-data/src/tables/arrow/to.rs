//! Record batches from tables.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, RecordBatch, RecordBatchOptions, StringArray,
    TimestampMicrosecondArray, TimestampNanosecondArray,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};

use super::{ArrowError, UNIT, WIDTH};
use crate::{Column, DataError, Table, Values};

impl Table {
    /// The columns as a record batch: numbers of 64 bits, text, and timestamps in UTC, with nulls where a value
    /// is missing.
    ///
    /// Times are in nanoseconds if all are of the years 1678 to 2261, and in microseconds otherwise. Units and
    /// widths are metadata of the fields.
    ///
    /// See [`from_record_batch`](Self::from_record_batch) for an example.
    ///
    /// # Errors
    ///
    /// [`ArrowError::Time`] for a time that microseconds of 64 bits do not reach.
    pub fn to_record_batch(&self) -> Result<RecordBatch, DataError> {
        Ok(batch(self, &fields(self))?)
    }
}

/// The fields of a table.
pub(super) fn fields(table: &Table) -> Vec<Field> {
    let columns = table.columns().iter();
    columns
        .map(|column| {
            let mut metadata = HashMap::new();
            metadata.extend(column.unit().map(|unit| (UNIT.to_owned(), unit.to_owned())));
            metadata.extend(
                column
                    .width()
                    .map(|width| (WIDTH.to_owned(), width.to_string())),
            );
            Field::new(column.name(), data_type(column.values()), true).with_metadata(metadata)
        })
        .collect()
}

fn data_type(values: &Values) -> DataType {
    match values {
        Values::Numbers(_) => DataType::Float64,
        Values::Text(_) => DataType::Utf8,
        Values::Times(seconds) => {
            let near = |seconds: &f64| seconds.is_nan() || seconds.abs() < 9.2e9;
            let unit = match seconds.iter().all(near) {
                true => TimeUnit::Nanosecond,
                false => TimeUnit::Microsecond,
            };
            DataType::Timestamp(unit, Some("UTC".into()))
        }
    }
}

/// The rows of a table whose columns are of these fields.
pub(super) fn batch(table: &Table, fields: &[Field]) -> Result<RecordBatch, ArrowError> {
    let columns = table.columns().iter().zip(fields);
    let arrays = columns.map(|(column, field)| array(column, field.data_type()));
    let arrays = arrays.collect::<Result<Vec<ArrayRef>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(table.rows()));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    RecordBatch::try_new_with_options(schema, arrays, &options)
        .map_err(|error| ArrowError::Batch(error.to_string()))
}

fn array(column: &Column, data: &DataType) -> Result<ArrayRef, ArrowError> {
    let present = |value: &f64| (!value.is_nan()).then_some(*value);
    Ok(match column.values() {
        Values::Numbers(values) => Arc::new(values.iter().map(present).collect::<Float64Array>()),
        Values::Text(text) => Arc::new(text.iter().collect::<StringArray>()),
        Values::Times(seconds) => match data {
            DataType::Timestamp(TimeUnit::Nanosecond, _) => {
                let times: TimestampNanosecondArray =
                    whole(column, seconds, 1e9, "nanoseconds")?.into();
                Arc::new(times.with_timezone("UTC"))
            }
            _ => {
                let times: TimestampMicrosecondArray =
                    whole(column, seconds, 1e6, "microseconds")?.into();
                Arc::new(times.with_timezone("UTC"))
            }
        },
    })
}

/// The seconds in a unit.
fn whole(
    column: &Column,
    seconds: &[f64],
    per_second: f64,
    unit: &'static str,
) -> Result<Vec<Option<i64>>, ArrowError> {
    let count = |(row, seconds): (usize, &f64)| {
        if seconds.is_nan() {
            return Ok(None);
        }
        // A product of all seconds would round the fraction.
        let floor = seconds.floor();
        let rest = ((seconds - floor) * per_second).round();
        let all = (floor as i128) * (per_second as i128) + rest as i128;
        i64::try_from(all).map(Some).map_err(|_| ArrowError::Time {
            column: column.name().to_owned(),
            row: row + 1,
            seconds: *seconds,
            unit,
        })
    };
    seconds.iter().enumerate().map(count).collect()
}
