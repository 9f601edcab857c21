//! Categories, numbers and angles that depend on each other.

use rand::RngExt;
use thalweg_data::{Column, Table};
use thalweg_tabular::Kind;

use super::all;
use crate::draws::{Truth, log_normal, log_von_mises, normal, recovers, rng, von_mises};

fn draw(rows: usize, seed: u64) -> Truth {
    let rng = &mut rng(seed);
    let (mut names, mut angles, mut x, mut truth) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let (name, share, mean, deviation) = match rng.random::<f64>() < 0.35 {
            true => ("a", 0.35_f64, -1.0, 0.5),
            false => ("b", 0.65, 2.0, 1.0),
        };
        let angle = von_mises(mean, 1.5, rng);
        let centre = 3.0 * angle.cos() + mean;
        let value = centre + deviation * normal(rng);
        names.push(name);
        angles.push(angle);
        x.push(value);
        let log = share.ln() + log_von_mises(angle, mean, 1.5);
        truth.push(log + log_normal(value, centre, deviation));
    }
    let columns = vec![
        Column::text("kind", names),
        Column::numbers("angle", angles),
        Column::numbers("x", x),
    ];
    (Table::new(columns).unwrap(), truth)
}

#[test]
fn category_angle_and_number() {
    let density = all().kind("angle", Kind::angle(std::f64::consts::TAU));
    recovers("mixed", &density, draw);
}
