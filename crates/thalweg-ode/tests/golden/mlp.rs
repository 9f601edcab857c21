//! The gradient flow of a small network.

use thalweg_ode::{Adaptive, Solve, Tolerance, Vector, infallible, tableau};

use crate::file::{File, METHODS, STEPS, run};
use crate::network::loss_and_gradient;

const CASE: &str = "integrators_mlp";

fn descent(file: &File, theta: &Vector) -> Vector {
    let (_, gradient) = loss_and_gradient(theta, file.numbers("x"), file.numbers("y"));
    Vector::from(gradient) * -1.0
}

#[test]
fn the_field_is_the_same() {
    let file = File::open(CASE);
    file.near("f0", &descent(&file, &file.vector("theta0")), 1e-14);
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
fn losses_of_eulers_method_are_those_of_gradient_descent() {
    let file = File::open(CASE);
    let loss = |theta: &Vector| loss_and_gradient(theta, file.numbers("x"), file.numbers("y")).0;
    let mut losses = vec![loss(&file.vector("theta0"))];
    let h = file.numbers("h")[0];
    let field = |theta: &Vector| descent(&file, theta);
    run(
        &tableau::EULER,
        field,
        file.vector("theta0"),
        h,
        |_, step| {
            losses.push(loss(&step.y));
        },
    );
    file.near("losses_euler", &losses, 1e-12);
}

#[test]
fn adaptive_steps_reach_the_reference() {
    let file = File::open(CASE);
    let field = infallible(|_, theta: &Vector| descent(&file, theta));
    let mut controller = Adaptive::pi(Tolerance::new(1e-12, 1e-12).unwrap());
    let solve = Solve::new(tableau::DORMAND_PRINCE, 0.0, 20.0, 0.1).unwrap();
    let solution = solve
        .run(field, file.vector("theta0"), &mut controller)
        .unwrap();
    file.near("reference.t20_dop853_rtol1e-12", &solution.last().y, 1e-9);
}
