//! Gradients and seconds that each member of the family takes to a given loss: ill-conditioned
//! logistic regression, an MLP and a NICE on the digits, each on the full batch and on small ones.
//!
//! Prints one table a problem; an argument picks the problems whose title holds it. Rates are swept over a factor of √10 for every method that
//! has one; the adaptive methods have a tolerance and no sweep.

use std::time::Instant;

use thalweg::burn;
use thalweg::burn::module::Param;
use thalweg::burn::tensor::{Int, activation};
use thalweg::data::{Split, digits};
use thalweg::device::from_env;
use thalweg::flow::Mlp;
use thalweg::ode::{Accuracy, Adaptive, Chebyshev, Solver, Tolerance, tableau};
use thalweg::optim::field::{Adam, Gradient, Rms};
use thalweg::optim::{AdaptiveDescent, Descent, Friction, Momentum, Proximal};
use thalweg::optim::{Evaluation, Minimizer};
use thalweg::prelude::*;
use thalweg_benches as _;

type BatchLoss<M> = Box<dyn Fn(&M, usize) -> Tensor<1>>;

/// A model, the loss of a batch by its number, and the loss of all the data.
struct Problem<M> {
    name: &'static str,
    start: M,
    batch_loss: BatchLoss<M>,
    full_loss: Box<dyn Fn(&M) -> f64>,
    target: f64,
    /// The most gradients that a run may take.
    budget: usize,
    /// Steps between two looks at the full loss.
    look_every: usize,
}

type Method<M> = Box<dyn Minimizer<M>>;

/// Name, rates to try, and how to make one.
type Entry<M> = (&'static str, Vec<f64>, Box<dyn Fn() -> Method<M>>);

fn rates(from: i32, to: i32) -> Vec<f64> {
    (2 * from..=2 * to)
        .map(|half| 10f64.powf(0.5 * f64::from(half)))
        .collect()
}

fn chebyshev<M: Module>(accuracy: Accuracy, stages: usize) -> Method<M> {
    let method = Chebyshev::new(accuracy, stages).expect("settings");
    Box::new(Descent::new(Gradient, method))
}

fn entries<M: Module + 'static>() -> Vec<Entry<M>> {
    let beta = Friction::Decay(0.9);
    let adaptive = |tableau| {
        let controller = Adaptive::pi(Tolerance::new(1e-3, 1e-2).expect("settings"));
        AdaptiveDescent::new(Gradient, tableau, controller, 1e-4).expect("settings")
    };
    vec![
        (
            "gradient descent",
            rates(-4, 1),
            Box::new(|| Box::new(Descent::euler(Gradient))),
        ),
        (
            "momentum 0.9",
            rates(-5, 1),
            Box::new(move || Box::new(Momentum::heavy_ball(beta))),
        ),
        (
            "Nesterov 0.9",
            rates(-5, 1),
            Box::new(move || Box::new(Momentum::nesterov(beta))),
        ),
        (
            "RMSprop",
            rates(-4, -1),
            Box::new(|| Box::new(Descent::euler(Rms::default()))),
        ),
        (
            "Adam",
            rates(-4, -1),
            Box::new(|| Box::new(Descent::euler(Adam::default()))),
        ),
        (
            "Heun",
            rates(-4, 1),
            Box::new(|| Box::new(Descent::new(Gradient, &tableau::HEUN))),
        ),
        (
            "RK4",
            rates(-4, 1),
            Box::new(|| Box::new(Descent::new(Gradient, &tableau::RK4))),
        ),
        (
            "Chebyshev of order 2, 8 stages",
            rates(-3, 2),
            Box::new(|| chebyshev(Accuracy::Second, 8)),
        ),
        (
            "Chebyshev of order 1, 16 stages",
            rates(-2, 3),
            Box::new(|| chebyshev(Accuracy::First, 16)),
        ),
        (
            "implicit Euler",
            rates(-2, 2),
            Box::new(|| {
                let solver = Solver::anderson(1e-3, 30, 5).expect("settings");
                Box::new(Proximal::new(Gradient, solver).halvings(6))
            }),
        ),
        (
            "Bogacki–Shampine, adaptive",
            vec![f64::INFINITY],
            Box::new(move || Box::new(adaptive(&tableau::BOGACKI_SHAMPINE))),
        ),
        (
            "Dormand–Prince, adaptive",
            vec![f64::INFINITY],
            Box::new(move || Box::new(adaptive(&tableau::DORMAND_PRINCE))),
        ),
    ]
}

/// Gradients and seconds to the target, or none within the budget.
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

/// Weights of a linear model.
#[derive(Module, Debug)]
struct Linear {
    w: Param<Tensor<2>>,
}

/// 400 rows of 20 features, whose deviations go from 0.1 to 10: a condition number of about 10⁴.
fn logistic(device: &Device, batch: Option<usize>) -> Problem<Linear> {
    let mut noise = Noise::seeded(0);
    let (rows, features) = (400, 20);
    let plain: Tensor<2> = noise.normal([rows, features], device, DType::F32);
    let scales: Vec<f32> = (0..features)
        .map(|i| 10f32.powf(-1.0 + 2.0 * i as f32 / 19.0))
        .collect();
    let scales = Tensor::<1>::from_floats(scales.as_slice(), device).unsqueeze::<2>();
    let truth: Tensor<2> = noise.normal([features, 1], device, DType::F32);
    let score = plain.clone().matmul(truth) + noise.normal([rows, 1], device, DType::F32);
    let labels = score.greater_elem(0.0).float();
    let x = plain * scales;
    let loss = move |model: &Linear, x: Tensor<2>, y: Tensor<2>| {
        let score = x.matmul(model.w.val());
        // ln(1 + eˢ) − y s, and a little of ‖w‖² so that there is a minimum.
        let fit = activation::softplus(score.clone(), 1.0) - y * score;
        fit.mean() + model.w.val().square().sum() * 1e-4
    };
    let full = {
        let (x, y) = (x.clone(), labels.clone());
        move |m: &Linear| loss(m, x.clone(), y.clone())
    };
    let full_value = {
        let full = full.clone();
        move |m: &Linear| full(&m.valid()).into_scalar::<f64>()
    };
    let w = Param::from_tensor(Tensor::zeros([features, 1], &device.clone().autodiff()));
    Problem {
        name: if batch.is_some() {
            "Logistic regression, batches of 50,"
        } else {
            "Logistic regression, full batch,"
        },
        start: Linear { w },
        batch_loss: match batch {
            None => Box::new(move |m, _| full(m)),
            Some(size) => {
                let batches = Batches::new((x, labels), size, 0);
                Box::new(move |m, step| {
                    let (x, y) = nth(&batches, step);
                    loss(m, x, y)
                })
            }
        },
        full_loss: Box::new(full_value),
        target: if batch.is_some() { 0.21 } else { 0.205 },
        budget: 5_000,
        look_every: if batch.is_some() { 4 } else { 1 },
    }
}

/// Batch number `step` of an endless walk.
fn nth<R: thalweg::data::Rows>(batches: &Batches<R>, step: usize) -> R {
    let (epoch, index) = (step / batches.len(), step % batches.len());
    batches.epoch(epoch).nth(index).expect("a batch")
}

fn mlp_on_digits(device: &Device, batch: Option<usize>) -> Problem<Mlp> {
    let images = digits().select(&Split::modulo(digits().count()).train);
    let x = images.to_tensor(device) / 16.0;
    let labels = images.label_tensor(device).expect("labels");
    let loss = |model: &Mlp, x: Tensor<2>, y: Tensor<1, Int>| {
        let n = x.dims()[0];
        let log = activation::log_softmax(model.forward(x), 1);
        log.gather(1, y.reshape([n, 1])).mean().neg()
    };
    let full_value = {
        let (x, y) = (x.clone(), labels.clone());
        move |m: &Mlp| loss(&m.valid(), x.clone(), y.clone()).into_scalar::<f64>()
    };
    let net =
        MlpConfig::new(64, vec![64], 10).init(&mut Noise::seeded(0), &device.clone().autodiff());
    Problem {
        name: if batch.is_some() {
            "MLP on the digits, batches of 64,"
        } else {
            "MLP on the digits, full batch,"
        },
        start: net,
        batch_loss: match batch {
            None => Box::new(move |m, _| loss(m, x.clone(), labels.clone())),
            Some(size) => {
                let batches = Batches::new((x, labels), size, 0);
                Box::new(move |m, step| {
                    let (x, y) = nth(&batches, step);
                    loss(m, x, y)
                })
            }
        },
        full_loss: Box::new(full_value),
        target: 0.1,
        budget: 1_500,
        look_every: if batch.is_some() { 10 } else { 2 },
    }
}

fn nice_on_digits(
    device: &Device,
    batch: Option<usize>,
) -> Result<Problem<Nice>, Box<dyn std::error::Error>> {
    let images = digits().select(&Split::modulo(digits().count()).train);
    let x = images.to_tensor(device);
    let nice = NiceConfig::paper(64, 17)
        .with_hidden(128)
        .with_depth(2)
        .init(&device.clone().autodiff());
    let nice = nice.initialize(x.clone(), &mut Noise::seeded(0))?;
    let full_value = {
        let x = x.clone();
        move |m: &Nice| {
            m.valid()
                .loss(x.clone(), &mut Noise::seeded(1))
                .expect("the digits are levels")
                .into_scalar::<f64>()
        }
    };
    Ok(Problem {
        name: if batch.is_some() {
            "NICE on the digits, batches of 64,"
        } else {
            "NICE on the digits, full batch,"
        },
        start: nice,
        batch_loss: match batch {
            // One noise for the full batch: one function.
            None => Box::new(move |m, _| {
                let loss = m.loss(x.clone(), &mut Noise::seeded(0));
                loss.expect("the digits are levels")
            }),
            Some(size) => {
                let batches = Batches::new(x, size, 0);
                Box::new(move |m, step| {
                    let loss = m.loss(nth(&batches, step), &mut Noise::seeded(step as u64));
                    loss.expect("the digits are levels")
                })
            }
        },
        full_loss: Box::new(full_value),
        target: -57.0,
        budget: if batch.is_some() { 600 } else { 200 },
        look_every: if batch.is_some() { 10 } else { 2 },
    })
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
