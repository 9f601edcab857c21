//! Values that many rows repeat.

use rand::RngExt;
use thalweg_tabular::{Density, Kind};

use super::described;
use crate::draws::{normal, numbers};

#[test]
fn a_fitted_density_names_its_repeated_values() {
    let (table, _) = numbers(&["amount", "level", "x"], 400, 1, |rng| {
        let nothing = rng.random::<f64>() < 0.4;
        let amount = if nothing { 0.0 } else { normal(rng).exp() };
        let level = match rng.random::<f64>() {
            ..0.3 => -1.5,
            0.3..0.6 => 2.0,
            _ => normal(rng),
        };
        (vec![amount, level, normal(rng)], 0.0)
    });
    // Before the rows are divided, nobody knows.
    assert!(!described(&table).contains("probabilit"));
    let density = Density::of(["level", "x"]).given(["amount"]);
    let text = density.steps(2).members(2).fit(&table).unwrap().to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].ends_with("; -1.5 and 2 have probabilities of their own"),
        "{text}"
    );
    assert!(!lines[1].contains("probabilit"), "{text}");
    // A condition has no probability.
    assert!(!lines[2].contains("probabilit"), "{text}");
    let alone = Density::of(["amount"]).steps(2).members(1);
    let text = alone.fit(&table).unwrap().to_string();
    assert!(
        text.contains("); 0 has a probability of its own\n"),
        "{text}"
    );
}

/// 0 is no atom: other values lie beside it.
#[test]
fn many_repeated_values_are_counted() {
    let (table, _) = numbers(&["x"], 700, 1, |rng| {
        let place = (rng.random::<f64>() * 12.0).floor();
        let x = if place < 8.0 {
            1e3 * place
        } else {
            normal(rng)
        };
        (vec![x], 0.0)
    });
    let kind = Kind::continuous().rounded(1.0);
    let density = Density::of_all().kind("x", kind).steps(2).members(1);
    let text = density.fit(&table).unwrap().to_string();
    assert!(
        text.contains(
            "; 1000, 2000, 3000, 4000, 5000 and 2 more values have probabilities of their own\n"
        ),
        "{text}"
    );
}
