//! A program that makes data of parameters.

use std::fmt::Display;

use rand::rngs::ChaCha8Rng;

/// A program that draws data `x` from `p(x | θ)`, a density that it need not know.
///
/// Closures are simulators. One that can fail returns a `Result`:
///
/// ```
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::Simulator;
///
/// let decay = |theta: &[f64], rng: &mut ChaCha8Rng| match theta[0] > 0.0 {
///     true => Ok(vec![-(1.0 - rng.random::<f64>()).ln() / theta[0]]),
///     false => Err(format!("a rate of {}", theta[0])),
/// };
/// # fn check(_: impl Simulator) {}
/// check(decay);
/// ```
///
/// All randomness comes from the generator, whose state is determined by the seed of the run and the number of the
/// simulation: the data do not depend on the number of threads, and an interrupted run goes on with the same data.
pub trait Simulator: Send + Sync {
    /// The data of one simulation.
    ///
    /// # Errors
    ///
    /// In words, where the simulator has no data for these parameters.
    fn simulate(&self, theta: &[f64], rng: &mut ChaCha8Rng) -> Result<Vec<f64>, String>;
}

/// What a closure returns to be a [`Simulator`]: numbers, or a `Result` of them.
///
/// ```
/// use thalweg_sbi::Simulated;
///
/// assert_eq!(vec![1.0].into_result(), Ok(vec![1.0]));
/// let failed: Result<Vec<f64>, String> = Err("no solution".into());
/// assert_eq!(failed.into_result(), Err("no solution".into()));
/// ```
pub trait Simulated {
    /// The numbers, or what went wrong.
    ///
    /// # Errors
    ///
    /// That of the simulation.
    fn into_result(self) -> Result<Vec<f64>, String>;
}

impl Simulated for Vec<f64> {
    fn into_result(self) -> Result<Vec<f64>, String> {
        Ok(self)
    }
}

impl<E: Display> Simulated for Result<Vec<f64>, E> {
    fn into_result(self) -> Result<Vec<f64>, String> {
        self.map_err(|error| error.to_string())
    }
}

impl<F, S> Simulator for F
where
    F: Fn(&[f64], &mut ChaCha8Rng) -> S + Send + Sync,
    S: Simulated,
{
    fn simulate(&self, theta: &[f64], rng: &mut ChaCha8Rng) -> Result<Vec<f64>, String> {
        self(theta, rng).into_result()
    }
}
