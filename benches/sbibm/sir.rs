//! An epidemic.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::Binomial;
use thalweg::ode::Vector;
use thalweg::sbi::{LogNormal, Simulate};

use crate::Built;
use crate::lotka_volterra::states;

/// Susceptible and infected shares of a million, of whom 1,000 are tested every 17 days.
pub(crate) fn sir() -> Built<Simulate> {
    const ALL: f64 = 1e6;
    let prior = LogNormal::new(&[0.4_f64.ln(), 0.125_f64.ln()], &[0.5, 0.2])?;
    let times: Vec<f64> = (0..10).map(|k| 17.0 * f64::from(k)).collect();
    let simulator = move |theta: &[f64], rng: &mut ChaCha8Rng| {
        let (beta, gamma) = (theta[0], theta[1]);
        let field = |y: &Vector| {
            let new = beta * y[0] * y[1];
            Vector::from([-new, new - gamma * y[1]])
        };
        // In units of a thousand people, since the tolerance is absolute near 0.
        let unit = ALL / 1e3;
        let field = |y: &Vector| field(&(y.clone() * (1.0 / unit))) * unit;
        let start = Vector::from([(ALL - 1.0) / 1e3, 1e-3]);
        let states = states(&times, start, field)?;
        let tested = |state: &Vector| {
            let share = (state[1] / unit).clamp(0.0, 1.0);
            let count = Binomial::new(1000, share).map_err(|error| error.to_string())?;
            Ok(rng.sample(count) as f64)
        };
        states
            .iter()
            .map(tested)
            .collect::<Result<Vec<f64>, String>>()
    };
    Ok(Simulate::new(prior, simulator))
}
