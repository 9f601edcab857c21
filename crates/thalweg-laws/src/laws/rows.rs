//! A sample is mapped by itself, whoever shares its batch.

use super::outcome::Outcome;
use crate::violation::Site;
use crate::{Batched, Flat, Law, Testable, Violation};

/// A row alone, and a row among the others in another order, map to what the row maps to in the
/// batch, with the same log-determinant and in both directions.
///
/// The Jacobian of one sample cannot show a leak from the others, such as a mean over the batch
/// inside a conditioner.
///
/// # Errors
///
/// Where a row depends on another one, or where there are fewer than two.
pub fn batch_rows_independent<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
    tolerance: f64,
) -> Result<(), Violation> {
    let site = Site::new(Law::BatchRowsIndependent, data).within(tolerance);
    let (z, _) = bijection.forward(data.clone(), context);
    independent(&site, "forward", data, context, |x, c| {
        Outcome::of(&site, bijection.forward(x, c))
    })?;
    independent(&site, "inverse", &z, context, |z, c| {
        Outcome::of(&site, bijection.inverse(z, c))
    })
}

fn independent<F: Flat, C: Batched>(
    site: &Site,
    direction: &str,
    input: &F,
    context: &C,
    map: impl Fn(F, &C) -> Result<Outcome, Violation>,
) -> Result<(), Violation> {
    let batch = input.batch_size().unwrap_or(0);
    if batch < 2 {
        return Err(site.violated("data of two rows or more", format!("{batch}")));
    }
    let whole = map(input.clone(), context)?;
    let compare = |rows: &[usize], what: &str| {
        let part = map(input.select_rows(rows), &context.select_rows(rows))?;
        for (i, row) in rows.iter().enumerate() {
            let what = format!("{direction} of row {row} {what}");
            site.close(&what, whole.row(*row), part.row(i))?;
            let what = format!("log-determinant of {what}");
            site.close(&what, &[whole.log_det[*row]], &[part.log_det[i]])?;
        }
        Ok(())
    };
    for row in 0..batch {
        compare(&[row], "alone")?;
    }
    let others_reversed: Vec<usize> = std::iter::once(0).chain((1..batch).rev()).collect();
    compare(&others_reversed, "among the others in another order")
}
