//! A model and the columns that it takes.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::error::Result;
use object_store::ObjectMeta;
use thalweg::data::{ColumnType, CsvOptions, DataError, Table};
use thalweg::models::file::ModelFile;
use thalweg::tabular::{FittedDensity, Known};

use crate::ModelError;
use crate::error::failed;
use crate::location::Location;
use crate::samples::NAME;

/// A model and the columns that it takes.
#[derive(Debug)]
pub(crate) struct Model {
    /// With the contents.
    pub(crate) location: Location,
    pub(crate) version: ObjectMeta,
    pub(crate) density: FittedDensity,
    /// The types of the columns, which a batch is read with as the command reads a file.
    types: CsvOptions,
}

impl Model {
    pub(crate) fn new(
        location: Location,
        version: ObjectMeta,
        bytes: &[u8],
    ) -> Result<Self, ModelError> {
        let file = ModelFile::of_bytes(location.url().as_str(), bytes)?;
        let density = FittedDensity::of_file(&file, &Default::default())?;
        Ok(Self {
            types: density.csv_options(),
            location,
            version,
            density,
        })
    }

    /// The columns in the order of arguments.
    pub(crate) fn columns(&self) -> &[Known] {
        self.density.columns()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let names = self.columns().iter().map(|known| known.name.clone());
        names.collect()
    }

    /// Whether the column takes values of this type of Arrow's.
    pub(crate) fn takes(&self, known: &Known, data: &DataType) -> bool {
        let none = new_null_array(data, 0);
        self.read(&[(known, none)], 0).is_ok()
    }

    /// Values of the columns, in their order, as rows.
    pub(crate) fn table(&self, columns: &[ArrayRef], rows: usize) -> Result<Table, DataError> {
        let columns = self.columns().iter().zip(columns);
        let columns = columns.map(|(known, array)| match array.data_type() {
            DataType::Null => (known, new_null_array(&written(known), rows)),
            _ => (known, Arc::clone(array)),
        });
        self.read(&columns.collect::<Vec<_>>(), rows)
    }

    /// A column that is drawn.
    pub(crate) fn field(known: &Known) -> Field {
        Field::new(&known.name, written(known), known.missing)
    }

    /// Rows that were drawn, with the columns of a schema of such fields.
    pub(crate) fn batch(table: &Table, schema: &SchemaRef) -> Result<RecordBatch> {
        let batch = table.to_record_batch();
        let batch = batch.map_err(|problem| failed(NAME, problem))?;
        let columns = schema.fields().iter().zip(batch.columns());
        let columns = columns.map(|(field, array)| Ok(cast(array, field.data_type())?));
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }

    fn read(&self, columns: &[(&Known, ArrayRef)], rows: usize) -> Result<Table, DataError> {
        let field = |(known, array): &(&Known, ArrayRef)| {
            Field::new(&known.name, array.data_type().clone(), true)
        };
        let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
        let arrays = columns.iter().map(|(_, array)| Arc::clone(array));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(schema.into(), arrays.collect(), &options);
        let batch = batch.expect("all arguments have the rows of their batch");
        Table::from_record_batch_with(&batch, &self.types)
    }
}

/// The type of a column that is drawn. Microseconds reach all years that a calendar has.
fn written(known: &Known) -> DataType {
    match known.column_type() {
        ColumnType::Text => DataType::Utf8,
        ColumnType::Times => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        _ => DataType::Float64,
    }
}
