//! Tables from record batches.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, TimeUnit};

use super::{ArrowError, UNIT, WIDTH};
use crate::csv::CsvOptions;
use crate::numeric::precision;
use crate::{Column, ColumnType, DataError, Table, Text, Values};

impl Table {
    /// The columns of a record batch; a null is a missing value.
    ///
    /// Whole numbers, floats and decimals become numbers; text, categories (dictionaries of text) and booleans
    /// text; dates and timestamps times. The entries `unit` and `width` of a field's metadata are those of
    /// the column.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    ///
    /// let table = Table::new(vec![Column::numbers("x", vec![1.0, f64::NAN]).with_unit("m")])?;
    /// let batch = table.to_record_batch()?;
    /// assert_eq!((batch.num_rows(), batch.column(0).null_count()), (2, 1));
    /// let back = Table::from_record_batch(&batch)?;
    /// assert_eq!(back.columns()[0].unit(), Some("m"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArrowError::Type`] for a column of another type, [`ArrowError::Digits`] for whole numbers that f64 does
    /// not tell apart, and [`ColumnsError`](crate::ColumnsError) for no column and two of one name.
    pub fn from_record_batch(batch: &RecordBatch) -> Result<Self, DataError> {
        Self::from_record_batch_with(batch, &CsvOptions::new())
    }

    /// The columns of a record batch, of the types that the options name, as [`read_with`](Self::read_with) gives those of a
    /// Parquet file: whole numbers are text where they are asked for as such.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use arrow_array::{ArrayRef, Int64Array, RecordBatch};
    /// use thalweg_data::{ColumnType, CsvOptions, Table};
    ///
    /// let codes: ArrayRef = Arc::new(Int64Array::from(vec![1234, 5678]));
    /// let batch = RecordBatch::try_from_iter([("code", codes)])?;
    /// let options = CsvOptions::new().types(&[("code", ColumnType::Text)]);
    /// let table = Table::from_record_batch_with(&batch, &options)?;
    /// assert_eq!(table.require("code")?.values().column_type(), ColumnType::Text);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`from_record_batch`](Self::from_record_batch), and [`ArrowError::Asked`] for another type than the column has.
    pub fn from_record_batch_with(
        batch: &RecordBatch,
        options: &CsvOptions,
    ) -> Result<Self, DataError> {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns());
        let columns = columns
            .map(|(field, array)| column(field, field.name(), array.as_ref(), options))
            .collect::<Result<Vec<Column>, ArrowError>>()?;
        Ok(Self::new(columns)?)
    }
}

/// A column of this name.
pub(super) fn column(
    field: &Field,
    name: &str,
    array: &dyn Array,
    options: &CsvOptions,
) -> Result<Column, ArrowError> {
    let asked = options.types.iter().find(|(column, _)| column == name);
    let asked = asked.map(|(_, kind)| *kind);
    let values = match asked {
        Some(ColumnType::Text) if array.data_type().is_integer() => Values::Text(digits(array)),
        _ => values(array, name)?,
    };
    let found = values.column_type();
    if let Some(asked) = asked.filter(|asked| *asked != found) {
        return Err(ArrowError::Asked {
            column: name.to_owned(),
            found,
            asked,
        });
    }
    let width = field
        .metadata()
        .get(WIDTH)
        .and_then(|width| width.parse().ok());
    let column = Column::new(name, values).with_width(width.filter(|width: &f64| *width > 0.0));
    Ok(match field.metadata().get(UNIT) {
        Some(unit) => column.with_unit(unit),
        None => column,
    })
}

/// The type of a column of this type.
pub(super) fn column_type(data: &DataType, name: &str) -> Result<ColumnType, ArrowError> {
    let empty = arrow_array::new_empty_array(data);
    Ok(values(empty.as_ref(), name)?.column_type())
}

fn values(array: &dyn Array, name: &str) -> Result<Values, ArrowError> {
    let seconds = |values| Ok(Values::Times(values));
    match array.data_type() {
        DataType::Null => Ok(Values::Numbers(vec![f64::NAN; array.len()])),
        DataType::Boolean => {
            let words = array.as_boolean().iter();
            let words = words.map(|value| value.map(|value| if value { "true" } else { "false" }));
            Ok(Values::Text(words.collect()))
        }
        DataType::Int8 => Ok(whole::<Int8Type>(array)),
        DataType::Int16 => Ok(whole::<Int16Type>(array)),
        DataType::Int32 => Ok(whole::<Int32Type>(array)),
        DataType::UInt8 => Ok(whole::<UInt8Type>(array)),
        DataType::UInt16 => Ok(whole::<UInt16Type>(array)),
        DataType::UInt32 => Ok(whole::<UInt32Type>(array)),
        DataType::Int64 => exact(
            array
                .as_primitive::<Int64Type>()
                .iter()
                .map(|v| v.map(i128::from)),
            name,
        ),
        DataType::UInt64 => exact(
            array
                .as_primitive::<UInt64Type>()
                .iter()
                .map(|v| v.map(i128::from)),
            name,
        ),
        DataType::Float16 => Ok(Values::Numbers(map::<Float16Type>(array, f64::from))),
        DataType::Float32 => Ok(Values::Numbers(map::<Float32Type>(array, f64::from))),
        DataType::Float64 => Ok(Values::Numbers(map::<Float64Type>(array, |value| value))),
        DataType::Decimal32(..) => Ok(decimals::<Decimal32Type>(array)),
        DataType::Decimal64(..) => Ok(decimals::<Decimal64Type>(array)),
        DataType::Decimal128(..) => Ok(decimals::<Decimal128Type>(array)),
        DataType::Decimal256(..) => Ok(decimals::<Decimal256Type>(array)),
        DataType::Utf8 => Ok(Values::Text(array.as_string::<i32>().iter().collect())),
        DataType::LargeUtf8 => Ok(Values::Text(array.as_string::<i64>().iter().collect())),
        DataType::Utf8View => Ok(Values::Text(array.as_string_view().iter().collect())),
        DataType::Date32 => seconds(map::<Date32Type>(array, |days| f64::from(days) * 86_400.0)),
        DataType::Date64 => seconds(map::<Date64Type>(array, |ms| split(ms, 1000))),
        DataType::Timestamp(TimeUnit::Second, _) => {
            seconds(map::<TimestampSecondType>(array, |s| s as f64))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            seconds(map::<TimestampMillisecondType>(array, |ms| split(ms, 1000)))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            seconds(map::<TimestampMicrosecondType>(array, |us| {
                split(us, 1_000_000)
            }))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            seconds(map::<TimestampNanosecondType>(array, |ns| {
                split(ns, 1_000_000_000)
            }))
        }
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let values = Column::new(name, values(dictionary.values().as_ref(), name)?);
            let keys = match values.is_empty() {
                // Arrow's keys of a dictionary without values panic.
                true => vec![0; dictionary.keys().len()],
                false => dictionary.normalized_keys(),
            };
            Ok(keyed(&values, dictionary.keys(), &keys))
        }
        other => Err(ArrowError::Type {
            column: name.to_owned(),
            found: other.to_string(),
        }),
    }
}

/// The value of each key; a null key is a missing value, as is any key of a dictionary without values.
fn keyed(column: &Column, nulls: &dyn Array, keys: &[usize]) -> Values {
    let present = |row: usize| (nulls.is_valid(row) && !column.is_empty()).then(|| keys[row]);
    let rows = 0..keys.len();
    let pick = |values: &[f64]| -> Vec<f64> {
        rows.clone()
            .map(|row| present(row).map_or(f64::NAN, |key| values[key]))
            .collect()
    };
    match column.values() {
        Values::Numbers(values) => Values::Numbers(pick(values)),
        Values::Times(values) => Values::Times(pick(values)),
        Values::Text(text) => {
            let words = rows.map(|row| present(row).and_then(|key| text.get(key)));
            Values::Text(words.collect())
        }
    }
}

fn map<T: ArrowPrimitiveType>(array: &dyn Array, number: impl Fn(T::Native) -> f64) -> Vec<f64> {
    let values = array.as_primitive::<T>().iter();
    values
        .map(|value| value.map_or(f64::NAN, &number))
        .collect()
}

fn whole<T: ArrowPrimitiveType<Native: Into<f64>>>(array: &dyn Array) -> Values {
    Values::Numbers(map::<T>(array, Into::into))
}

/// A time in seconds, from the count of its units, `per_second` of them in a second. A count that f64 holds exactly is
/// divided, which rounds once. A longer one is split into whole seconds and a rest.
fn split(parts: i64, per_second: i64) -> f64 {
    if parts.unsigned_abs() < 1 << f64::MANTISSA_DIGITS {
        return parts as f64 / per_second as f64;
    }
    let (seconds, rest) = (parts.div_euclid(per_second), parts.rem_euclid(per_second));
    seconds as f64 + rest as f64 / per_second as f64
}

/// Whole numbers of 64 bits, which f64 must tell apart.
fn exact(values: impl Iterator<Item = Option<i128>>, name: &str) -> Result<Values, ArrowError> {
    let mut rounded: Option<(i128, bool)> = None;
    let number = |value: i128| {
        let number = value as f64;
        if number as i128 != value {
            let (first, others) = rounded.get_or_insert((value, false));
            *others |= *first != value;
        }
        number
    };
    let mut number = number;
    let numbers: Vec<f64> = values
        .map(|value| value.map_or(f64::NAN, &mut number))
        .collect();
    if let Some((first, true)) = rounded {
        let present = numbers.iter().copied().filter(|number| !number.is_nan());
        if let Some(spread) = precision::lost_digits(present) {
            return Err(ArrowError::Digits {
                column: name.to_owned(),
                number: first.to_string(),
                spread,
            });
        }
    }
    Ok(Values::Numbers(numbers))
}

/// Decimals, each rounded once.
fn decimals<T>(array: &dyn Array) -> Values
where
    T: ArrowPrimitiveType + arrow_array::types::DecimalType,
{
    let array = array.as_primitive::<T>();
    let number = |row: usize| match array.is_valid(row) {
        true => array.value_as_string(row).parse().unwrap_or(f64::NAN),
        false => f64::NAN,
    };
    Values::Numbers((0..array.len()).map(number).collect())
}

/// Whole numbers as text.
fn digits(array: &dyn Array) -> Text {
    fn of<T: ArrowPrimitiveType<Native: ToString>>(array: &dyn Array) -> Text {
        let mut text = Text::default();
        for value in array.as_primitive::<T>().iter() {
            text.push(value.map(|value| value.to_string()).as_deref());
        }
        text
    }
    match array.data_type() {
        DataType::Int8 => of::<Int8Type>(array),
        DataType::Int16 => of::<Int16Type>(array),
        DataType::Int32 => of::<Int32Type>(array),
        DataType::Int64 => of::<Int64Type>(array),
        DataType::UInt8 => of::<UInt8Type>(array),
        DataType::UInt16 => of::<UInt16Type>(array),
        DataType::UInt32 => of::<UInt32Type>(array),
        _ => of::<UInt64Type>(array),
    }
}
