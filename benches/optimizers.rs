//! The gradients and the seconds that each optimizer needs to reach a given loss, on the problems of `problems`.
//!
//! Prints one table for each problem; an argument selects the problems with this text in their title. Rates are
//! swept over powers of √10. The adaptive methods have a tolerance and no sweep.

use std::time::Instant;

use thalweg::device::from_env;
use thalweg::ode::{Accuracy, Adaptive, Chebyshev, Solver, Tableau, Tolerance, tableau};
use thalweg::optim::field::{Adam, Gradient, Rms};
use thalweg::optim::{AdaptiveDescent, Descent, Friction, Momentum, Proximal};
use thalweg::optim::{Evaluation, Minimizer};
use thalweg::prelude::*;
use thalweg_benches::problems::{Problem, logistic, mlp_on_digits, nice_on_digits};

type Method<M> = Box<dyn Minimizer<M>>;

/// A name, the rates to try, and how to make the method.
type Entry<M> = (&'static str, Vec<f64>, Box<dyn Fn() -> Method<M>>);

fn entry<M: Module, Z: Minimizer<M> + 'static>(
    name: &'static str,
    rates: Vec<f64>,
    make: impl Fn() -> Z + 'static,
) -> Entry<M> {
    (name, rates, Box::new(move || Box::new(make())))
}

/// Powers of √10, from `10^from` to `10^to`.
fn rates(from: i32, to: i32) -> Vec<f64> {
    (2 * from..=2 * to)
        .map(|half| 10f64.powf(0.5 * f64::from(half)))
        .collect()
}

/// The methods that run, with the rates of their sweep; the adaptive ones have none.
fn entries<M: Module + 'static>() -> Vec<Entry<M>> {
    const BETA: Friction = Friction::Decay(0.9);
    fn adaptive(pair: &'static Tableau) -> AdaptiveDescent<Gradient, &'static Tableau> {
        let controller = Adaptive::pi(Tolerance::new(1e-3, 1e-2).expect("settings"));
        AdaptiveDescent::new(Gradient, pair, controller, 1e-4).expect("settings")
    }
    fn chebyshev(accuracy: Accuracy, stages: usize) -> Descent<Gradient, Chebyshev> {
        Descent::new(
            Gradient,
            Chebyshev::new(accuracy, stages).expect("settings"),
        )
    }
    fn implicit() -> Proximal<Gradient> {
        let solver = Solver::anderson(1e-3, 30, 5).expect("settings");
        Proximal::new(Gradient, solver).halvings(6)
    }
    let none = || vec![f64::INFINITY];
    vec![
        entry("gradient descent", rates(-4, 1), || {
            Descent::euler(Gradient)
        }),
        entry("momentum 0.9", rates(-5, 1), || Momentum::heavy_ball(BETA)),
        entry("Nesterov 0.9", rates(-5, 1), || Momentum::nesterov(BETA)),
        entry("RMSprop", rates(-4, -1), || Descent::euler(Rms::default())),
        entry("Adam", rates(-4, -1), || Descent::euler(Adam::default())),
        entry("Heun", rates(-4, 1), || {
            Descent::new(Gradient, &tableau::HEUN)
        }),
        entry("RK4", rates(-4, 1), || {
            Descent::new(Gradient, &tableau::RK4)
        }),
        entry("Chebyshev of order 2, 8 stages", rates(-3, 2), || {
            chebyshev(Accuracy::Second, 8)
        }),
        entry("Chebyshev of order 1, 16 stages", rates(-2, 3), || {
            chebyshev(Accuracy::First, 16)
        }),
        entry("implicit Euler", rates(-2, 2), implicit),
        entry("Bogacki–Shampine, adaptive", none(), || {
            adaptive(&tableau::BOGACKI_SHAMPINE)
        }),
        entry("Dormand–Prince, adaptive", none(), || {
            adaptive(&tableau::DORMAND_PRINCE)
        }),
    ]
}

/// The gradients and the seconds to the target, or none within the budget.
fn run<M: Module>(
    problem: &Problem<M>,
    method: &mut dyn Minimizer<M>,
    h: f64,
) -> Option<(usize, f64)> {
    let (mut model, mut gradients, mut seconds) = (problem.start.clone(), 0, 0.0);
    for step in 0.. {
        if step % problem.look_every == 0 {
            let loss = (problem.full_loss)(&model);
            if loss <= problem.target {
                return Some((gradients, seconds));
            }
            if !loss.is_finite() || gradients >= problem.budget {
                return None;
            }
        }
        let started = Instant::now();
        let mut objective = |model: &M| {
            gradients += 1;
            Evaluation::new((problem.batch_loss)(model, step), model)
        };
        let (moved, loss) = method.step(h, model, &mut objective);
        seconds += started.elapsed().as_secs_f64();
        model = moved;
        loss.ok()?.read().ok()?;
    }
    None
}

fn race<M: Module + 'static>(problem: &Problem<M>) {
    // `cargo bench` itself passes a flag.
    let mut wanted = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    if wanted
        .next()
        .is_some_and(|part| !problem.name.contains(&part))
    {
        return;
    }
    println!("\n### {} to {}\n", problem.name, problem.target);
    println!("| method | best rate | gradients | seconds |\n|---|---|---|---|");
    for (name, rates, make) in entries::<M>() {
        let results = rates.into_iter().filter_map(|h| {
            let (gradients, seconds) = run(problem, &mut *make(), h)?;
            Some((h, gradients, seconds))
        });
        match results.min_by_key(|(_, gradients, _)| *gradients) {
            Some((h, gradients, seconds)) => {
                let rate = if h.is_finite() {
                    format!("{h:.1e}")
                } else {
                    "—".into()
                };
                println!("| {name} | {rate} | {gradients} | {seconds:.2} |");
            }
            None => println!("| {name} | | not within {} | |", problem.budget),
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    race(&logistic(device, None));
    race(&logistic(device, Some(50)));
    race(&mlp_on_digits(device, None));
    race(&mlp_on_digits(device, Some(64)));
    race(&nice_on_digits(device, None)?);
    race(&nice_on_digits(device, Some(64))?);
    Ok(())
}
