//! Runs: counts, continuing, dense output, failures.

use thalweg_ode::{
    Adaptive, Componentwise, Ended, Fixed, Solve, Tolerance, Vector, infallible, tableau,
};

fn tight() -> Adaptive {
    Adaptive::pi(Tolerance::new(1e-9, 1e-9).expect("a good tolerance"))
}

/// `x'' = (1 − x²) x' − x`.
fn oscillator(_: f64, y: &Vector) -> Vector {
    Vector::from([y[1], (1.0 - y[0] * y[0]) * y[1] - y[0]])
}

#[test]
fn every_evaluation_is_counted() {
    for method in [tableau::RK4, tableau::DORMAND_PRINCE] {
        let mut calls = 0;
        let field = infallible(|_, y: &f64| {
            calls += 1;
            -y
        });
        let solve = Solve::new(method, 0.0, 1.0, 0.1).unwrap();
        let solution = solve.run(field, 1.0, &mut Fixed).unwrap();
        assert_eq!(solution.evaluations, calls);
        assert_eq!((solution.accepted, solution.rejected), (10, 0));
        let a_step = method.stages() - usize::from(method.fsal);
        assert_eq!(calls, 1 + 10 * a_step, "{}", method.name);
        assert_eq!(solution.points.len(), 11);
        assert_eq!(solution.last().t, 1.0);
    }
}

#[test]
fn rejected_steps_keep_their_first_slope() {
    let mut calls = 0;
    let field = infallible(|t, y: &Vector| {
        calls += 1;
        oscillator(t, y)
    });
    let solve = Solve::new(tableau::DORMAND_PRINCE, 0.0, 10.0, 5.0).unwrap();
    let solution = solve
        .run(field, Vector::from([2.0, 0.0]), &mut tight())
        .unwrap();
    assert!(solution.rejected > 0);
    assert_eq!(calls, 1 + 6 * (solution.accepted + solution.rejected));
    assert_eq!(solution.evaluations, calls);
}

#[test]
fn a_run_goes_back_in_time() {
    let field = |_: f64, y: &Vector| Vector::from([y[1], -y[0].sin()]);
    let solve = |from, to| Solve::new(tableau::TSITOURAS, from, to, 0.1).unwrap();
    let start = Vector::from([1.0, 0.3]);
    let there = solve(0.0, 4.0)
        .run(infallible(field), start.clone(), &mut tight())
        .unwrap();
    let end = there.last().y.clone();
    let back = solve(4.0, 0.0)
        .run(infallible(field), end, &mut tight())
        .unwrap();
    assert!(crate::common::distance(&back.last().y, &start) < 1e-7);
    let middle = (there.at(2.5).unwrap(), back.at(2.5).unwrap());
    assert!(crate::common::distance(&middle.0, &middle.1) < 1e-3);
}

#[test]
fn a_run_of_no_length_is_its_start() {
    let solve = Solve::new(tableau::RK4, 2.0, 2.0, 0.1).unwrap();
    let solution = solve
        .run(infallible(|_, y: &f64| -y), 1.0, &mut Fixed)
        .unwrap();
    assert_eq!((solution.accepted, solution.ended), (0, Ended::AtEnd));
    assert_eq!(solution.at(2.0), Some(1.0));
    assert_eq!(solution.at(2.1), None);
}

#[test]
fn a_run_in_two_parts_is_the_run_to_the_bit() {
    let start = Vector::from([2.0, 0.0]);
    let mut controller = tight();
    let solve = Solve::new(tableau::DORMAND_PRINCE, 0.0, 10.0, 0.5).unwrap();
    let whole = solve
        .run(infallible(oscillator), start.clone(), &mut controller)
        .unwrap();

    let mut first = tight();
    let part = solve
        .most_steps(23)
        .run(infallible(oscillator), start, &mut first)
        .unwrap();
    assert_eq!(part.ended, Ended::MostSteps);
    let mut second = tight();
    second.memory = first.memory;
    let point = part.last();
    let rest = Solve::new(tableau::DORMAND_PRINCE, point.t, 10.0, part.next_step).unwrap();
    let rest = rest
        .run(infallible(oscillator), point.y.clone(), &mut second)
        .unwrap();

    assert_eq!(whole.last(), rest.last());
    assert_eq!(whole.accepted, part.accepted + rest.accepted);
    assert_eq!(controller, second);
}

#[test]
fn the_last_step_meets_the_end() {
    // 0.1 · 10 is not 1 in floating point; no eleventh step is taken for the rest.
    let solve = Solve::new(tableau::EULER, 0.0, 1.0, 0.1).unwrap();
    let solution = solve
        .run(infallible(|_, _: &f64| 1.0), 0.0, &mut Fixed)
        .unwrap();
    assert_eq!((solution.accepted, solution.last().t), (10, 1.0));
    let solve = Solve::new(tableau::EULER, 0.0, 1.0, 0.4).unwrap();
    let solution = solve
        .run(infallible(|_, _: &f64| 1.0), 0.0, &mut Fixed)
        .unwrap();
    assert_eq!((solution.accepted, solution.last().t), (3, 1.0));
    assert!((solution.last().y - 1.0).abs() < 1e-15);
}

#[test]
fn a_run_measures_with_what_it_is_given() {
    let dot = |a: &f64, b: &f64| a * b;
    let solve = Solve::new(tableau::TSITOURAS, 0.0, 3.0, 0.1).unwrap();
    let decay = |_: f64, y: &f64| -y;
    let one = solve
        .run_until(infallible(decay), 1.0, &mut tight(), &dot, |_, _| false)
        .unwrap();
    let other = solve.run_until(
        infallible(decay),
        1.0,
        &mut tight(),
        &Componentwise,
        |_, _| false,
    );
    let other = other.unwrap();
    assert!((one.last().y - other.last().y).abs() < 1e-12);
}
