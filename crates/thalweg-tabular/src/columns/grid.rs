//! The grid that numbers are rounded to.

/// The step and one point of the coarsest grid that holds all of these numbers, if they have at most 12
/// significant decimals: the greatest common divisor of their differences in units of the last decimal.
///
/// `None` of fewer than two different numbers, and of numbers with more decimals.
pub(crate) fn grid(values: &[f64]) -> Option<[f64; 2]> {
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let decimals = decimals(values, largest)?;
    let scale = 10_f64.powi(decimals);
    let units = |x: f64| (x * scale).round();
    let first = units(*values.first()?);
    let step = values
        .iter()
        .fold(0.0, |step, x| gcd(step, (units(*x) - first).abs()));
    // A quotient of whole numbers is the closest f64 to the decimal number; a product with 10⁻ᵈ is not.
    (step > 0.0).then_some([step / scale, first / scale])
}

/// The fewest decimals, negative ones of round numbers, with which all numbers can be written.
fn decimals(values: &[f64], largest: f64) -> Option<i32> {
    if !(largest > 0.0 && largest.is_finite()) {
        return None;
    }
    let magnitude = largest.log10().floor() as i32;
    let mut decimals = -magnitude;
    while decimals <= 11 - magnitude {
        let scale = 10_f64.powi(decimals);
        if !scale.is_finite() {
            return None;
        }
        let tolerance = 1e-9_f64.max(largest * scale * 4.0 * f64::EPSILON);
        let fits = |x: &f64| (x * scale - (x * scale).round()).abs() <= tolerance;
        if values.iter().all(fits) {
            return Some(decimals);
        }
        decimals += 1;
    }
    None
}

/// The greatest common divisor of two whole numbers.
fn gcd(mut a: f64, mut b: f64) -> f64 {
    while b != 0.0 {
        (a, b) = (b, a % b);
    }
    a
}
