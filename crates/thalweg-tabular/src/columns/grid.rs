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

/// The step that numbers, ascending and different, are rounded to.
///
/// It is the [`grid`]'s, on which all of them lie: a row off a coarser grid would count as another row on it, and the
/// probabilities of all values that occur would add up to more than 1. Of few numbers that lie on no such grid, it is their
/// smallest distance.
pub(crate) fn step(values: &[f64], few: bool) -> Option<f64> {
    let found = grid(values).map(|[step, _]| step);
    let range = values.last()? - values.first()?;
    match (few, found) {
        (true, Some(step)) if range / step <= CELLS * values.len() as f64 => Some(step),
        (true, _) => {
            let gaps = values.windows(2).map(|pair| pair[1] - pair[0]);
            Some(gaps.fold(f64::INFINITY, f64::min))
        }
        (false, found) => found,
    }
}

/// Few numbers lie on a grid that has this number of cells for each of them.
const CELLS: f64 = 8.0;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_lie_on_the_grid() {
        let whole: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(step(&whole, false), Some(1.0));
        // Visibility is recorded in miles, and in quarters where it is low.
        let mut quarters = whole.clone();
        quarters.extend([0.25, 0.5]);
        quarters.sort_by(f64::total_cmp);
        assert_eq!(step(&quarters, false), Some(0.25));
        assert_eq!(step(&[1.5, 2.0, 4.0], true), Some(0.5));
        assert_eq!(step(&[0.1, 0.4, 0.8], true), Some(0.1));
        // Thirds lie on no grid of decimals.
        let thirds: Vec<f64> = (0..40).map(|k| f64::from(k) / 3.0).collect();
        assert_eq!(step(&thirds, false), None);
    }
}
