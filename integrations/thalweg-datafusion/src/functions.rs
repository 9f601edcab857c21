//! The functions of a session.

use std::sync::Arc;

use datafusion::catalog::TableFunction;
use datafusion::error::Result;
use datafusion::execution::object_store::{DefaultObjectStoreRegistry, ObjectStoreRegistry};
use datafusion::execution::{FunctionRegistry, SessionState};
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;

use crate::measure::Measure;
use crate::models::Models;
use crate::planned::Planned;
use crate::samples::{DensitySamples, NAME};
use crate::score::Score;

/// The functions, and the models that they have loaded.
///
/// Copies share their models. [`register`](crate::register) is all that a session needs; this is for programs that build their
/// session states themselves, and for machines that only run plans.
#[derive(Debug, Clone)]
pub struct Functions {
    models: Arc<Models>,
}

impl Functions {
    /// Functions that read models from these stores.
    pub fn new(stores: Arc<dyn ObjectStoreRegistry>) -> Self {
        Self {
            models: Arc::new(Models::new(stores)),
        }
    }

    /// The scalar functions.
    pub fn scalar(&self) -> Vec<Arc<ScalarUDF>> {
        let score = |measure| Score::new(measure, Arc::clone(&self.models));
        let all = Measure::ALL.into_iter();
        all.map(|measure| Arc::new(ScalarUDF::new_from_impl(score(measure))))
            .collect()
    }

    /// The table function `density_samples`.
    pub fn samples(&self) -> Arc<TableFunction> {
        let samples = DensitySamples::new(Arc::clone(&self.models));
        Arc::new(TableFunction::new(NAME.to_owned(), Arc::new(samples)))
    }

    /// Adds the functions and their checks to a session state.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn add_to(&self, state: &mut SessionState) -> Result<()> {
        for function in self.scalar() {
            state.register_udf(function)?;
        }
        state.register_function_rewrite(Arc::new(Planned))?;
        let samples = self.samples();
        state.register_udtf(NAME, Arc::clone(samples.function()));
        Ok(())
    }

    #[cfg(feature = "ballista")]
    pub(crate) fn models(&self) -> &Arc<Models> {
        &self.models
    }
}

/// Functions that read the files of this machine.
impl Default for Functions {
    fn default() -> Self {
        Self::new(Arc::new(DefaultObjectStoreRegistry::new()))
    }
}

/// Adds the functions to a session, which read models from the stores that are registered there.
///
/// # Errors
///
/// Those of the session.
pub fn register(session: &SessionContext) -> Result<Functions> {
    let functions = Functions::new(Arc::clone(&session.runtime_env().object_store_registry));
    let state = session.state_ref();
    functions.add_to(&mut state.write())?;
    Ok(functions)
}
