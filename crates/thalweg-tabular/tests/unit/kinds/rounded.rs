//! Numbers on a grid have probabilities.

use rand::RngExt;
use rand_distr::Poisson;

use super::{all, described};
use crate::draws::{Truth, log_normal, normal, numbers, recovers};

fn counts(rows: usize, seed: u64) -> Truth {
    let poisson = Poisson::new(4.0).unwrap();
    numbers(&["count"], rows, seed, |rng| {
        let k: f64 = rng.sample(poisson);
        let factorial: f64 = (1..=k as u32).map(|j| f64::from(j).ln()).sum();
        (vec![k], k * 4.0_f64.ln() - 4.0 - factorial)
    })
}

#[test]
fn poisson_counts() {
    let found = described(&counts(2000, 1).0);
    assert!(found.contains("rounded to 1"), "{found}");
    recovers("Poisson", &all(), counts);
}

fn few(rows: usize, seed: u64) -> Truth {
    // Five values of which one is rare: 0.4, 0.05, 0.2, 0.05, 0.3.
    let shares = [0.4, 0.05, 0.2, 0.05, 0.3];
    numbers(&["stars"], rows, seed, |rng| {
        let mut u = rng.random::<f64>();
        let found = shares.iter().position(|share| {
            u -= share;
            u < 0.0
        });
        let k = found.unwrap_or(4);
        (vec![k as f64 + 1.0], shares[k].ln())
    })
}

#[test]
fn few_values() {
    recovers("few values", &all(), few);
}

/// The probability of a cell of a normal density, by Simpson's rule: the error is that of the fourth power of 0.05.
fn cell(x: f64) -> f64 {
    let at = |x: f64| log_normal(x, 0.0, 1.0).exp();
    (0.1 * (at(x - 0.05) + 4.0 * at(x) + at(x + 0.05)) / 6.0).ln()
}

fn normal_rounded(rows: usize, seed: u64) -> Truth {
    numbers(&["x"], rows, seed, |rng| {
        let x = (normal(rng) * 10.0).round() / 10.0;
        (vec![x], cell(x))
    })
}

#[test]
fn normal_rounded_to_a_tenth() {
    let found = described(&normal_rounded(2000, 1).0);
    assert!(found.contains("rounded to 0.1"), "{found}");
    recovers("rounded normal", &all(), normal_rounded);
}
