//! Numbers on the line, of any scale.

use rand::RngExt;
use rand_distr::StudentT;
use thalweg_data::{Column, Table};
use thalweg_tabular::{Density, Kind};

use super::all;
use crate::draws::{LEARNED, Truth, log_normal, normal, numbers, recovers};

fn student(rows: usize, seed: u64) -> Truth {
    let student = StudentT::new(2.0).unwrap();
    numbers(&["x"], rows, seed, |rng| {
        let x: f64 = rng.sample(student);
        let log = -1.5 * (x * x / 2.0).ln_1p() - (2.0 * 2.0_f64.sqrt()).ln();
        (vec![x], log)
    })
}

#[test]
fn heavy_tails() {
    let model = recovers("Student t", &all(), student);
    let mut far: Vec<f64> = (0..=306).map(|k| 10.0_f64.powi(k + 2)).collect();
    far.push(f64::MAX);
    for side in [-1.0, 1.0] {
        let x: Vec<f64> = far.iter().map(|x| side * x).collect();
        let table = Table::new(vec![Column::numbers("x", x.clone())]).unwrap();
        let logs = model.log_prob(&table).unwrap();
        let logs: Vec<f64> = logs.into_iter().map(Result::unwrap).collect();
        for (x, pair) in x.iter().zip(logs.windows(2)) {
            assert!(pair[1] < pair[0], "beyond {x}: {pair:?}");
        }
        assert!(logs.iter().all(|log| *log > -1e4), "{logs:?}");
    }
}

fn mixture(rows: usize, seed: u64) -> Truth {
    numbers(&["x"], rows, seed, |rng| {
        let mean = if rng.random::<f64>() < 0.5 { -2.0 } else { 2.0 };
        let x = mean + 0.5 * normal(rng);
        let at = |mean| 0.5 * log_normal(x, mean, 0.5).exp();
        (vec![x], (at(-2.0) + at(2.0)).ln())
    })
}

#[test]
fn two_modes() {
    recovers("two modes", &all(), mixture);
}

fn banana(rows: usize, seed: u64) -> Truth {
    numbers(&["x", "y", "z"], rows, seed, |rng| {
        let [a, b, c] = [normal(rng), normal(rng), normal(rng)];
        let y = a * a + 0.5 * b;
        let log = log_normal(a, 0.0, 1.0) + log_normal(y, a * a, 0.5);
        let z = y + 0.1 * c;
        (vec![a, y, z], log + log_normal(z, y, 0.1))
    })
}

#[test]
fn curved() {
    recovers("banana", &all(), banana);
}

fn zero_inflated(rows: usize, seed: u64) -> Truth {
    numbers(&["amount"], rows, seed, |rng| {
        match rng.random::<f64>() < 0.3 {
            true => (vec![0.0], 0.3_f64.ln()),
            false => {
                let x = 5.0 + normal(rng);
                (vec![x], 0.7_f64.ln() + log_normal(x, 5.0, 1.0))
            }
        }
    })
}

#[test]
fn zero_inflated_amounts() {
    recovers("zero-inflated", &all(), zero_inflated);
}

fn at_scale(scale: f64) -> Truth {
    numbers(&["x"], LEARNED, 1, |rng| {
        let x = normal(rng);
        (vec![x * scale], log_normal(x, 0.0, 1.0) - scale.ln())
    })
}

#[test]
fn scale_of_1e_minus_46() {
    let density = all().steps(100).members(1);
    let mean = |scale| -> f64 {
        let (table, _) = at_scale(scale);
        let logs = density.fit(&table).unwrap().log_prob(&table).unwrap();
        logs.into_iter().map(Result::unwrap).sum::<f64>() / LEARNED as f64
    };
    let difference = mean(1e-46) - mean(1.0);
    let expected = 46.0 * 10.0_f64.ln();
    assert!((difference - expected).abs() < 1e-4, "{difference}");
}

#[test]
fn seconds_since_1970() {
    let (table, _) = numbers(&["x"], 4000, 1, |rng| {
        ((vec![(normal(rng) * 3e5).round()]), 0.0)
    });
    let seconds = table.columns()[0].as_numbers().unwrap().iter();
    let late = seconds.map(|x| x + 1.7e9).collect();
    let late = Table::new(vec![Column::times("x", late)]).unwrap();
    let density = Density::of_all().steps(100).members(1);
    let near = density.clone().kind("x", Kind::continuous().rounded(1.0));
    let logs = [
        near.fit(&table).unwrap().log_prob(&table),
        density.fit(&late).unwrap().log_prob(&late),
    ];
    let [near, late] = logs.map(|logs| logs.unwrap());
    for (near, late) in near.into_iter().zip(late) {
        let (near, late) = (near.unwrap(), late.unwrap());
        assert!(
            (near - late).abs() < 2e-3,
            "{near}, and {late} of 1.7e9 seconds more"
        );
    }
}
