//! Prey and predators, seen with noise.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;
use thalweg::ode::{Adaptive, Solve, Tolerance, Vector, infallible, tableau};
use thalweg::sbi::{LogNormal, SbiError, Simulate};

/// The states of a differential equation at times from 0 on, by the pair of Tsitouras of order 5(4).
pub(crate) fn states(
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

/// `X′ = α X − β X Y`, `Y′ = −γ Y + δ X Y` from `X = 30`, `Y = 1`, seen every 2.1 days with a noise of 10 %: first ten
/// numbers of prey, then of predators. Integrated in logarithms, in which both stay positive.
pub(crate) fn lotka_volterra() -> Result<Simulate, SbiError> {
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
        let mut seen = |species: usize| -> Vec<f64> {
            let logs = states.iter().map(|state| state[species].clamp(low, high));
            logs.map(|log| (log + 0.1 * rng.sample::<f64, _>(StandardNormal)).exp())
                .collect()
        };
        Ok::<_, String>([seen(0), seen(1)].concat())
    };
    Ok(Simulate::new(prior, simulator))
}
