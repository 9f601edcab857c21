//! Joint probabilities of text columns.

use rand::RngExt;
use thalweg_data::{Column, Table};

use super::all;
use crate::draws::{JUDGED, Truth, recovers, rng};

const A: [(&str, f64); 3] = [("north", 0.5), ("east", 0.3), ("south", 0.2)];
const B: [&str; 4] = ["red", "green", "blue", "white"];
/// `P(b | a)`.
const B_GIVEN_A: [[f64; 4]; 3] = [
    [0.70, 0.10, 0.10, 0.10],
    [0.05, 0.05, 0.60, 0.30],
    [0.25, 0.25, 0.25, 0.25],
];
/// `P(c = yes | a, b)` is that of the parity of their numbers.
const C: [f64; 2] = [0.9, 0.15];

fn pick(weights: impl IntoIterator<Item = f64>, mut u: f64) -> usize {
    let mut last = 0;
    for (place, weight) in weights.into_iter().enumerate() {
        last = place;
        u -= weight;
        if u < 0.0 {
            break;
        }
    }
    last
}

fn draw(rows: usize, seed: u64) -> Truth {
    let rng = &mut rng(seed);
    let (mut words, mut truth) = (vec![vec![]; 3], vec![]);
    for _ in 0..rows {
        let a = pick(A.map(|a| a.1), rng.random());
        let b = pick(B_GIVEN_A[a], rng.random());
        let yes = rng.random::<f64>() < C[(a + b) % 2];
        words[0].push(A[a].0);
        words[1].push(B[b]);
        words[2].push(if yes { "yes" } else { "no" });
        let c = C[(a + b) % 2];
        truth.push((A[a].1 * B_GIVEN_A[a][b] * if yes { c } else { 1.0 - c }).ln());
    }
    let columns = ["a", "b", "c"].iter().zip(words);
    let columns = columns.map(|(name, words)| Column::text(name, words));
    (Table::new(columns.collect()).unwrap(), truth)
}

#[test]
fn joint_of_three() {
    let model = recovers("categories", &all(), draw);
    // Samples have the joint probabilities too.
    let drawn = model.sample(JUDGED, 3).unwrap();
    let [a, b] = ["a", "b"].map(|name| match drawn.column(name).unwrap().values() {
        thalweg_data::Values::Text(text) => text.clone(),
        other => panic!("drew {other:?}"),
    });
    let both = (0..JUDGED).filter(|row| a.get(*row) == Some("north") && b.get(*row) == Some("red"));
    let share = both.count() as f64 / JUDGED as f64;
    // Three deviations of a share of 0.35 of 6,000 rows are 0.018.
    assert!((share - 0.35).abs() < 0.03, "{share}");
}
