//! Tableaus are what they claim to be, and the check can fail.

use thalweg_ode::{OdeError, Tableau, tableau};

#[test]
fn every_tableau_satisfies_its_conditions() {
    for tableau in Tableau::ALL {
        tableau.check().unwrap();
    }
}

fn condition(tableau: &Tableau) -> String {
    match tableau.check() {
        Err(OdeError::Tableau { condition, .. }) => condition,
        other => panic!("{} should not pass: {other:?}", tableau.name),
    }
}

#[test]
fn no_tableau_passes_for_one_order_more() {
    let below_five = Tableau::ALL.iter().filter(|tableau| tableau.order < 5);
    for tableau in below_five {
        let claim = Tableau {
            order: tableau.order + 1,
            ..**tableau
        };
        assert!(condition(&claim).starts_with("the condition of b for the tree"));
    }
}

#[test]
fn embedded_methods_are_one_order_lower_and_no_more() {
    let pairs = Tableau::ALL
        .iter()
        .filter(|tableau| tableau.error.is_some());
    for pair in pairs {
        let error = pair.error.expect("an estimate");
        let embedded: Vec<f64> = pair.b.iter().zip(error).map(|(b, e)| b - e).collect();
        let alone = Tableau {
            b: embedded.leak(),
            error: None,
            fsal: false,
            order: pair.order - 1,
            ..**pair
        };
        alone.check().unwrap();
        let claim = Tableau {
            order: pair.order,
            ..alone
        };
        condition(&claim);
    }
}

#[test]
fn wrong_numbers_are_named() {
    let rk4 = tableau::RK4;
    let wrong_sum = Tableau {
        c: &[0.0, 0.5, 0.6, 1.0],
        ..rk4
    };
    assert_eq!(condition(&wrong_sum), "sum of row 2 of a = c");
    let short = Tableau {
        c: &[0.0, 0.5, 0.5],
        ..rk4
    };
    assert_eq!(condition(&short), "as many nodes c as weights b");
    let implicit = Tableau {
        a: &[&[0.0], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
        ..rk4
    };
    assert_eq!(condition(&implicit), "row 0 of a has 0 weights");
    let fewer_rows = Tableau { a: &[&[]], ..rk4 };
    assert_eq!(condition(&fewer_rows), "as many rows of a as weights b");
    let not_last = Tableau { fsal: true, ..rk4 };
    assert!(condition(&not_last).starts_with("last row of a = b"));
    let estimate = Tableau {
        error: Some(&[0.1, 0.0, 0.0, 0.0]),
        ..rk4
    };
    assert!(condition(&estimate).starts_with("the condition of b - e"));
    let few_weights = Tableau {
        error: Some(&[0.0]),
        ..rk4
    };
    assert_eq!(
        condition(&few_weights),
        "as many error weights as weights b"
    );
}

#[test]
fn a_wrong_digit_in_the_largest_tableaus_is_found() {
    for (tableau, row) in [(tableau::DORMAND_PRINCE, 4), (tableau::TSITOURAS, 4)] {
        let mut wrong: Vec<f64> = tableau.a[row].to_vec();
        wrong[0] += 1e-9;
        wrong[1] -= 1e-9; // the sum of the row stays
        let mut a = tableau.a.to_vec();
        a[row] = wrong.leak();
        let wrong = Tableau {
            a: a.leak(),
            ..tableau
        };
        condition(&wrong);
    }
}
