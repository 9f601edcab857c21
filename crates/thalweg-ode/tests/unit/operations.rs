//! What a step costs: evaluations and operations on states.

use std::cell::Cell;
use std::ops::{Add, Mul};

use thalweg_ode::{Method, Start, Tableau, infallible, step, tableau};

thread_local! {
    static ADDITIONS: Cell<usize> = const { Cell::new(0) };
    static PRODUCTS: Cell<usize> = const { Cell::new(0) };
}

/// A number that counts.
#[derive(Clone)]
struct Counted(f64);

impl Add for Counted {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        ADDITIONS.set(ADDITIONS.get() + 1);
        Self(self.0 + other.0)
    }
}

impl Mul<f64> for Counted {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        PRODUCTS.set(PRODUCTS.get() + 1);
        Self(self.0 * factor)
    }
}

fn nonzero(weights: &[f64]) -> usize {
    weights.iter().filter(|weight| **weight != 0.0).count()
}

#[test]
fn a_step_costs_its_stages_and_its_nonzero_weights() {
    for tableau in Tableau::ALL {
        let evaluations = Cell::new(0);
        let mut field = infallible(|_, y: &Counted| {
            evaluations.set(evaluations.get() + 1);
            Counted(-y.0) // not by an operator, which would count
        });
        ADDITIONS.set(0);
        PRODUCTS.set(0);
        let Ok(step) = step(tableau, &mut field, 0.0, &Counted(1.0), 0.1);
        assert_eq!(evaluations.get(), tableau.stages(), "{}", tableau.name);
        assert_eq!(step.evaluations, tableau.stages(), "{}", tableau.name);

        let stages = tableau.a.iter().map(|row| nonzero(row)).sum::<usize>();
        let state = if tableau.fsal { 0 } else { nonzero(tableau.b) };
        let error = tableau.error.map_or(0, nonzero);
        let products = stages + state + error;
        assert_eq!(PRODUCTS.get(), products, "{}", tableau.name);
        let additions = products - usize::from(error > 0); // the first term is added to nothing
        assert_eq!(ADDITIONS.get(), additions, "{}", tableau.name);
    }
}

#[test]
fn the_last_stage_is_the_next_first() {
    let decay = |t: f64, y: &f64| t - y * y;
    for pair in Tableau::ALL.iter().filter(|tableau| tableau.fsal) {
        let mut field = infallible(decay);
        let Ok(first) = step(pair, &mut field, 0.0, &1.0, 0.1);
        assert_eq!(first.slope, Some(decay(0.1, &first.y)), "{}", pair.name);

        let (t, y) = (0.1, &first.y);
        let slope = first.slope.as_ref();
        let Ok(reused) = pair.step(&mut field, Start { t, y, slope }, 0.1);
        let Ok(fresh) = step(pair, &mut field, t, y, 0.1);
        assert_eq!(reused.y, fresh.y);
        assert_eq!(reused.error, fresh.error);
        assert_eq!(reused.evaluations, pair.stages() - 1);
    }
}

#[test]
fn methods_without_a_last_stage_leave_no_slope() {
    let Ok(step) = step(
        &tableau::RK4,
        &mut infallible(|_, y: &f64| -y),
        0.0,
        &1.0,
        0.1,
    );
    assert_eq!((step.slope, step.error), (None, None));
}

#[test]
fn a_field_that_fails_ends_the_step() {
    for fails_at in 1..=7 {
        let mut count = 0;
        let mut field = |_: f64, y: &f64| {
            count += 1;
            if count == fails_at {
                Err("no gradient")
            } else {
                Ok(-y)
            }
        };
        let found = step(&tableau::DORMAND_PRINCE, &mut field, 0.0, &1.0, 0.1);
        assert_eq!(found, Err("no gradient"));
        assert_eq!(count, fails_at);
    }
}
