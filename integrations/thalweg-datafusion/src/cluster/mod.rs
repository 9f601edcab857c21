//! The functions in the scheduler and the executors of Apache Ballista.
//!
//! The one who plans a query reads the model and names its contents in the plan. The scheduler passes the plan on. Each executor
//! reads the model once, from the same place, and refuses one with other contents.

mod codec;

use std::sync::Arc;

use ballista::prelude::SessionContextExt;
use ballista_core::extension::SessionConfigExt;
use ballista_core::object_store::{
    runtime_env_with_s3_support, session_config_with_s3_support, session_state_with_s3_support,
};
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_executor::executor_process::ExecutorProcessConfig;
use ballista_scheduler::config::SchedulerConfig;
use datafusion::error::Result;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::{Functions, register};
use codec::{Logical, Physical};

/// A scheduler whose sessions know the functions, and read objects of files, HTTP and S3.
pub fn scheduler(config: SchedulerConfig) -> SchedulerConfig {
    let session = |config: SessionConfig| {
        let mut state = session_state_with_s3_support(config)?;
        let stores = Arc::clone(&state.runtime_env().object_store_registry);
        Functions::new(stores).add_to(&mut state)?;
        Ok(state)
    };
    let functions = Functions::default();
    SchedulerConfig {
        override_config_producer: Some(Arc::new(session_config_with_s3_support)),
        override_session_builder: Some(Arc::new(session)),
        override_logical_codec: Some(Arc::new(Logical::new(&functions))),
        override_physical_codec: Some(Arc::new(Physical::new(&functions))),
        ..config
    }
}

/// An executor that knows the functions, and reads objects of files, HTTP and S3. Models on S3 are read with the credentials of
/// its own environment.
///
/// # Errors
///
/// Stores that cannot be set up.
pub fn executor(config: ExecutorProcessConfig) -> Result<ExecutorProcessConfig> {
    let stores = runtime_env_with_s3_support(&session_config_with_s3_support())?;
    let functions = Functions::new(Arc::clone(&stores.object_store_registry));
    let mut registry = BallistaFunctionRegistry::default();
    for function in functions.scalar() {
        let name = function.name().to_owned();
        registry.scalar_functions.insert(name, function);
    }
    Ok(ExecutorProcessConfig {
        override_config_producer: Some(Arc::new(session_config_with_s3_support)),
        override_runtime_producer: Some(Arc::new(runtime_env_with_s3_support)),
        override_function_registry: Some(Arc::new(registry)),
        override_logical_codec: Some(Arc::new(Logical::new(&functions))),
        override_physical_codec: Some(Arc::new(Physical::new(&functions))),
        ..config
    })
}

/// A session whose queries run on the cluster of a scheduler, such as `df://localhost:50050`.
///
/// # Errors
///
/// A URL that is none.
pub async fn connect(url: &str) -> Result<SessionContext> {
    connect_with(url, session_config_with_s3_support()).await
}

/// [`connect`] with settings of the session.
///
/// # Errors
///
/// Those of [`connect`].
pub async fn connect_with(url: &str, config: SessionConfig) -> Result<SessionContext> {
    let functions = Functions::default();
    let config = config
        .with_ballista_logical_extension_codec(Arc::new(Logical::new(&functions)))
        .with_ballista_physical_extension_codec(Arc::new(Physical::new(&functions)));
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_default_features()
        .build();
    let session = SessionContext::remote_with_state(url, state).await?;
    // Ballista's session has the functions of Ballista alone.
    register(&session)?;
    Ok(session)
}
