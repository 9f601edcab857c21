//! Plans of `density_samples` as bytes; all other plans are those of Ballista.

use std::any::Any;
use std::sync::Arc;

use ballista_core::serde::{BallistaLogicalExtensionCodec, BallistaPhysicalExtensionCodec};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Extension, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Functions;
use crate::drawn::Drawn;
use crate::error::failed;
use crate::models::Models;
use crate::samples::{Draws, NAME, Samples, schema};

/// The begin of bytes that are ours. Protocol buffers of Ballista begin with the number of a field and its type, below `t`.
const OURS: &[u8] = b"thalweg ";

fn write(value: &impl Serialize, bytes: &mut Vec<u8>) -> Result<()> {
    bytes.extend_from_slice(OURS);
    serde_json::to_writer(bytes, value).map_err(|problem| failed(NAME, problem))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<Result<T>> {
    let text = bytes.strip_prefix(OURS)?;
    let value = serde_json::from_slice(text);
    Some(value.map_err(|problem| failed(NAME, problem)))
}

/// Tables.
#[derive(Debug)]
pub(super) struct Logical {
    models: Arc<Models>,
    ballista: BallistaLogicalExtensionCodec,
}

impl Logical {
    pub(super) fn new(functions: &Functions) -> Self {
        Self {
            models: Arc::clone(functions.models()),
            ballista: BallistaLogicalExtensionCodec::default(),
        }
    }
}

impl LogicalExtensionCodec for Logical {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[LogicalPlan],
        task: &TaskContext,
    ) -> Result<Extension> {
        self.ballista.try_decode(bytes, inputs, task)
    }

    fn try_encode(&self, node: &Extension, bytes: &mut Vec<u8>) -> Result<()> {
        self.ballista.try_encode(node, bytes)
    }

    fn try_decode_table_provider(
        &self,
        bytes: &[u8],
        table: &TableReference,
        schema: SchemaRef,
        task: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        match read::<Draws>(bytes) {
            None => self
                .ballista
                .try_decode_table_provider(bytes, table, schema, task),
            Some(draws) => Ok(Arc::new(Samples {
                draws: draws?,
                models: Arc::clone(&self.models),
                schema,
                // Ballista gives each task its partitions of the leaves that it knows, and all of those of others: with two, all
                // rows would be drawn twice.
                partitions: Some(1),
            })),
        }
    }

    fn try_encode_table_provider(
        &self,
        table: &TableReference,
        node: Arc<dyn TableProvider>,
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        let any: &dyn Any = node.as_ref();
        match any.downcast_ref::<Samples>() {
            Some(samples) => write(&samples.draws, bytes),
            None => self.ballista.try_encode_table_provider(table, node, bytes),
        }
    }

    fn try_decode_file_format(
        &self,
        bytes: &[u8],
        task: &TaskContext,
    ) -> Result<Arc<dyn FileFormatFactory>> {
        self.ballista.try_decode_file_format(bytes, task)
    }

    fn try_encode_file_format(
        &self,
        bytes: &mut Vec<u8>,
        format: Arc<dyn FileFormatFactory>,
    ) -> Result<()> {
        self.ballista.try_encode_file_format(bytes, format)
    }
}

/// What a [`Drawn`] consists of.
#[derive(Serialize, Deserialize)]
struct Parts {
    draws: Draws,
    projection: Option<Vec<usize>>,
    partitions: usize,
}

/// Physical plans.
#[derive(Debug)]
pub(super) struct Physical {
    models: Arc<Models>,
    ballista: BallistaPhysicalExtensionCodec,
}

impl Physical {
    pub(super) fn new(functions: &Functions) -> Self {
        Self {
            models: Arc::clone(functions.models()),
            ballista: BallistaPhysicalExtensionCodec::default(),
        }
    }
}

impl PhysicalExtensionCodec for Physical {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        task: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(parts) = read::<Parts>(bytes) else {
            return self.ballista.try_decode(bytes, inputs, task, converter);
        };
        let Parts {
            draws,
            projection,
            partitions,
        } = parts?;
        let schema = schema(draws.model(&self.models)?.as_ref());
        let models = Arc::clone(&self.models);
        Ok(Arc::new(Drawn::new(
            draws, models, &schema, projection, partitions,
        )?))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        bytes: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let any: &dyn Any = node.as_ref();
        match any.downcast_ref::<Drawn>() {
            Some(drawn) => write(
                &Parts {
                    draws: drawn.draws.clone(),
                    projection: drawn.projection.clone(),
                    partitions: drawn.partitions,
                },
                bytes,
            ),
            None => self.ballista.try_encode(node, bytes, converter),
        }
    }
}
