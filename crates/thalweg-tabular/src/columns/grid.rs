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

/// The step that numbers, ascending and different, with the number of rows of each, are rounded to.
///
/// It is the coarsest of the [`grid`]'s step and ten, a hundred and so on of it that holds 95 % of the rows: a few values with
/// more digits than the others do not set the step for all. Of few numbers that lie on no such grid, it is their smallest
/// distance.
pub(crate) fn step(values: &[f64], counts: &[usize], few: bool) -> Option<f64> {
    let rows: usize = counts.iter().sum();
    let found = grid(values).map(|[finest, origin]| {
        let held = |step: f64| -> f64 {
            let on = |x: f64| {
                let place = (x - origin) / step;
                (place - place.round()).abs() < 1e-6
            };
            let pairs = values.iter().zip(counts).filter(|(x, _)| on(**x));
            pairs.map(|(_, count)| *count).sum::<usize>() as f64 / rows as f64
        };
        let coarser = (1..=9).map(|k| finest * 10_f64.powi(k));
        coarser
            .take_while(|step| held(*step) >= MOST)
            .last()
            .unwrap_or(finest)
    });
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

/// The share of rows on a grid by which it counts.
const MOST: f64 = 0.95;
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
