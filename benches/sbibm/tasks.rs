//! The simulators of the benchmark.
//!
//! J.-M. Lueckmann, J. Boelts, D. Greenberg, P. Gonçalves, J. Macke: *Benchmarking simulation-based inference*, 2021.

use std::error::Error;
use std::f64::consts::{FRAC_PI_2, SQRT_2};
use std::fs;
use std::path::Path;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;
use thalweg::sbi::{Normal, Simulate, Uniform};

use crate::Built;
use crate::lotka_volterra::lotka_volterra;
use crate::sir::sir;

/// Mean and covariance of a posterior, of an observation.
pub(crate) type Exact = fn(&[f64]) -> (Vec<f64>, Vec<f64>);

/// A prior and a simulator by the name of their folder.
pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) simulate: Simulate,
    /// Where it is normal.
    pub(crate) exact: Option<Exact>,
}

/// All of them. The folder has the stimulus of `bernoulli_glm`.
pub(crate) fn tasks(folder: &Path) -> Result<Vec<Task>, Box<dyn Error>> {
    let named = |name, simulate| Task {
        name,
        simulate,
        exact: None,
    };
    let path = folder.join("bernoulli_glm/stimulus.csv");
    let stimulus = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let stimulus: Vec<f64> = stimulus
        .lines()
        .skip(1)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok(vec![
        named("two_moons", two_moons()?),
        Task {
            exact: Some(linear_posterior),
            ..named("gaussian_linear", gaussian_linear()?)
        },
        named("gaussian_linear_uniform", gaussian_linear_uniform()?),
        named("gaussian_mixture", gaussian_mixture()?),
        named("slcp", slcp()?),
        named("sir", sir()?),
        named("lotka_volterra", lotka_volterra()?),
        named("bernoulli_glm", bernoulli_glm(stimulus)?),
    ])
}

/// A number of the standard normal distribution.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    rng.sample(StandardNormal)
}

fn two_moons() -> Built<Simulate> {
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let angle = rng.random_range(-FRAC_PI_2..FRAC_PI_2);
        let radius = 0.1 + 0.01 * normal(rng);
        let sum = -(theta[0] + theta[1]).abs() / SQRT_2;
        let difference = (theta[1] - theta[0]) / SQRT_2;
        vec![
            radius * angle.cos() + 0.25 + sum,
            radius * angle.sin() + difference,
        ]
    };
    Ok(Simulate::new(Uniform::new([[-1.0, 1.0]; 2])?, simulator))
}

/// The variance of parameters and of noise of the linear tasks.
const VARIANCE: f64 = 0.1;

fn linear(theta: &[f64], rng: &mut ChaCha8Rng) -> Vec<f64> {
    theta
        .iter()
        .map(|t| t + VARIANCE.sqrt() * normal(rng))
        .collect()
}

fn gaussian_linear() -> Built<Simulate> {
    let prior = Normal::new(&[0.0; 10], &[VARIANCE.sqrt(); 10])?;
    Ok(Simulate::new(prior, linear))
}

/// `N(x / 2, 0.05 I)`.
fn linear_posterior(x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let size = x.len();
    let entry = |index: usize| match index % (size + 1) {
        0 => VARIANCE / 2.0,
        _ => 0.0,
    };
    let covariance = (0..size * size).map(entry).collect();
    (x.iter().map(|x| x / 2.0).collect(), covariance)
}

fn gaussian_linear_uniform() -> Built<Simulate> {
    Ok(Simulate::new(Uniform::new([[-1.0, 1.0]; 10])?, linear))
}

fn gaussian_mixture() -> Built<Simulate> {
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let deviation = if rng.random::<bool>() { 1.0 } else { 0.1 };
        theta
            .iter()
            .map(|t| t + deviation * normal(rng))
            .collect::<Vec<f64>>()
    };
    Ok(Simulate::new(Uniform::new([[-10.0, 10.0]; 2])?, simulator))
}

fn slcp() -> Built<Simulate> {
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let [first, second] = [theta[2].powi(2), theta[3].powi(2)];
        let covariance = theta[4].tanh() * first * second;
        // The factor of Cholesky's of [[s₁² + ε, ρ s₁ s₂], [ρ s₁ s₂, s₂² + ε]].
        let a = (first.powi(2) + 1e-6).sqrt();
        let b = covariance / a;
        let c = (second.powi(2) + 1e-6 - b * b).max(0.0).sqrt();
        let point = |_| {
            let (u, v) = (normal(rng), normal(rng));
            [theta[0] + a * u, theta[1] + b * u + c * v]
        };
        (0..4).flat_map(point).collect::<Vec<f64>>()
    };
    Ok(Simulate::new(Uniform::new([[-3.0, 3.0]; 5])?, simulator))
}

/// Filters of the Bernoulli model, and the bins of its stimulus.
const LAGS: usize = 9;

fn bernoulli_glm(stimulus: Vec<f64>) -> Built<Simulate> {
    let bins = stimulus.len();
    let lagged = move |t: usize, lag: usize| t.checked_sub(lag).map_or(0.0, |t| stimulus[t]);
    let simulator = move |theta: &[f64], rng: &mut ChaCha8Rng| {
        let mut x = vec![0.0; 1 + LAGS];
        for t in 0..bins {
            let filtered: f64 = (0..LAGS).map(|lag| theta[1 + lag] * lagged(t, lag)).sum();
            let probability = 1.0 / (1.0 + (-theta[0] - filtered).exp());
            if rng.random::<f64>() < probability {
                x[0] += 1.0;
                (0..LAGS).for_each(|lag| x[1 + lag] += lagged(t, lag));
            }
        }
        x
    };
    Ok(Simulate::new(filters()?, simulator))
}

/// `b ~ N(0, 2)`, and filters with `F f ~ N(0, 1)`: `F[i, i] = 1 + √(i/9)`, `F[i, i−1] = −2`, `F[i, i−2] = 1`.
fn filters() -> Built<Normal> {
    // Columns of F⁻¹, by substitution.
    let column = |one: usize| {
        let mut column = [0.0; LAGS];
        for i in 0..LAGS {
            let right = f64::from(u8::from(i == one));
            let [first, second] = [1, 2].map(|lag| i.checked_sub(lag).map_or(0.0, |i| column[i]));
            column[i] = (right + 2.0 * first - second) / (1.0 + (i as f64 / LAGS as f64).sqrt());
        }
        column
    };
    let inverse: Vec<[f64; LAGS]> = (0..LAGS).map(column).collect();
    let size = 1 + LAGS;
    let mut covariance = vec![0.0; size * size];
    covariance[0] = 2.0;
    for i in 0..LAGS {
        for j in 0..LAGS {
            let products = inverse.iter().map(|column| column[i] * column[j]);
            covariance[(1 + i) * size + 1 + j] = products.sum();
        }
    }
    Normal::correlated(&vec![0.0; size], &covariance)
}
