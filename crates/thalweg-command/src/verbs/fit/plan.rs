//! What a fit is going to do.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};
use thalweg::tabular::FitPlan;
use thalweg::train::Cost;

use super::FitOptions;

/// The plan in words.
pub(super) fn text(plan: &FitPlan, options: &FitOptions, output: &Path) -> String {
    let mut text = format!("plan: {plan}");
    if let Some(minutes) = options.minutes {
        write!(text, ", {minutes} minutes together").ok();
    }
    write!(text, "; the model goes to {}", output.display()).ok();
    text
}

/// The plan as an object.
pub(super) fn json(plan: &FitPlan, cost: &Cost, output: &Path) -> Value {
    json!({
        "rows": plan.rows,
        "skipped": plan.skipped,
        "members": plan.members,
        "steps": plan.steps,
        "flow": plan.network.as_ref().map(ToString::to_string),
        "step_seconds": cost.step_seconds,
        "seconds": cost.seconds,
        "bytes": cost.bytes,
        "model": output,
        "columns": plan.columns.iter().map(crate::verbs::info::column).collect::<Vec<_>>(),
    })
}
