//! The plan of `density_samples`.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PhysicalExpr, PlanProperties,
};
use futures::stream;
use thalweg::tabular::{TOGETHER, part_seed, part_sizes};

use crate::models::Models;
use crate::samples::{Draws, drawn};

/// Draws rows in parts, each with a seed of its own: those of `thalweg sample`. Of `n` partitions,
/// each has every `n`-th part, so that the rows are the same for every `n`.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) draws: Draws,
    pub(crate) projection: Option<Vec<usize>>,
    pub(crate) partitions: usize,
    models: Arc<Models>,
    /// Of all columns.
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl Drawn {
    pub(crate) fn new(
        draws: Draws,
        models: Arc<Models>,
        schema: &SchemaRef,
        projection: Option<Vec<usize>>,
        partitions: usize,
    ) -> Result<Self> {
        let projected = match &projection {
            None => Arc::clone(schema),
            Some(columns) => Arc::new(schema.project(columns)?),
        };
        let partitions = partitions.clamp(1, draws.rows.div_ceil(TOGETHER).max(1));
        Ok(Self {
            draws,
            projection,
            partitions,
            models,
            schema: Arc::clone(schema),
            properties: Arc::new(PlanProperties::new(
                EquivalenceProperties::new(projected),
                Partitioning::UnknownPartitioning(partitions),
                EmissionType::Incremental,
                Boundedness::Bounded,
            )),
        })
    }
}

impl DisplayAs for Drawn {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Draws {
            location,
            rows,
            seed,
        } = &self.draws;
        write!(
            f,
            "DensitySamplesExec: model={location}, rows={rows}, seed={seed}"
        )
    }
}

impl ExecutionPlan for Drawn {
    fn name(&self) -> &str {
        "DensitySamplesExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (model, schema) = (self.draws.model(&self.models)?, Arc::clone(&self.schema));
        let (seed, projection) = (self.draws.seed, self.projection.clone());
        let parts = part_sizes(self.draws.rows).zip(0..);
        let parts = parts.skip(partition).step_by(self.partitions);
        let batches = parts.map(move |(rows, part)| {
            let batch = drawn(&model, &schema, rows, part_seed(seed, part))?;
            Ok(match &projection {
                None => batch,
                Some(columns) => batch.project(columns)?,
            })
        });
        let batches = stream::iter(batches);
        Ok(Box::pin(RecordBatchStreamAdapter::new(
            self.schema(),
            batches,
        )))
    }
}
