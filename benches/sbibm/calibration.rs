//! Whether a posterior is calibrated, and how near it is to one that is known in closed form.

use thalweg::sbi::{Posterior, SbiError, Simulations};

use crate::tasks::Exact;

/// Draws for each fresh simulation.
const DRAWS: usize = 999;
/// Draws for means and covariances, whose own error is then 0.3 % of a variance.
const MANY: usize = 200_000;

/// Prints the p-values of all checks on fresh simulations.
pub(crate) fn print(posterior: &Posterior, fresh: &Simulations, seed: u64) -> Result<(), SbiError> {
    let found = posterior.calibrate(fresh, DRAWS, seed)?;
    let whole = [&found.highest_density, &found.tarp];
    for levels in found.ranks.iter().chain(whole) {
        let (chi, kolmogorov) = (levels.p_value(), levels.kolmogorov());
        println!(
            "    {}: p = {chi:.4} (χ²), {kolmogorov:.4} (Kolmogorov)",
            levels.name()
        );
    }
    Ok(())
}

/// Prints the distance of mean and covariance from those in closed form: of the means in norms, of the covariances in norms
/// of Frobenius.
pub(crate) fn print_errors(posterior: &Posterior, x: &[f64], exact: Exact) -> Result<(), SbiError> {
    let draws = posterior.sample(x, MANY, 2)?;
    let (mean, covariance) = exact(x);
    let relative = |found: &[f64], exact: &[f64]| {
        let norm =
            |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
        let difference = norm(&mut found.iter().zip(exact).map(|(a, b)| a - b));
        100.0 * difference / norm(&mut exact.iter().copied())
    };
    println!(
        "    mean {:.2} % from the exact one, covariance {:.2} %",
        relative(&draws.mean(), &mean),
        relative(&draws.covariance(), &covariance)
    );
    Ok(())
}
