//! Flows fitted to densities known but for a factor: the posterior of a regression, and a banana.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::models::CouplingFlowConfig;
use thalweg::plot::{HeatMap, Panel, Region};
use thalweg::prelude::*;
use thalweg::sbi::sampler::ImportanceSamples;
use thalweg::sbi::variational::ReverseKl;
use thalweg_examples::{Common, Example, centres, numbers, points, run};

/// Cells along each side of the picture.
const CELLS: usize = 120;

/// A density of the plane, its evidence `ln Z`, and the part of the plane that it lies in.
struct Target {
    name: &'static str,
    log_density: Box<dyn Fn(Tensor<2>) -> Tensor<1>>,
    evidence: f64,
    region: Region,
}

/// Intercept and slope of `y = a + b x + ε`, `ε ~ N(0, 0.3²)`, from 20 points, under the prior N(0, 1): the posterior is
/// normal.
fn regression(noise: &mut Noise, device: &Device) -> Target {
    const DEVIATION: f64 = 0.3;
    let drawn: Tensor<1> = noise.normal([20], device, DType::F32);
    let drawn: Vec<f32> = numbers(drawn);
    let x = |i: usize| i as f64 / 10.0 - 0.5;
    let y: Vec<f64> = (0..20)
        .map(|i| 0.5 - 0.8 * x(i) + DEVIATION * f64::from(drawn[i]))
        .collect();
    let sum = |of: &dyn Fn(usize) -> f64| (0..20).map(of).sum::<f64>() / DEVIATION.powi(2);
    let [xx, sx, sy, xy, yy] = [
        sum(&|i| x(i) * x(i)),
        sum(&x),
        sum(&|i| y[i]),
        sum(&|i| x(i) * y[i]),
        sum(&|i| y[i] * y[i]),
    ];
    // ln Z = −½ (n ln 2πσ² + ln |A| + y·y/σ² − bᵀ A⁻¹ b), with the precision A and b = Xᵀ y / σ².
    let (p, q, r) = (1.0 + sum(&|_| 1.0), sx, 1.0 + xx);
    let determinant = p * r - q * q;
    let explained = (r * sy * sy - 2.0 * q * sy * xy + p * xy * xy) / determinant;
    let constant = 20.0 * (std::f64::consts::TAU * DEVIATION.powi(2)).ln() + yy;
    let log_density = move |theta: Tensor<2>| {
        let [a, b] = [0, 1].map(|k| theta.clone().narrow(1, k, 1));
        let linear = a.clone() * sy + b.clone() * xy;
        let squares = a.clone().square() * p + a * b.clone() * (2.0 * q) + b.square() * r;
        let log = linear - squares * 0.5;
        // The prior's factor and the likelihood's.
        log.sub_scalar(0.5 * constant + std::f64::consts::TAU.ln())
            .reshape([-1])
    };
    Target {
        name: "regression",
        log_density: Box::new(log_density),
        evidence: -0.5 * (constant + determinant.ln() - explained),
        region: Region {
            x: [-0.2, 1.2],
            y: [-1.5, 0.1],
        },
    }
}

/// `a ~ N(0, 1)`, `b | a ~ N(a²/2, 0.3²)` without its factor `2π · 0.3`.
fn banana() -> Target {
    let log_density = |theta: Tensor<2>| {
        let [a, b] = [0, 1].map(|k| theta.clone().narrow(1, k, 1));
        let off = (b - a.clone().square() * 0.5) / 0.3;
        ((a.square() + off.square()) * -0.5).reshape([-1])
    };
    Target {
        name: "banana",
        log_density: Box::new(log_density),
        evidence: (0.3 * std::f64::consts::TAU).ln(),
        region: Region {
            x: [-3.5, 3.5],
            y: [-1.2, 5.8],
        },
    }
}

/// Prints what the draws of the flow say of the target, and the truth.
fn print(example: &Example, target: &Target, draws: &ImportanceSamples) {
    let Target { name, evidence, .. } = target;
    let [elbo, error] = draws.elbo();
    println!("{name}: the true evidence is {evidence:.4} nats");
    println!("{name}: ELBO {elbo:.4} ± {error:.4} nats");
    println!("{name}: {draws}");
    example.set(&format!("{name}_error"), draws.log_evidence() - evidence);
    example.set(&format!("{name}_gap"), evidence - elbo);
    example.set(
        &format!("{name}_ess"),
        draws.ess() / draws.samples().len() as f64,
    );
    example.set(&format!("{name}_k_hat"), draws.k_hat());
}

fn infer(common: &Common) -> Result<(), Box<dyn Error>> {
    let example = common.start("variational_inference")?;
    for target in [regression(&mut example.noise(0), &example.device), banana()] {
        let config = CouplingFlowConfig::nsf(2)
            .with_couplings(4)
            .with_hidden(vec![32, 32]);
        let flow = config
            .with_seed(common.seed)
            .try_init(&example.autodiff())?;
        let steps = example.steps(1500);
        let settings = ReverseKl::new()
            .steps(steps)
            .seed(common.seed)
            .progress(true);
        let fitted = settings.fit(flow, &target.log_density)?;
        let draws = fitted.importance(&target.log_density, 20_000, common.seed)?;
        print(&example, &target, &draws);

        let rows = centres(target.region, CELLS, &example.device);
        let truth = numbers(
            (target.log_density)(rows.clone())
                .sub_scalar(target.evidence)
                .exp(),
        );
        let cells: Vec<f64> = numbers(rows).into_iter().map(f64::from).collect();
        let learned: Vec<f32> = fitted
            .log_prob(&cells)?
            .into_iter()
            .map(|log| log.exp() as f32)
            .collect();
        let samples = points(fitted.draw(2000, &mut example.noise(1)));
        HeatMap::new(target.region)
            .panel(Panel::from_values("posterior", CELLS, CELLS, truth))
            .panel(Panel::from_values("flow", CELLS, CELLS, learned))
            .panel(Panel::from_points("draws", samples))
            .save(example.file(&format!("{}.png", target.name)))?;
    }
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| infer(&Common::parse()))
}
