//! The optimizers as integrators: who leaves a local minimum, and how each goes down a curved, narrow valley.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::burn::{self, module::Param};
use thalweg::ode::{Accuracy, Adaptive, Chebyshev, Solver, Tolerance, tableau};
use thalweg::optim::field::{Adam, Gradient, Normalized, Polyak, Rms, Sign};
use thalweg::optim::{AdaptiveDescent, Descent, Friction, Langevin, Momentum, Proximal};
use thalweg::optim::{Evaluation, Minimizer};
use thalweg::plot::CurveChart;
use thalweg::prelude::*;
use thalweg_examples::{Common, numbers, run};

/// Follows every member of the family from one point.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
}

/// A point of the line or the plane, which is all that trains.
#[derive(Module, Debug)]
struct Position {
    x: Param<Tensor<1>>,
}

type Family = Vec<(&'static str, f64, Box<dyn Minimizer<Position>>)>;

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

/// Those of the plane, each with a step that suits it.
fn family() -> Result<[(&'static str, Family); 3], Box<dyn Error>> {
    let tolerance = Adaptive::pi(Tolerance::new(1e-3, 1e-2)?);
    let adaptive = AdaptiveDescent::new(Gradient, &tableau::BOGACKI_SHAMPINE, tolerance, 1e-4)?;
    let chebyshev = Chebyshev::new(Accuracy::Second, 8)?;
    let implicit = Proximal::new(Gradient, Solver::anderson(1e-4, 100, 2)?).halvings(8);
    let beta = Friction::Decay(0.9);
    let flow: Family = vec![
        ("gradient descent", 1e-3, Box::new(Descent::euler(Gradient))),
        (
            "Heun",
            1e-3,
            Box::new(Descent::new(Gradient, &tableau::HEUN)),
        ),
        ("RK4", 1e-3, Box::new(Descent::new(Gradient, &tableau::RK4))),
        ("Bogacki-Shampine", 1.0, Box::new(adaptive)),
        (
            "Chebyshev, 8 stages",
            0.02,
            Box::new(Descent::new(Gradient, chebyshev)),
        ),
        ("implicit Euler", 0.1, Box::new(implicit)),
    ];
    let second: Family = vec![
        ("momentum", 1e-3, Box::new(Momentum::heavy_ball(beta))),
        ("Nesterov", 1e-3, Box::new(Momentum::nesterov(beta))),
        (
            "Nesterov, midpoint",
            1e-3,
            Box::new(Momentum::midpoint(beta)),
        ),
        ("Langevin", 5e-4, Box::new(Langevin::new(0.05, 0))),
    ];
    let scaled: Family = vec![
        ("sign", 0.01, Box::new(Descent::euler(Sign))),
        ("normalized", 0.01, Box::new(Descent::euler(Normalized))),
        ("RMSprop", 0.01, Box::new(Descent::euler(Rms::default()))),
        ("Adam", 0.05, Box::new(Descent::euler(Adam::default()))),
        (
            "Polyak",
            0.1,
            Box::new(Descent::euler(Polyak { bound: 1000.0 })),
        ),
    ];
    Ok([("flow", flow), ("momentum", second), ("scaled", scaled)])
}

/// Positions, and how many gradients they took.
type Path = (Vec<Vec<f32>>, usize);

/// The positions of so many steps, the first one included, and how many gradients they took.
fn path(
    method: &mut dyn Minimizer<Position>,
    h: f64,
    start: &[f32],
    steps: usize,
    device: &Device,
    loss: fn(&Position) -> Tensor<1>,
) -> Result<Path, Box<dyn Error>> {
    let x = Tensor::from_floats(start, &device.clone().autodiff());
    let mut position = Position {
        x: Param::from_tensor(x),
    };
    let (mut points, mut gradients) = (vec![start.to_vec()], 0);
    for _ in 0..steps {
        let mut objective = |p: &Position| {
            gradients += 1;
            Evaluation::new(loss(p), p)
        };
        let (moved, made) = method.step(h, position, &mut objective);
        made?;
        position = moved;
        points.push(numbers(position.x.val()));
    }
    Ok((points, gradients))
}

fn descent(Options { common }: &Options) -> Result<(), Box<dyn Error>> {
    let selected = common.device()?;
    let (device, mut report) = (&selected.device, common.report("descent", selected.name)?);
    let file = |name: &str| common.file("descent", &format!("{name}.png"));

    let (polyak, beta) = (Polyak { bound: 1000.0 }, Friction::Decay(0.9));
    let line: Family = vec![
        ("gradient descent", 0.01, Box::new(Descent::euler(Gradient))),
        ("momentum", 0.01, Box::new(Momentum::heavy_ball(beta))),
        (
            "bounded Polyak flow",
            0.01,
            Box::new(Descent::euler(polyak)),
        ),
    ];
    let mut chart = CurveChart::new("step", "x").reference("lowest", 0.407);
    for (name, h, mut method) in line {
        let (points, _) = path(&mut *method, h, &[4.0], common.steps(2500), device, hill)?;
        let end = points[points.len() - 1][0];
        println!("x (x − 1)(x − 3)² from 4: {name} ends at {end:.3}");
        report.set(name, f64::from(end));
        let curve = points
            .iter()
            .enumerate()
            .map(|(step, x)| (step as f64, x[0]));
        chart = chart.series(name, curve.collect::<Vec<_>>());
    }
    chart.save(file("hill"))?;

    for (group, members) in family()? {
        let mut chart = CurveChart::new("x", "y").y_range(-0.5, 1.6);
        for (name, h, mut method) in members {
            let (points, gradients) = path(
                &mut *method,
                h,
                &[-1.2, 1.0],
                common.steps(400),
                device,
                valley,
            )?;
            let [x, y] = [0, 1].map(|axis| f64::from(points[points.len() - 1][axis]));
            let end = (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
            println!("valley: {name:22} {gradients:6} gradients, ends at {end:.1e}");
            report.set(name, end);
            let curve = points.iter().map(|p| (f64::from(p[0]), p[1]));
            chart = chart.series(name, curve.collect::<Vec<_>>());
        }
        chart.save(file(group))?;
    }
    report.finish(common, "descent");
    Ok(())
}

fn main() -> ExitCode {
    run(|| descent(&Options::parse()))
}
