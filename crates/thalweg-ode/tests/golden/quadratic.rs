//! A linear gradient flow and its heavy ball.

use std::convert::Infallible;

use thalweg_ode::{
    Adaptive, Componentwise, Implicit, PhasePoint, Solve, Solver, Start, Tolerance, Vector,
    infallible, semi_implicit_euler, tableau,
};

use crate::file::{File, METHODS, STEPS, run};

const CASE: &str = "integrators_quad";

/// `−A (θ − c)`.
fn descent(file: &File, theta: &[f64]) -> Vector {
    let (a, c) = (file.numbers("A"), file.numbers("c"));
    let rows = a.chunks(theta.len()).map(|row| {
        let terms = row.iter().zip(theta.iter().zip(c));
        -terms.map(|(a, (theta, c))| a * (theta - c)).sum::<f64>()
    });
    rows.collect()
}

/// `θ' = v`, `v' = −1.5 v − ∇L`.
fn heavy_ball(file: &File, state: &[f64]) -> Vector {
    let (theta, v) = state.split_at(state.len() / 2);
    let kick = descent(file, theta);
    let slowed = kick.iter().zip(v).map(|(kick, v)| kick - 1.5 * v);
    v.iter().copied().chain(slowed).collect()
}

#[test]
fn explicit_methods() {
    let file = File::open(CASE);
    let h = file.numbers("h")[0];
    for (name, method) in METHODS {
        let field = |theta: &Vector| descent(&file, theta);
        run(&method, field, file.vector("theta0"), h, |k, step| {
            if STEPS.contains(&k) {
                file.near(&format!("{name}.step{k}"), &step.y, 1e-12);
            }
            if let (1, Some(error)) = (k, &step.error) {
                file.near(&format!("{name}.err1"), error, 1e-12);
            }
        });
    }
}

#[test]
fn explicit_methods_on_the_heavy_ball() {
    let file = File::open(CASE);
    let h = file.numbers("h")[0];
    let start: Vector = file
        .numbers("theta0")
        .iter()
        .copied()
        .chain([0.0; 6])
        .collect();
    for (name, method) in METHODS
        .iter()
        .filter(|(name, _)| ["euler", "heun", "rk4"].contains(name))
    {
        let field = |state: &Vector| heavy_ball(&file, state);
        run(method, field, start.clone(), h, |k, step| {
            if STEPS.contains(&k) {
                file.near(&format!("heavyball.{name}.step{k}"), &step.y, 1e-12);
            }
        });
    }
}

#[test]
fn semi_implicit_euler_on_the_heavy_ball() {
    let file = File::open(CASE);
    let h = file.numbers("h")[0];
    let mut acceleration = |theta: &Vector| Ok::<_, Infallible>(descent(&file, theta));
    let mut phase = PhasePoint {
        position: file.vector("theta0"),
        velocity: Vector::from([0.0; 6]),
    };
    for k in 1..=100 {
        let Ok(next) = semi_implicit_euler(&mut acceleration, &phase, 1.5, h);
        phase = next;
        if STEPS.contains(&k) {
            let state = [&phase.position[..], &phase.velocity[..]].concat();
            file.near(
                &format!("heavyball.symplectic_euler.step{k}"),
                &state,
                1e-12,
            );
        }
    }
}

#[test]
fn implicit_methods_by_every_solver() {
    let file = File::open(CASE);
    let h = file.numbers("h")[0];
    let solvers = [
        Solver::fixed_point(1e-14, 200).unwrap(),
        Solver::anderson(1e-14, 100, 6).unwrap(),
        Solver::newton_krylov(1e-14, 20, 6).unwrap(),
    ];
    let methods = [
        ("implicit_euler", Implicit::Euler),
        ("implicit_midpoint", Implicit::Trapezoid),
    ];
    for ((name, method), solver) in methods
        .iter()
        .flat_map(|m| solvers.iter().map(move |s| (m, s)))
    {
        let mut field = infallible(|_, theta: &Vector| descent(&file, theta));
        let mut y = file.vector("theta0");
        for k in 1..=100 {
            let start = Start {
                t: 0.0,
                y: &y,
                slope: None,
            };
            let Ok(outcome) = method.step(solver, &mut field, start, h, &Componentwise);
            y = outcome.converged(solver).unwrap().y;
            if STEPS.contains(&k) {
                file.near(&format!("{name}.step{k}"), &y, 1e-12);
            }
        }
    }
}

#[test]
fn adaptive_steps_reach_the_matrix_exponential() {
    let file = File::open(CASE);
    let field = infallible(|_, theta: &Vector| descent(&file, theta));
    let mut controller = Adaptive::pi(Tolerance::new(1e-12, 1e-12).unwrap());
    let solve = Solve::new(tableau::TSITOURAS, 0.0, 5.0, 0.05).unwrap();
    let solution = solve
        .run(field, file.vector("theta0"), &mut controller)
        .unwrap();
    file.near("exact.t5", &solution.last().y, 1e-10);
}
