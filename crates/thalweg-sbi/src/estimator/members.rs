//! The members of an ensemble, as a file describes them.

use burn::tensor::Device;
use thalweg_models::ConfigError;

use super::{Architecture, Estimator};
use crate::coordinates::Coordinates;
use crate::residual::Residual;

/// The error of a file that was altered.
pub(crate) fn damaged(model: &'static str, problem: &str) -> ConfigError {
    ConfigError::Setting {
        model,
        field: "members",
        problem: format!("{problem}; the file is damaged"),
    }
}

/// Checks that all members are densities of `targets` numbers under `conditions` numbers, as their residual is.
pub(crate) fn check_members(
    model: &'static str,
    coordinates: &Coordinates,
    members: &[Architecture],
    residual: &Residual,
    [targets, conditions]: [usize; 2],
) -> Result<(), ConfigError> {
    if !coordinates.is_sound() || members.is_empty() {
        return Err(damaged(model, "there are no parameters"));
    }
    let fits =
        |member: &Architecture| member.features == targets && member.conditions == conditions;
    if !members.iter().all(fits) || !residual.is_consistent(conditions, targets) {
        return Err(damaged(model, "members and numbers do not belong together"));
    }
    members.iter().try_for_each(|member| member.check(model))
}

/// A lower bound on the number of values in all parameters.
pub(crate) fn count_all<'a>(members: impl IntoIterator<Item = &'a Architecture>) -> u128 {
    let counts = members.into_iter().map(Architecture::count);
    counts.fold(0, u128::saturating_add)
}

pub(crate) fn build_all(members: &[Architecture], device: &Device) -> Vec<Estimator> {
    members.iter().map(|member| member.build(device)).collect()
}
