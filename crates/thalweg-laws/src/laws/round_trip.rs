//! The two directions undo each other.

use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// `f⁻¹(f(x)) = x`.
///
/// # Errors
///
/// Where an element of `x` does not come back.
pub fn round_trip_from_data<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::RoundTripFromData, data).within(tolerance);
    let (z, _) = bijection.forward(data.clone(), context);
    let (x, _) = bijection.inverse(z, context);
    let (expected, found) = (host(data.to_rows()), host(x.to_rows()));
    site.close("f⁻¹(f(x))", &expected, &found)
}

/// `f(f⁻¹(z)) = z`, at latents that are the image of no data seen before: midway between the
/// images of neighbouring rows, hence inside every convex latent space.
///
/// # Errors
///
/// Where an element of `z` does not come back.
pub fn round_trip_from_latent<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::RoundTripFromLatent, data).within(tolerance);
    let (z, _) = bijection.forward(data.clone(), context);
    let rows = z.to_rows().detach();
    let batch = rows.dims()[0];
    let next = rows.select_rows(&(0..batch).map(|r| (r + 1) % batch).collect::<Vec<_>>());
    let midway = (rows + next).mul_scalar(0.5);
    let z = z.with_rows(midway.clone());
    let (x, _) = bijection.inverse(z, context);
    let (back, _) = bijection.forward(x, context);
    site.close("f(f⁻¹(z))", &host(midway), &host(back.to_rows()))
}
