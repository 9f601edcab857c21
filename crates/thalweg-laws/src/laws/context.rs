//! A condition has an effect.

use crate::violation::{Site, host};
use crate::{Batched, Flat, Law, Testable, Violation};

/// A change of a latent below this could be rounding.
const ROUNDING: f64 = 1e-5;

/// The latents change when each row gets the context of the next one.
///
/// # Errors
///
/// Where they stay as they are, or where the context has fewer than two rows.
pub fn context_matters<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::ContextMatters, data);
    let batch = context.batch_size().unwrap_or(0);
    if batch < 2 {
        return Err(site.violated("a context of two rows or more", format!("{batch}")));
    }
    let next: Vec<usize> = (0..batch).map(|row| (row + 1) % batch).collect();
    let (z, _) = bijection.forward(data.clone(), context);
    let (other, _) = bijection.forward(data.clone(), &context.select_rows(&next));
    let change = host(z.to_rows())
        .iter()
        .zip(host(other.to_rows()))
        .fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
    match change > ROUNDING {
        true => Ok(()),
        false => Err(site.violated(
            format!("latents that change by more than {ROUNDING:e} with the context"),
            format!("a change of at most {change:e}"),
        )),
    }
}
