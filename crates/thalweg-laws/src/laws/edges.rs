//! No overflow where the domain ends.

use super::outcome::Outcome;
use crate::sample::repeat_rows;
use crate::violation::Site;
use crate::{Batched, Law, Testable, Violation};

/// Values at the edges of the domain map to finite latents with finite log-determinants, and
/// those map back to finite data.
///
/// `edges` is a batch of any size, e.g. from [`edge_rows`](crate::edge_rows); the context is
/// repeated to its length.
///
/// # Errors
///
/// Where a number is infinite or none at all.
pub fn finite_at_the_edges<C: Batched, B: Testable<C>>(
    bijection: &B,
    edges: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::FiniteAtTheEdges, edges);
    let context = repeat_rows(context, edges.batch_size().unwrap_or(0));
    let (z, log_det) = bijection.forward(edges.clone(), &context);
    let forward = Outcome::of(&site, (z.clone(), log_det))?;
    finite(&site, "f(x)", &forward)?;
    let inverse = Outcome::of(&site, bijection.inverse(z, &context))?;
    finite(&site, "f⁻¹(f(x))", &inverse)
}

fn finite(site: &Site, what: &str, outcome: &Outcome) -> Result<(), Violation> {
    for (row, log_det) in outcome.log_det.iter().enumerate() {
        let mut values = outcome.row(row).iter();
        if let Some(value) = values.find(|value| !value.is_finite()) {
            return Err(site.violated(
                format!("finite numbers as {what} in row {row} of the edges"),
                format!("{value}"),
            ));
        }
        if !log_det.is_finite() {
            return Err(site.violated(
                format!("a finite log-determinant of {what} in row {row} of the edges"),
                format!("{log_det}"),
            ));
        }
    }
    Ok(())
}
