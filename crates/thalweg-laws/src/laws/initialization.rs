//! A fitted layer hands on what it gives.

use super::deterministic::same;
use super::outcome::Outcome;
use crate::violation::Site;
use crate::{Batched, Law, Testable, Violation};

/// `initialize` returns the latents that the fitted layer gives for the same batch, to the bit:
/// what the next layer is fitted to is what it will see.
///
/// # Errors
///
/// Where the latents differ, or where the layer cannot be fitted to the data.
pub fn initialization_passes_on<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::InitializationPassesOn, data);
    let (fitted, z) = bijection
        .clone()
        .initialize(data.clone(), context)
        .map_err(|error| site.violated("a layer that can be fitted", error.to_string()))?;
    let (expected, log_det) = fitted.forward(data.clone(), context);
    let found = Outcome::of(&site, (z, log_det.clone()))?;
    let expected = Outcome::of(&site, (expected, log_det))?;
    same(
        &site,
        "the latents that initialize returns",
        &expected,
        &found,
    )
}
