//! `density_samples`.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableFunctionArgs, TableFunctionImpl, TableProvider};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use serde::{Deserialize, Serialize};
use thalweg::tabular::Role;

use crate::ArgumentError;
use crate::drawn::Drawn;
use crate::error::failed;
use crate::location::Location;
use crate::model::Model;
use crate::models::Models;
use crate::score::text;

/// The name of the function.
pub(crate) const NAME: &str = "density_samples";

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draws {
    /// The model, with its contents.
    pub(crate) location: String,
    pub(crate) rows: usize,
    pub(crate) seed: u64,
}

/// The function `density_samples(model, rows, seed)`.
#[derive(Debug)]
pub(crate) struct DensitySamples {
    models: Arc<Models>,
}

impl DensitySamples {
    pub(crate) fn new(models: Arc<Models>) -> Self {
        Self { models }
    }
}

impl TableFunctionImpl for DensitySamples {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        let literals = args.exprs().iter().map(|expr| match expr {
            Expr::Literal(scalar, _) => Some(scalar),
            _ => None,
        });
        let literals: Option<Vec<&ScalarValue>> = literals.collect();
        let wrong = || {
            let found: Vec<String> = args.exprs().iter().map(ToString::to_string).collect();
            ArgumentError::Samples(format!("({})", found.join(", ")))
        };
        let (model, rows, seed) = match literals.as_deref() {
            Some([model, rows]) => (text(model), whole(rows), Some(0)),
            Some([model, rows, seed]) => (text(model), whole(rows), whole(seed)),
            _ => return Err(wrong().into()),
        };
        let (Some(model), Some(rows), Some(seed)) = (model, rows, seed) else {
            return Err(wrong().into());
        };
        let rows = usize::try_from(rows).map_err(|_| wrong())?;
        Ok(Arc::new(Samples::new(&self.models, &model, rows, seed)?))
    }
}

/// A whole number that is not negative.
fn whole(scalar: &ScalarValue) -> Option<u64> {
    match scalar {
        ScalarValue::Int64(Some(number)) => u64::try_from(*number).ok(),
        ScalarValue::UInt64(Some(number)) => Some(*number),
        _ => None,
    }
}

/// The table that is drawn.
pub(crate) struct Samples {
    pub(crate) draws: Draws,
    pub(crate) models: Arc<Models>,
    pub(crate) schema: SchemaRef,
    /// The most partitions, if not those of the session.
    pub(crate) partitions: Option<usize>,
}

impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.draws.fmt(f)
    }
}

impl Samples {
    /// Of the newest model at a place.
    fn new(
        models: &Arc<Models>,
        location: &str,
        rows: usize,
        seed: u64,
    ) -> Result<Self, ArgumentError> {
        let found = Location::parse(location).and_then(|location| models.get(&location));
        let model = found.map_err(|problem| ArgumentError::Model {
            function: NAME,
            problem: problem.into(),
        })?;
        let mut columns = model.columns().iter();
        if let Some(known) = columns.find(|known| known.role == Role::Condition) {
            return Err(ArgumentError::Conditions {
                model: model.location.url().to_string(),
                column: known.name.clone(),
            });
        }
        Ok(Self {
            draws: Draws {
                location: model.location.to_string(),
                rows,
                seed,
            },
            models: Arc::clone(models),
            schema: schema(&model),
            partitions: None,
        })
    }
}

impl Draws {
    /// The model, with the contents that the plan has named.
    pub(crate) fn model(&self, models: &Models) -> Result<Arc<Model>> {
        let found = Location::parse(&self.location).and_then(|location| models.get(&location));
        found.map_err(|problem| failed(NAME, problem))
    }
}

/// The columns of the modelled table, with nulls where values may be missing.
pub(crate) fn schema(model: &Model) -> SchemaRef {
    let fields = model.columns().iter();
    Schema::new(fields.map(Model::field).collect::<Vec<_>>()).into()
}

/// The rows of one part, drawn as the command draws them.
pub(crate) fn drawn(
    model: &Model,
    schema: &SchemaRef,
    rows: usize,
    seed: u64,
) -> Result<RecordBatch> {
    let table = model.density.sample(rows, seed);
    let table = table.map_err(|problem| failed(NAME, problem))?;
    Model::batch(&table, schema)
}

#[async_trait]
impl TableProvider for Samples {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let partitions = self.partitions;
        let partitions = partitions.unwrap_or_else(|| state.config().target_partitions());
        let (draws, models) = (self.draws.clone(), Arc::clone(&self.models));
        let projection = projection.cloned();
        let drawn = Drawn::new(draws, models, &self.schema, projection, partitions)?;
        Ok(Arc::new(drawn))
    }
}
