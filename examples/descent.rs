//! The optimizers as integrators: which leave a local minimum, and how each descends a curved, narrow valley.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::burn::{self, module::Param};
use thalweg::ode::{Accuracy, Adaptive, Chebyshev, Solver, Tolerance, tableau};
use thalweg::optim::field::{Adam, Gradient, Normalized, Polyak, Rms, Sign};
use thalweg::optim::*;
use thalweg::plot::CurveChart;
use thalweg::prelude::*;
use thalweg_examples::{Common, Example, numbers, run};

/// A point of the line or the plane, the only parameter.
#[derive(Module, Debug)]
struct Position {
    x: Param<Tensor<1>>,
}

const BETA: Friction = Friction::Decay(0.9);
/// A method, its name, and a step that suits it.
type Member = (&'static str, f64, Box<dyn Minimizer<Position>>);
type Group = (&'static str, Vec<Member>);

fn member(name: &'static str, h: f64, method: impl Minimizer<Position> + 'static) -> Member {
    (name, h, Box::new(method))
}

/// `x (x − 1)(x − 3)² + 1.62276`: a minimum of 1.62 at 3, the lowest, of about 0, at 0.41.
fn hill(p: &Position) -> Tensor<1> {
    let x = p.x.val();
    (x.clone() * (x.clone() - 1.0) * (x - 3.0).square()).add_scalar(1.62276)
}

/// Rosenbrock's `(1 − x)² + 100 (y − x²)²`: lowest at (1, 1), at the end of a bent valley.
fn valley(p: &Position) -> Tensor<1> {
    let [x, y] = [0, 1].map(|axis| p.x.val().narrow(0, axis, 1));
    (x.clone() - 1.0).square() + (y - x.square()).square().mul_scalar(100.0)
}

/// The methods of the plane in three groups.
fn family() -> Result<[Group; 3], Box<dyn Error>> {
    let tolerance = Adaptive::pi(Tolerance::new(1e-3, 1e-2)?);
    let adaptive = AdaptiveDescent::new(Gradient, &tableau::BOGACKI_SHAMPINE, tolerance, 1e-4)?;
    let stiff = Descent::new(Gradient, Chebyshev::new(Accuracy::Second, 8)?);
    let implicit = Proximal::new(Gradient, Solver::anderson(1e-4, 100, 2)?).halvings(8);
    let flow = vec![
        member("gradient descent", 1e-3, Descent::euler(Gradient)),
        member("Heun", 1e-3, Descent::new(Gradient, &tableau::HEUN)),
        member("RK4", 1e-3, Descent::new(Gradient, &tableau::RK4)),
        member("Bogacki-Shampine", 1.0, adaptive),
        member("Chebyshev, 8 stages", 0.02, stiff),
        member("implicit Euler", 0.1, implicit),
    ];
    let second = vec![
        member("momentum", 1e-3, Momentum::heavy_ball(BETA)),
        member("Nesterov", 1e-3, Momentum::nesterov(BETA)),
        member("Nesterov, midpoint", 1e-3, Momentum::midpoint(BETA)),
        member("Langevin", 5e-4, Langevin::new(0.05, 0)),
    ];
    let scaled = vec![
        member("sign", 0.01, Descent::euler(Sign)),
        member("normalized", 0.01, Descent::euler(Normalized)),
        member("RMSprop", 0.01, Descent::euler(Rms::default())),
        member("Adam", 0.05, Descent::euler(Adam::default())),
        member("Polyak", 0.1, Descent::euler(Polyak { bound: 1000.0 })),
    ];
    Ok([("flow", flow), ("momentum", second), ("scaled", scaled)])
}

/// Draws the path of each method from `start`: over the steps on the line, in the plane of its two numbers.
fn follow(
    (example, picture, steps): (&Example, &str, usize),
    mut chart: CurveChart,
    members: Vec<Member>,
    start: &[f32],
    loss: fn(&Position) -> Tensor<1>,
) -> Result<(), Box<dyn Error>> {
    let point = |step: usize, x: &[f32]| match x {
        [x, y] => (f64::from(*x), *y),
        x => (step as f64, x[0]),
    };
    for (name, h, mut method) in members {
        let x = Param::from_tensor(Tensor::from_floats(start, &example.autodiff()));
        let (mut position, mut curve) = (Position { x }, vec![point(0, start)]);
        for step in 1..=example.steps(steps) {
            let mut objective = |p: &Position| Evaluation::new(loss(p), p);
            let (moved, made) = method.step(h, position, &mut objective);
            (position, _) = (moved, made?);
            curve.push(point(step, &numbers(position.x.val())));
        }
        let end: f64 = loss(&position).into_scalar();
        println!("{picture}: {name:22} ends with a loss of {end:.1e}");
        example.set(name, end);
        chart = chart.series(name, curve);
    }
    Ok(chart.save(example.file(&format!("{picture}.png")))?)
}

fn descent(common: &Common) -> Result<(), Box<dyn Error>> {
    let example = common.start("descent")?;
    let line = vec![
        member("gradient descent", 0.01, Descent::euler(Gradient)),
        member("momentum", 0.01, Momentum::heavy_ball(BETA)),
        member("Polyak", 0.01, Descent::euler(Polyak { bound: 1000.0 })),
    ];
    let chart = CurveChart::new("step", "x").reference("lowest", 0.407);
    follow((&example, "hill", 2500), chart, line, &[4.0], hill)?;
    for (group, members) in family()? {
        let chart = CurveChart::new("x", "y").y_range(-0.5, 1.6);
        follow((&example, group, 400), chart, members, &[-1.2, 1.0], valley)?;
    }
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| descent(&Common::parse()))
}
