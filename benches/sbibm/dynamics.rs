//! The two tasks that are differential equations.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::Binomial;
use thalweg::ode::{Adaptive, Solve, Tolerance, Vector, infallible, tableau};
use thalweg::sbi::{LogNormal, Simulate};

use crate::Built;
use crate::tasks::normal;

/// The states at some times from 0 on.
fn states(
    times: &[f64],
    start: Vector,
    field: impl Fn(&Vector) -> Vector,
) -> Result<Vec<Vector>, String> {
    let run = || -> Result<Vec<Vector>, Box<dyn std::error::Error>> {
        let end = times.last().copied().unwrap_or_default();
        let solve = Solve::new(tableau::TSITOURAS, 0.0, end, 1e-3)?.keep_at(times)?;
        let mut controller = Adaptive::pi(Tolerance::new(1e-7, 1e-7)?);
        let field = infallible(|_, y: &Vector| field(y));
        let solution = solve.run(field, start, &mut controller);
        let points = solution.map_err(|failure| failure.to_string())?.points;
        Ok(points.into_iter().map(|point| point.y).collect())
    };
    run().map_err(|error| error.to_string())
}

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

/// Prey and predators, seen with noise of 10 % every 2.1 days, integrated in logarithms.
pub(crate) fn lotka_volterra() -> Built<Simulate> {
    let prior = LogNormal::new(&[-0.125, -3.0, -0.125, -3.0], &[0.5; 4])?;
    let times: Vec<f64> = (0..10).map(|k| 2.1 * f64::from(k)).collect();
    let simulator = move |theta: &[f64], rng: &mut ChaCha8Rng| {
        let [alpha, beta, gamma, delta] = [theta[0], theta[1], theta[2], theta[3]];
        let field = |y: &Vector| {
            let (prey, predators) = (y[0].exp(), y[1].exp());
            Vector::from([alpha - beta * predators, delta * prey - gamma])
        };
        let states = states(&times, Vector::from([30.0_f64.ln(), 0.0]), field)?;
        let (low, high) = (1e-10_f64.ln(), 1e4_f64.ln());
        let seen = |species: usize| {
            let logs = states
                .iter()
                .map(move |state| state[species].clamp(low, high));
            logs.collect::<Vec<f64>>()
        };
        let noisy = |log: f64| (log + 0.1 * normal(rng)).exp();
        Ok::<_, String>([seen(0), seen(1)].concat().into_iter().map(noisy).collect())
    };
    Ok(Simulate::new(prior, simulator))
}
