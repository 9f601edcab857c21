//! The scalar functions.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Float64Array, UInt64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, UInt64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use thalweg::data::{Place, Table};
use thalweg::tabular::{Anomaly, DensityError, RowError, rounded};

use crate::error::{at_run, failed};
use crate::location::Location;
use crate::model::Model;
use crate::models::Models;
use crate::{ArgumentError, Measure};

/// A measure of rows under a model, as a function of a model and columns.
#[derive(Debug)]
pub(crate) struct Score {
    pub(crate) measure: Measure,
    models: Arc<Models>,
    signature: Signature,
}

impl PartialEq for Score {
    fn eq(&self, other: &Self) -> bool {
        self.measure == other.measure && Arc::ptr_eq(&self.models, &other.models)
    }
}

impl Eq for Score {}

impl Hash for Score {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.measure.hash(state);
    }
}

impl Score {
    pub(crate) fn new(measure: Measure, models: Arc<Models>) -> Self {
        Self {
            measure,
            models,
            // Stable: a place may get another model between two queries.
            signature: Signature::variadic_any(Volatility::Stable),
        }
    }

    /// The newest model at the place that the first argument names.
    pub(crate) fn model(&self, location: &str) -> Result<Arc<Model>, ArgumentError> {
        let function = self.measure.name();
        let model = Location::parse(location).and_then(|location| self.models.get(&location));
        model.map_err(|problem| ArgumentError::Model {
            function,
            problem: problem.into(),
        })
    }

    fn scores(&self, model: &Model, args: &[ArrayRef], rows: usize) -> Result<Float64Array> {
        let function = self.measure.name();
        let failure = |problem: DensityError| failed(function, problem);
        let beside = args.len() - model.columns().len();
        let table = model.table(&args[beside..], rows);
        let table = table.map_err(|problem| failed(function, problem))?;
        let density = &model.density;
        let anomaly = || match beside {
            0 => density.anomaly_anywhere(&table).map_err(failure),
            _ => {
                let places = places(&args[0], function)?;
                density.anomaly_at(&table, &places).map_err(failure)
            }
        };
        let of =
            |part: fn(&Anomaly) -> f64| -> Result<Float64Array> { Ok(written(anomaly()?, part)) };
        match self.measure {
            Measure::LogDensity => Ok(written(nats(model, &table).map_err(failure)?, |x| *x)),
            Measure::AnomalyScore => of(|anomaly| anomaly.score),
            Measure::AnomalyPValue => of(|anomaly| anomaly.p_value),
        }
    }
}

fn nats(model: &Model, table: &Table) -> Result<Vec<Result<f64, RowError>>, DensityError> {
    model.density.log_prob(table)
}

/// As the command writes them: to nine digits, and none of a row that has none.
fn written<T>(rows: Vec<Result<T, RowError>>, of: impl Fn(&T) -> f64) -> Float64Array {
    let row = |row: Result<T, RowError>| row.ok().map(|score| rounded(of(&score)));
    rows.into_iter().map(row).collect()
}

/// The places of rows by their numbers.
fn places(numbers: &ArrayRef, function: &'static str) -> Result<Vec<Place>> {
    let wrong = |found: String| ArgumentError::Row { function, found };
    let numbers = cast(numbers, &DataType::UInt64)?;
    let numbers: &UInt64Array = numbers.as_primitive::<UInt64Type>();
    let place = |number: Option<u64>| match number {
        Some(row) if row > 0 => Ok(Place { row, line: None }),
        Some(row) => Err(at_run(&wrong(row.to_string()))),
        None => Err(at_run(&wrong("NULL or a negative number".to_owned()))),
    };
    numbers.iter().map(place).collect()
}

impl ScalarUDFImpl for Score {
    fn name(&self) -> &str {
        self.measure.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let function = self.measure.name();
        let found = match args.scalar_arguments.first() {
            None => "missing".to_owned(),
            Some(None) => "a column or an expression".to_owned(),
            Some(Some(scalar)) => match scalar.try_as_str() {
                Some(Some(_)) => return Ok(Field::new(function, DataType::Float64, true).into()),
                _ => format!("{scalar}"),
            },
        };
        Err(ArgumentError::NoModel { function, found }.into())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let function = self.measure.name();
        let location = match args.args.first() {
            Some(ColumnarValue::Scalar(scalar)) => text(scalar),
            _ => None,
        };
        let Some(location) = location else {
            let found = "no literal".to_owned();
            return Err(ArgumentError::NoModel { function, found }.into());
        };
        let model = self.model(&location).map_err(|problem| at_run(&problem))?;
        let rows = args.number_rows;
        let columns = args.args[1..].iter().map(|value| value.to_array(rows));
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        self.measure.check_count(&model, columns.len(), &[])?;
        let scores = self.scores(&model, &columns, rows)?;
        Ok(ColumnarValue::Array(Arc::new(scores)))
    }
}

/// The text of a literal.
pub(crate) fn text(scalar: &ScalarValue) -> Option<String> {
    scalar.try_as_str().flatten().map(str::to_owned)
}
