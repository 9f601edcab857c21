//! A bijection is a function.

use super::outcome::Outcome;
use crate::violation::Site;
use crate::{Batched, Law, Testable, Violation};

/// The same input gives the same bits twice, in both directions.
///
/// # Errors
///
/// Where a number changes between two calls.
pub fn deterministic<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::Deterministic, data);
    let (z, log_det) = bijection.forward(data.clone(), context);
    let first = Outcome::of(&site, (z.clone(), log_det))?;
    let second = Outcome::of(&site, bijection.forward(data.clone(), context))?;
    same(&site, "f(x) the second time", &first, &second)?;
    let first = Outcome::of(&site, bijection.inverse(z.clone(), context))?;
    let second = Outcome::of(&site, bijection.inverse(z, context))?;
    same(&site, "f⁻¹(z) the second time", &first, &second)
}

/// Fails unless both outcomes agree to the bit.
pub(super) fn same(
    site: &Site,
    what: &str,
    first: &Outcome,
    second: &Outcome,
) -> Result<(), Violation> {
    site.close(what, &first.values, &second.values)?;
    let what = format!("log-determinant of {what}");
    site.close(&what, &first.log_det, &second.log_det)
}
