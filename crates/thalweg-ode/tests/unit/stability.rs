//! Where explicit methods are stable on the negative real axis.

use thalweg_ode::{Tableau, infallible, step, tableau};

/// What a step multiplies `y` by for `y' = λy`, as a function of `z = hλ`.
fn amplification(tableau: &Tableau, z: f64) -> f64 {
    let Ok(step) = step(tableau, &mut infallible(|_, y: &f64| z * y), 0.0, &1.0, 1.0);
    step.y.abs()
}

#[test]
fn methods_are_stable_to_the_limit_the_docs_state() {
    let limits = [
        (tableau::EULER, 2.0),
        (tableau::HEUN, 2.0),
        (tableau::MIDPOINT, 2.0),
        (tableau::RALSTON, 2.0),
        (tableau::SSPRK3, 2.512_745),
        (tableau::RK4, 2.785_293),
        (tableau::BOGACKI_SHAMPINE, 2.512_745),
        (tableau::DORMAND_PRINCE, 3.306_567),
        (tableau::TSITOURAS, 3.506_846),
    ];
    assert_eq!(limits.len(), Tableau::ALL.len());
    for (tableau, limit) in limits {
        for part in 1..=1000 {
            let z = -limit * f64::from(part) / 1000.0;
            let found = amplification(&tableau, z);
            assert!(found <= 1.0 + 1e-12, "{} at {z}: {found}", tableau.name);
        }
        assert!(
            amplification(&tableau, -limit - 1e-3) > 1.0,
            "{}",
            tableau.name
        );
    }
}
