//! What a fit is going to do.

use std::path::Path;

use serde_json::{Value, json};
use thalweg::tabular::FitPlan;
use thalweg::train::Cost;

/// The plan as an object.
pub(super) fn json(plan: &FitPlan, cost: &Cost, output: &Path) -> Value {
    json!({
        "rows": plan.rows,
        "skipped": plan.skipped,
        "members": plan.members,
        "steps": plan.steps,
        "minutes": plan.minutes,
        "flow": plan.network.as_ref().map(ToString::to_string),
        "step_seconds": cost.step_seconds,
        "seconds": cost.seconds,
        "bytes": cost.bytes,
        "model": output,
        "columns": plan.columns.iter().map(crate::verbs::info::column).collect::<Vec<_>>(),
    })
}
